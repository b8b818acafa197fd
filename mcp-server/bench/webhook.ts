/** The webhook benchmark: HubSpot notifies at full rate while the server imports; how soon it answers, and how soon the rows hold the change. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { type Simulator, startSimulator } from "../simulator/simulator.ts";
import { writeCsv } from "./csv-file.ts";
import { range, rounded } from "./sync-rig.ts";
import { type AppliedWatch, watchApplied } from "./webhook-applied.ts";
import { type EditedContact, editProperties, seedEdited } from "./webhook-edits.ts";
import { type SentRequest, sendLoad } from "./webhook-load.ts";
import { type ServerProcess, startServerProcess } from "./webhook-server.ts";

export interface WebhookBenchOptions {
  /** Requests a second, of ten notifications each. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Linked contacts that are edited in turn. */
  readonly contacts: number;
  /** Rows of the file that is imported over and over meanwhile; 0 = nothing is imported. */
  readonly importRows: number;
  readonly burstLimit: number;
}

const SECRET = "client-secret-of-a-benchmark";
const EVENTS_PER_REQUEST = 10;
// After the last notification everything has so long to arrive; what has not by then counts as lost.
const SETTLE_MS = 60_000;
const SEED = 20_261_121;
// As many imports as fit into half a minute and more, each of people whom nobody imported before.
const FILES = 8;

/**
 * Figures of one run. Acknowledgement is timed from when a request was due, so a sender that lags counts against it. `applied` is timed from the edit in
 * HubSpot until the local row holds it.
 */
export async function benchWebhook(options: WebhookBenchOptions): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), "bench-webhook-"));
  const { burstLimit } = options;
  const simulator = await startSimulator({ hubspot: { settings: { burstLimit } } });
  try {
    const files = await csvFiles(folder, options.importRows);
    const edited = seedEdited(simulator, options.contacts);
    const databasePath = join(folder, "webhook.db");
    const server = await startServerProcess(environment(simulator, databasePath, options));
    try {
      await server.job("/api/import/hubspot", {});
      await server.job("/api/sync/hubspot", {});
      return await measure({ simulator, server, databasePath, edited, files }, options);
    } finally {
      await server.stop();
    }
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Files of different people: one is generated, and the others are as it is under other domains. */
async function csvFiles(folder: string, rows: number): Promise<readonly string[]> {
  if (rows === 0) return [];
  const first = join(folder, "0.csv");
  await writeCsv(first, rows, SEED);
  const text = readFileSync(first, "utf8");
  return range(FILES).map((n) => {
    const path = join(folder, `${n}.csv`);
    if (n > 0) writeFileSync(path, text.replaceAll(".com", `-${n}.com`));
    return path;
  });
}

function environment(
  simulator: Simulator,
  databasePath: string,
  { burstLimit }: WebhookBenchOptions,
): Record<string, string> {
  return {
    DATABASE_URL: databasePath,
    HUBSPOT_BASE_URL: simulator.hubspotUrl,
    HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
    HUBSPOT_CLIENT_SECRET: SECRET,
    HUBSPOT_BURST_LIMIT: String(burstLimit),
    AUTO_ENRICH_ON_IMPORT: "false",
    IMPORT_ROOTS: join(databasePath, ".."),
  };
}

interface Bench {
  readonly simulator: Simulator;
  readonly server: ServerProcess;
  readonly databasePath: string;
  readonly edited: readonly EditedContact[];
  readonly files: readonly string[];
}

async function measure(
  bench: Bench,
  options: WebhookBenchOptions,
): Promise<Record<string, unknown>> {
  const watch = watchApplied(bench.databasePath);
  const importing = importRepeatedly(bench.server, bench.files);
  try {
    bench.simulator.requests.clear();
    const sent = await sendLoad({
      uri: `${bench.server.url}/webhooks/hubspot`,
      secret: SECRET,
      perSecond: options.perSecond,
      seconds: options.seconds,
      edit: (edit) => makeEdit(bench, watch, edit),
    });
    await watch.settled(SETTLE_MS);
    const imports = await importing.stop();
    return { ...options, ...(await figures(bench, watch, sent)), imports };
  } finally {
    await importing.stop();
    watch.close();
  }
}

function makeEdit({ simulator, edited }: Bench, watch: AppliedWatch, edit: number): string {
  const contact = edited[edit % edited.length];
  if (contact === undefined) throw new Error("There is no contact to edit.");
  simulator.hubspot.editAsUser("contacts", contact.hubspotId, editProperties(edit));
  watch.expect(contact.email, edit, performance.now());
  return contact.hubspotId;
}

/** One import after the other until it is stopped; the last one is awaited. */
function importRepeatedly(
  server: ServerProcess,
  files: readonly string[],
): { stop(): Promise<{ runs: number; rows: number }> } {
  let isStopped = files.length === 0;
  let runs = 0;
  let rows = 0;
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const counts = await server.job("/api/import/csv", { path: files[runs % files.length] });
      runs += 1;
      rows += Object.values(counts).reduce((sum, count) => sum + count, 0);
    }
  };
  const running = run();
  // A failure is told by whoever stops it.
  running.catch(() => undefined);
  return {
    stop: async () => {
      isStopped = true;
      await running;
      return { runs, rows };
    },
  };
}

async function figures(
  { simulator, databasePath }: Bench,
  watch: AppliedWatch,
  sent: readonly SentRequest[],
): Promise<Record<string, unknown>> {
  const accepted = sent.filter(({ status }) => status === 200);
  const seconds =
    (Math.max(...sent.map(({ answeredAt }) => answeredAt)) -
      Math.min(...sent.map(({ dueAt }) => dueAt))) /
    1_000;
  const stored = await storedEvents(databasePath);
  const requests = simulator.requests.list({ service: "hubspot" });
  return {
    requests: sent.length,
    statuses: countBy(sent.map(({ status }) => String(status))),
    sent_again: sent.reduce((sum, { attempts }) => sum + attempts - 1, 0),
    events_per_s: Math.round((accepted.length * EVENTS_PER_REQUEST) / seconds),
    ack_ms: spread(accepted.map(({ answeredAt, dueAt }) => answeredAt - dueAt)),
    sender_lag_ms: spread(sent.map(({ sentAt, dueAt }) => sentAt - dueAt)),
    applied_ms: spread([...watch.taken.values()]),
    events_lost: Math.max(0, accepted.length * EVENTS_PER_REQUEST - stored.all),
    events_unprocessed: stored.waiting,
    edits_not_applied: watch.outstanding(),
    hubspot_requests: requests.length,
    http_429: requests.filter(({ status }) => status === 429).length,
  };
}

/** The inbox once nothing waits in it any more, or as it is after so long. */
async function storedEvents(databasePath: string): Promise<{ all: number; waiting: number }> {
  const database = new Database(databasePath, { readonly: true, timeout: 10_000 });
  try {
    const count = database.prepare<[], { all: number; waiting: number }>(
      'select count(*) as "all", count(*) - count(processed_at) as waiting from webhook_events',
    );
    const deadline = performance.now() + SETTLE_MS;
    for (;;) {
      const counts = count.get() ?? { all: 0, waiting: 0 };
      if (counts.waiting === 0 || performance.now() > deadline) return counts;
      await sleep(100);
    }
  } finally {
    database.close();
  }
}

function countBy(values: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function spread(times: readonly number[]): Readonly<Record<string, number>> {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
