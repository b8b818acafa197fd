/** What the sync benchmarks share: the program against a simulated HubSpot, and the figures of one sync. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Simulator, startSimulator } from "../simulator/simulator.ts";
import { type App, openApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";

/** A program and a HubSpot that it syncs with; `databasePath` is its SQLite file. */
export interface SyncRig {
  readonly app: App;
  readonly simulator: Simulator;
  readonly databasePath: string;
  readonly burstLimit: number;
}

export interface SyncRigOptions {
  /** Requests per 10 s that HubSpot allows and the program may use. */
  readonly burstLimit: number;
  /** Records that one run may change; left out = as configured by default. */
  readonly cap?: number;
  /** The text of a field map; left out = the shipped one. */
  readonly fieldMap?: string;
}

/** Runs work on a fresh rig and leaves nothing behind. */
export async function withSyncRig<T>(
  options: SyncRigOptions,
  work: (rig: SyncRig) => Promise<T>,
): Promise<T> {
  const { burstLimit } = options;
  const folder = mkdtempSync(join(tmpdir(), "bench-sync-"));
  const databasePath = join(folder, "sync.db");
  const simulator = await startSimulator({ hubspot: { settings: { burstLimit } } });
  try {
    const app = await openApp(configOf(simulator, { ...options, folder, databasePath }));
    try {
      return await work({ app, simulator, databasePath, burstLimit });
    } finally {
      await app.stop();
    }
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function configOf(
  simulator: Simulator,
  {
    burstLimit,
    cap,
    fieldMap,
    folder,
    databasePath,
  }: SyncRigOptions & { readonly folder: string; readonly databasePath: string },
) {
  const mapPath = join(folder, "field-map.json");
  if (fieldMap !== undefined) writeFileSync(mapPath, fieldMap);
  return readConfig({
    DATABASE_URL: databasePath,
    HUBSPOT_BASE_URL: simulator.hubspotUrl,
    HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
    HUBSPOT_BURST_LIMIT: String(burstLimit),
    HTTP_PORT: "0",
    LOG_LEVEL: "warn",
    ...(fieldMap === undefined ? {} : { FIELD_MAP: mapPath }),
    ...(cap === undefined ? {} : { SYNC_MAX_CREATES: String(cap), SYNC_MAX_UPDATES: String(cap) }),
  });
}

/** HubSpot counts a burst over this long. */
export const WINDOW_MS = 10_000;
const LONGEST_MS = 30 * 60_000;

/** One sync of everything that is due, as it was seen from HubSpot's side. */
export interface MeasuredSync {
  readonly seconds: number;
  readonly requests: readonly {
    readonly at: number;
    readonly path: string;
    readonly status: number | null;
  }[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Syncs everything that is due. Throws when the job does not complete. */
export async function measuredSync({ app, simulator }: SyncRig): Promise<MeasuredSync> {
  simulator.requests.clear();
  const started = performance.now();
  const { job } = await app.jobs.start("sync", {});
  const ended = await app.jobs.wait(job.job_id, LONGEST_MS);
  if (ended.status !== "completed")
    throw new Error(`The sync ${ended.status}: ${JSON.stringify(ended.errors)}`);
  return {
    seconds: (performance.now() - started) / 1_000,
    requests: simulator.requests.list({ service: "hubspot" }),
    counts: ended.counts,
  };
}

/**
 * The figures of one sync. `requests_per_100` counts every HubSpot request, set-up included. `budget_share` is the part of the burst budget
 * used in the full 10-second windows of the run (null when it was shorter than one).
 */
export function syncFigures(
  { seconds, requests, counts }: MeasuredSync,
  { contacts, burstLimit }: { readonly contacts: number; readonly burstLimit: number },
): Record<string, unknown> {
  return {
    seconds: rounded(seconds),
    requests: requests.length,
    searches: requests.length - burstTimes(requests).length,
    requests_per_100: rounded((requests.length * 100) / contacts),
    budget_share: budgetShare(burstTimes(requests), burstLimit),
    http_429: requests.filter((request) => request.status === 429).length,
    counts,
  };
}

/** Searches have a limit of their own and take nothing from the burst budget. */
function burstTimes(requests: MeasuredSync["requests"]): readonly number[] {
  return requests.filter(({ path }) => !path.endsWith("/search")).map(({ at }) => at);
}

function budgetShare(times: readonly number[], burstLimit: number): number | null {
  const start = Math.min(...times);
  const windows = Math.floor((Math.max(...times) - start) / WINDOW_MS);
  if (times.length === 0 || windows === 0) return null;
  const used = times.filter((at) => at < start + windows * WINDOW_MS).length;
  return rounded(used / (windows * burstLimit));
}

/** Thousandths are kept. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** 0 to count − 1. */
export function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n);
}
