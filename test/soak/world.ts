/** A team's database, its HubSpot and the providers, and servers between them. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { type Simulator, startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { sandbox } from "../support/child-server.ts";
import { hasEnded, type JobSeen, type RunningServer } from "../support/crash-rig.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import type { Edit } from "./ledger.ts";

/** The contacts' and customers' keys, so that whoever acts need not ask. */
export interface People {
  readonly emails: string[];
  readonly bans: readonly string[];
}

export interface SoakWorld {
  readonly simulator: Simulator;
  readonly file: string;
  /** Another program's connection: how people here edit. */
  readonly sql: Database.Database;
  readonly fleet: Fleet;
  readonly gateway: Gateway;
  readonly people: People;
  readonly edits: Edit[];
  /** 0 to 1; the same for the same seed. */
  readonly random: () => number;
  readonly counts: Record<string, number>;
  close(): Promise<void>;
}

const SECRET = "client-secret-of-a-soak";
const SERVERS = 2;
const CONTACTS = 150;
const CUSTOMERS = 40;
const BURST = "190";
// Everything here runs in one thread: whoever waited for a database that a frozen server holds would keep that from ever being thawed.
const EDIT_PATIENCE_MS = 1_000;

/** Both sides filled and in step, servers running, notifications on their way. */
export async function openWorld(random: () => number): Promise<SoakWorld> {
  const skewMs = Math.round((random() - 0.5) * 6_000);
  const simulator = await startSimulator({
    now: () => Date.now() + skewMs,
    hubspot: {
      settings: {
        ...{ burstLimit: Number(BURST), searchLagMs: 1_000, webhookRetryScale: 0.002 },
        ...{ webhookDropShare: 0.02, webhookDuplicateShare: 0.05, webhookShuffle: true },
      },
    },
  });
  let fleet: Fleet | null = null;
  const gateway = await openGateway(() => {
    const server = fleet?.any();
    return server && fleet ? fleet.urlOf(server) : null;
  });
  const box = await sandbox({
    ...keysOf(simulator),
    HUBSPOT_BURST_LIMIT: BURST,
    HUBSPOT_CLIENT_SECRET: SECRET,
    PUBLIC_URL: gateway.url,
    ...{ AUTO_ENRICH_ON_IMPORT: "true", AUTO_SYNC_AFTER_ENRICH: "true" },
    ...{ POLL_SCHEDULE: "* * * * *", RECONCILE_SCHEDULE: "off" },
    ON_DELETED_CONTACTS: "keep",
  });
  fleet = createFleet(SERVERS, { ...box.env, FIELD_MAP: await mapWithManualFields(box.folder) });
  for (const place of fleet.places) await fleet.start(place);
  const file = box.env["DATABASE_URL"] ?? "";
  const sql = new Database(file, { timeout: EDIT_PATIENCE_MS });
  const people = await fill(fleet, box.folder);
  simulator.hubspot.webhooks.subscribe({
    ...{ targetUrl: `${gateway.url}/webhooks/hubspot`, clientSecret: SECRET, auto: true },
  });
  const close = async (): Promise<void> => {
    for (const place of fleet.places) await fleet.kill(place);
    sql.close();
    await gateway.close();
    await simulator.close();
    await box.remove();
  };
  return {
    ...{ simulator, file, sql, fleet, gateway, people, random, close },
    ...{ edits: [], counts: {} },
  };
}

function keysOf(simulator: Simulator): Record<string, string> {
  return {
    HUBSPOT_BASE_URL: simulator.hubspotUrl,
    HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
    EXPLORIUM_BASE_URL: simulator.exploriumUrl,
    EXPLORIUM_API_KEY: simulator.exploriumKey,
    ANTHROPIC_BASE_URL: simulator.anthropicUrl,
    ANTHROPIC_API_KEY: simulator.anthropicKey,
  };
}

/** The shipped map with one field of each kind left to a person. */
async function mapWithManualFields(folder: string): Promise<string> {
  const map = JSON.parse(await readFile("data/field-map.json", "utf8"));
  map.contacts.job_title.conflict_resolution = "MANUAL";
  map.customers.legal_name.conflict_resolution = "MANUAL";
  const file = join(folder, "map.json");
  await writeFile(file, JSON.stringify(map));
  return file;
}

async function fill(fleet: Fleet, folder: string): Promise<People> {
  const emails = Array.from({ length: CONTACTS }, (_, n) => `person-${n}@company-${n % 30}.com`);
  const bans = Array.from({ length: CUSTOMERS }, (_, n) => `B-${n}`);
  const csv = join(folder, "customers.csv");
  const rows = bans.map((ban, n) => `${ban},Firm of ${ban},ada@firm-${n}.com,ACTIVE,${n}.50`);
  await writeFile(
    csv,
    ["BAN,Company Name,Contact Email,Status,Current Balance", ...rows].join("\n"),
  );
  await runJob(fleet, "/api/import/csv", { path: csv, object: "customers" });
  const records = emails.map((email, n) => ({
    email,
    first_name: "Pat",
    last_name: `Number ${n}`,
  }));
  await runJob(fleet, "/api/import/records", { records });
  await runJob(fleet, "/api/sync/hubspot", {});
  return { emails, bans };
}

/** Runs a job to its end on any server. Throws when there is none, or when it dies meanwhile. */
export async function runJob(fleet: Fleet, path: string, args: object): Promise<JobSeen> {
  const server = fleet.any();
  if (server === null) throw new Error("no server is alive");
  const started = await server.post<JobSeen>(path, { ...args, wait_seconds: 0 });
  return untilEnded(server, started.job_id);
}

async function untilEnded(server: RunningServer, jobId: string): Promise<JobSeen> {
  for (;;) {
    const job = await server.get<JobSeen>(`/api/jobs/${jobId}?wait_seconds=5`);
    if (hasEnded(job)) return job;
  }
}

/** Counts that something happened. */
export function count(world: Pick<SoakWorld, "counts">, what: string, by = 1): void {
  world.counts[what] = (world.counts[what] ?? 0) + by;
}

/** One of them, by chance. */
export function oneOf<T>(random: () => number, list: readonly T[]): T {
  const found = list[Math.floor(random() * list.length)];
  if (found === undefined) throw new Error("nothing to choose from");
  return found;
}
