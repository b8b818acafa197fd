/** Lemlist, Explorium and Claude as the program has them, before services that lie, on a clock of the test's own. */
import { afterAll, beforeEach } from "vitest";
import { startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { createExplorium } from "../../mcp-server/src/enrichment/explorium.ts";
import { createIntelligence } from "../../mcp-server/src/enrichment/intelligence.ts";
import { createLemlistSource } from "../../mcp-server/src/sources/lemlist.ts";
import { fakeClock } from "../support/clock.ts";
import { keptLog } from "../support/quiet-log.ts";
import { hostileHost, type Manner } from "./hostile-host.ts";
import { canaries } from "./laws.ts";

export const clock = fakeClock("2026-11-21T12:00:00.000Z");
const simulator = await startSimulator({
  now: clock.now,
  lemlist: { apiKey: canaries.lemlistKey },
  explorium: { apiKey: canaries.exploriumKey },
  anthropic: { apiKey: canaries.anthropicKey },
});
afterAll(() => simulator.close());
const world = { clock, log: keptLog(), random: () => 0 };

const origin = (url: string): string => new URL(url).origin;
export const lemlistHost = await hostileHost(origin(simulator.lemlistUrl));
export const exploriumHost = await hostileHost(origin(simulator.exploriumUrl));
export const claudeHost = await hostileHost(origin(simulator.anthropicUrl));

const lemlist = createLemlistSource({
  ...world,
  apiKey: canaries.lemlistKey,
  baseUrl: `${lemlistHost.url}/api`,
});
export const explorium = () =>
  createExplorium({
    ...world,
    apiKey: canaries.exploriumKey,
    baseUrl: `${exploriumHost.url}/v1`,
    timeoutMs: 3_000,
  });
export const claude = (over: { batchThreshold?: number } = {}) =>
  createIntelligence({
    ...world,
    apiKey: canaries.anthropicKey,
    baseUrl: claudeHost.url,
    model: "claude-haiku-5-5",
    timeoutMs: 3_000,
    ...over,
  });

beforeEach(() => {
  simulator.lemlist.reset();
  const campaign = simulator.lemlist.addCampaign({ name: "Spring" });
  for (const name of ["ada", "bob"])
    simulator.lemlist.addLead(campaign._id, { fields: { email: `${name}@example.com` } });
  simulator.lemlist.addUnsubscribe("bob@example.com");
});

export const signal = new AbortController().signal;

export async function importLeads(withinMs = 60_000) {
  const resume = { checkpoint: null, signal: AbortSignal.timeout(withinMs) };
  const source = await lemlist({ source: "lemlist" }, resume);
  const rows = [];
  for await (const batch of source.batches()) rows.push(...batch.rows);
  return rows;
}

export const lookUp = (...domains: string[]) =>
  explorium().lookup(
    domains.map((domain) => ({ domain, name: null })),
    signal,
  );

/** A success with this body. */
export const say = (body: object): Manner => ({
  kind: "bytes",
  status: 200,
  body: Buffer.from(JSON.stringify(body)),
  headers: {},
});
