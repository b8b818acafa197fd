/** Claude as the program has it, wired to the stand-in, and briefs to give it. */

import type { AnthropicOptions } from "../../mcp-server/simulator/anthropic/anthropic.ts";
import {
  createIntelligence,
  type IntelligenceOptions,
} from "../../mcp-server/src/enrichment/intelligence.ts";
import type { BriefAnswer, CompanyBrief } from "../../mcp-server/src/ports/enrichment.ts";
import { fakeClock } from "./clock.ts";
import { serveAnthropic } from "./providers.ts";
import { keptLog } from "./quiet-log.ts";

/** A stand-in on a clock of its own and the adapter that talks to it; both end with the test. */
export async function startIntelligence(
  standIn: AnthropicOptions = {},
  own: Partial<IntelligenceOptions> = {},
) {
  const clock = fakeClock("2026-11-21T09:00:00.000Z");
  const served = await serveAnthropic({ now: clock.now, ...standIn });
  const options: IntelligenceOptions = {
    apiKey: served.key,
    baseUrl: served.url,
    model: "claude-haiku-5-5",
    clock,
    log: keptLog(),
    random: () => 0,
    ...own,
  };
  const intelligence = createIntelligence(options);
  const write = (
    briefs: readonly CompanyBrief[],
    more: { resumeBatch?: string; onBatch?: (id: string) => Promise<void> } = {},
  ) => intelligence.write(briefs, { signal: new AbortController().signal, ...more });
  return { ...served, clock, intelligence, write, options };
}

/** A brief of a company with three facts. */
export function brief(name: string, contacts = 2): CompanyBrief {
  return {
    id: `b_${name}`,
    facts: [
      { id: "F1", text: `Company name: ${name}` },
      { id: "F2", text: "Industry: logistics" },
      { id: "F3", text: "Employees: 201-500" },
    ],
    contacts: Array.from({ length: contacts }, (_, index) => ({
      key: `c${index + 1}`,
      first_name: "Ada",
      job_title: "Head of Operations",
      seniority: "director",
      department: "operations",
      country: "DE",
      engagement_state: null,
    })),
    withheld: [],
  };
}

/** What became of each contact, in order. */
export function kinds(answer: BriefAnswer | undefined): readonly string[] {
  return [...(answer?.contacts.values() ?? [])].map((text) => text.kind);
}

/** How many messages were asked for directly. */
export function posted(seen: readonly { path: string; method: string }[]): number {
  return seen.filter((request) => request.method === "POST" && request.path === "/v1/messages")
    .length;
}
