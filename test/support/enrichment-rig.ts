/** A real store, the provider stand-ins, the real adapters and the enrichment worker, run as real jobs under a test's clock. */
import { onTestFinished } from "vitest";
import type { AnthropicOptions } from "../../mcp-server/simulator/anthropic/anthropic.ts";
import type { ExploriumOptions } from "../../mcp-server/simulator/explorium/explorium.ts";
import type { Contact, ContactFields } from "../../mcp-server/src/core/contact.ts";
import type { Job } from "../../mcp-server/src/core/job.ts";
import { createExplorium } from "../../mcp-server/src/enrichment/explorium.ts";
import { createIntelligence } from "../../mcp-server/src/enrichment/intelligence.ts";
import { type AppEvent, Events } from "../../mcp-server/src/events.ts";
import type { JobHandler } from "../../mcp-server/src/ports/jobs.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import type { EnrichmentSettings } from "../../mcp-server/src/workers/enrichment-job.ts";
import { createEnrichmentWorker } from "../../mcp-server/src/workers/enrichment-worker.ts";
import { createJobRunner, type JobRunner } from "../../mcp-server/src/workers/job-runner.ts";
import { newContactAt } from "./build.ts";
import { type FakeClock, fakeClock } from "./clock.ts";
import { type Served, serveAnthropic, serveExplorium } from "./providers.ts";
import { type KeptLog, keptLog } from "./quiet-log.ts";
import { tempStore } from "./store.ts";
import { contactByEmail, insertContact } from "./stored-contacts.ts";

export const START = "2026-11-21T09:00:00.000Z";
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export interface RigOptions {
  readonly explorium?: ExploriumOptions | null;
  readonly anthropic?: AnthropicOptions | null;
  readonly batchThreshold?: number;
  readonly settings?: Partial<EnrichmentSettings>;
}

export interface EnrichmentRig {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly log: KeptLog;
  readonly events: AppEvent[];
  readonly explorium: Awaited<ReturnType<typeof serveExplorium>>;
  readonly anthropic: Awaited<ReturnType<typeof serveAnthropic>>;
  /** The runner in use; `restart` replaces it, as a new process would. */
  readonly jobs: () => JobRunner;
  restart(): Promise<void>;
  /** Adds an imported contact and returns its id. */
  contact(email: string, fields?: Partial<ContactFields>): Promise<number>;
  one(email: string): Promise<Contact>;
  /** Runs one enrichment to its end. */
  enrich(args?: Readonly<Record<string, unknown>>): Promise<Job>;
}

/** What an import knows of somebody whom the providers can say more about. */
export const ada = {
  first_name: "Ada",
  last_name: "Lovelace",
  domain: "acme.com",
  job_title: "VP Engineering",
  country: "US",
} as const;

const unused: JobHandler = () => Promise.reject(new Error("not part of this test"));

/** Everything wired; it all ends with the test. `explorium` or `anthropic` null: that key is not set. */
export async function enrichmentRig(options: RigOptions = {}): Promise<EnrichmentRig> {
  const clock = fakeClock(START);
  const explorium = await serveExplorium({ now: clock.now, ...options.explorium });
  const anthropic = await serveAnthropic({ now: clock.now, ...options.anthropic });
  const store = await tempStore();
  const log = keptLog();
  const seen: AppEvent[] = [];
  const make = () => startRunner({ options, clock, explorium, anthropic, store, log, seen });
  let jobs = make();
  onTestFinished(async () => {
    await jobs.stop();
    await store.close();
  });
  return {
    store,
    clock,
    log,
    events: seen,
    explorium,
    anthropic,
    jobs: () => jobs,
    restart: async () => {
      await jobs.stop();
      jobs = make();
    },
    contact: (email, fields = {}) =>
      insertContact(store, newContactAt(clock.iso(), { ...fields, email })),
    one: (email) => contactByEmail(store, email),
    enrich: async (args = {}) => {
      const { job } = await jobs.start("enrich", args);
      return await jobs.wait(job.job_id, 20_000);
    },
  };
}

function startRunner(parts: {
  readonly options: RigOptions;
  readonly clock: FakeClock;
  readonly explorium: Served & { readonly baseUrl: string; readonly key: string };
  readonly anthropic: Served & { readonly key: string };
  readonly store: Store;
  readonly log: KeptLog;
  readonly seen: AppEvent[];
}): JobRunner {
  const { options, clock, store, log } = parts;
  const events = new Events(() => undefined);
  events.on("contacts-enriched", (event) => parts.seen.push(event));
  const shared = { clock, log, random: () => 0 };
  const worker = createEnrichmentWorker({
    store,
    clock,
    log,
    events,
    companyData:
      options.explorium === null
        ? null
        : createExplorium({
            ...shared,
            apiKey: parts.explorium.key,
            baseUrl: parts.explorium.baseUrl,
          }),
    intelligence:
      options.anthropic === null
        ? null
        : createIntelligence({
            ...shared,
            apiKey: parts.anthropic.key,
            baseUrl: parts.anthropic.url,
            model: "claude-haiku-5-5",
            batchThreshold: options.batchThreshold ?? 200,
          }),
    options: options.settings ?? {},
  });
  return createJobRunner({
    store,
    handlers: { enrich: worker.run, import: unused, sync: unused },
    clock,
    newId: nextId(),
    log,
    events,
    owner: `test-${++processes}`,
  });
}

let processes = 0;
let ids = 0;

function nextId(): (prefix: string) => string {
  return (prefix) => `${prefix}_${String(++ids).padStart(6, "0")}`;
}
