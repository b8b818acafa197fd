/** The sync benchmark: 10,000 enriched contacts of 2,000 companies into a HubSpot that allows 100 requests per 10 s. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Simulator, startSimulator } from "../simulator/simulator.ts";
import { type App, openApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";

export interface SyncBenchOptions {
  readonly contacts: number;
  readonly companies: number;
  /** Requests per 10 s that HubSpot allows and the program may use. */
  readonly burstLimit: number;
  /** Share of contacts and companies that HubSpot already has. */
  readonly existing: number;
}

const WINDOW_MS = 10_000;

/**
 * Figures of a first sync and of a second one with nothing changed. `requests_per_100` counts every HubSpot request, set-up
 * included. `budget_share` is the part of the burst budget used in the full 10-second windows of the run (null when it was shorter
 * than one). `floor_requests` is the least that HubSpot's batch sizes allow for this work.
 */
export async function benchSync(options: SyncBenchOptions): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), "bench-sync-"));
  const simulator = await startSimulator({
    hubspot: { settings: { burstLimit: options.burstLimit } },
  });
  const app = await openApp(configFor(simulator, { folder, burstLimit: options.burstLimit }));
  try {
    seedHubspot(simulator, options);
    await seedContacts(app, options);
    await simulatedLag(simulator);
    const first = await measured(app, simulator);
    const second = await measured(app, simulator);
    return {
      ...options,
      first: shown(first, options),
      second: shown(second, options),
      ...outcome(simulator),
    };
  } finally {
    await app.stop();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function configFor(
  simulator: Simulator,
  { folder, burstLimit }: { folder: string; burstLimit: number },
) {
  return readConfig({
    DATABASE_URL: join(folder, "sync.db"),
    HUBSPOT_BASE_URL: simulator.hubspotUrl,
    HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
    HUBSPOT_BURST_LIMIT: String(burstLimit),
    LOG_LEVEL: "warn",
  });
}

const domainOf = (company: number): string => `company-${company}.com`;
const emailOf = (contact: number, companies: number): string =>
  `person-${contact}@${domainOf(contact % companies)}`;

function seedHubspot(
  simulator: Simulator,
  { contacts, companies, existing }: SyncBenchOptions,
): void {
  simulator.hubspot.seedCompanies(
    range(Math.floor(companies * existing)).map((n) => ({
      domain: domainOf(n),
      name: `Company ${n}`,
    })),
  );
  simulator.hubspot.seedContacts(
    range(Math.floor(contacts * existing)).map((n) => ({
      email: emailOf(n, companies),
      firstname: "Pat",
      lastname: `Number ${n}`,
    })),
  );
}

async function seedContacts(app: App, { contacts, companies }: SyncBenchOptions): Promise<void> {
  const now = new Date().toISOString();
  const size = 500;
  for (let from = 0; from < contacts; from += size) {
    const rows = range(Math.min(size, contacts - from)).map((n) =>
      contactRow(from + n, companies, now),
    );
    const inserted = await app.store.contacts.insert(rows);
    await app.store.contacts.updateAll(
      inserted.map(({ id }) => id),
      { status: "enriched", enriched_at: now, quality_score: 80, intelligence },
      now,
    );
  }
}

const intelligence = {
  summary: "A mid-sized firm that is hiring in sales.",
  pain_points: ["Sales and finance keep separate customer lists"],
  personalization_hooks: ["They opened a new office this spring"],
  confidence: 0.7,
  evidence_ids: ["F1"],
  model: "bench",
};

function contactRow(
  n: number,
  companies: number,
  now: string,
): Parameters<App["store"]["contacts"]["insert"]>[0][number] {
  return {
    source: "csv",
    imported_at: now,
    fields: {
      email: emailOf(n, companies),
      first_name: "Pat",
      last_name: `Number ${n}`,
      company: `Company ${n % companies}`,
      domain: domainOf(n % companies),
      job_title: "Head of Finance",
      phone: null,
      country: "DE",
      city: "Berlin",
      website: domainOf(n % companies),
      linkedin_url: null,
      custom: null,
      email_status: null,
      engagement_state: null,
      unsubscribed: false,
    },
  };
}

/** The search index must know the seeded companies, as it knows companies people made long ago. */
async function simulatedLag(simulator: Simulator): Promise<void> {
  const { searchLagMs } = simulator.hubspot.settings();
  await new Promise((resolve) => setTimeout(resolve, searchLagMs + 100));
}

interface Measured {
  readonly seconds: number;
  readonly requests: readonly { at: number; path: string; status: number | null }[];
  readonly counts: Readonly<Record<string, number>>;
  readonly status: string;
}

async function measured(app: App, simulator: Simulator): Promise<Measured> {
  simulator.requests.clear();
  const started = performance.now();
  const { job } = await app.jobs.start("sync", {});
  const ended = await app.jobs.wait(job.job_id, 15 * 60_000);
  return {
    seconds: (performance.now() - started) / 1_000,
    requests: simulator.requests.list({ service: "hubspot" }),
    counts: ended.counts,
    status: ended.status,
  };
}

function shown(
  { seconds, requests, counts, status }: Measured,
  options: SyncBenchOptions,
): Record<string, unknown> {
  return {
    status,
    seconds: round(seconds),
    requests: requests.length,
    searches: requests.length - burstTimes(requests).length,
    requests_per_100: round((requests.length * 100) / options.contacts),
    floor_requests: floorRequests(options),
    budget_share: budgetShare(burstTimes(requests), options.burstLimit),
    http_429: requests.filter((request) => request.status === 429).length,
    counts,
  };
}

/** One read, one write and one note per 100 contacts, one write per 100 new companies, one association call per 2,000. */
function floorRequests({ contacts, companies, existing }: SyncBenchOptions): number {
  const batches = Math.ceil(contacts / 100);
  return 3 * batches + Math.ceil((companies * (1 - existing)) / 100) + Math.ceil(contacts / 2_000);
}

/** Searches have a limit of their own and take nothing from the burst budget. */
function burstTimes(requests: Measured["requests"]): readonly number[] {
  return requests.filter(({ path }) => !path.endsWith("/search")).map(({ at }) => at);
}

function budgetShare(times: readonly number[], burstLimit: number): number | null {
  const start = Math.min(...times);
  const windows = Math.floor((Math.max(...times) - start) / WINDOW_MS);
  if (times.length === 0 || windows === 0) return null;
  const used = times.filter((at) => at < start + windows * WINDOW_MS).length;
  return round(used / (windows * burstLimit));
}

function outcome(simulator: Simulator): Record<string, unknown> {
  const { contacts, companies, notes } = simulator.hubspot.counts();
  return { hubspot: { contacts, companies, notes } };
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n);
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
