/** Contacts and customers on a rig, another program on its database, and a view of everything that was written anywhere. */
import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { startSimulator } from "../../mcp-server/simulator/simulator.ts";
import type { Customer } from "../../mcp-server/src/core/customer.ts";
import type { FieldMaps } from "../../mcp-server/src/core/field-map.ts";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import type { Job } from "../../mcp-server/src/core/job.ts";
import type { RunCaps } from "../../mcp-server/src/core/sync-caps.ts";
import type { CustomerRow } from "../../mcp-server/src/ports/customer-store.ts";
import type { SyncLogEntry } from "../../mcp-server/src/ports/sync-store.ts";
import { createCrmSyncWorker } from "../../mcp-server/src/workers/crm-sync-worker.ts";
import { createJobRunner, type JobRunner } from "../../mcp-server/src/workers/job-runner.ts";
import { createLiveSync, type LiveSync } from "../../mcp-server/src/workers/live-sync.ts";
import type { CrmSyncOptions } from "../../mcp-server/src/workers/syncing.ts";
import { type FakeClock, fakeClock } from "../support/clock.ts";
import { type RigOptions, type SyncRig, syncRig } from "../support/sync-rig.ts";

type Row = Readonly<Record<string, unknown>>;
type Properties = Readonly<Record<string, string>>;
type ObjectName = "contacts" | "customers";

/** How a process on the scene differs from the others. */
export interface ProcessOptions {
  readonly maps?: FieldMaps;
  readonly caps?: Partial<RunCaps>;
  readonly chunkSize?: number;
  /** Left out = fields may go to and fro as they will. */
  readonly maxFlipsPerHour?: number;
}

/** A process with its own worker on the scene's database and HubSpot. */
export interface Process {
  readonly jobs: JobRunner;
  readonly live: LiveSync;
  sync(args?: Row): Promise<Job>;
  /** Starts a job without waiting for its end. */
  start(args?: Row): Promise<Job>;
  stop(): Promise<void>;
}

export interface SyncScene extends Omit<SyncRig, "live" | "jobs" | "sync">, Process {
  customer(row: CustomerRow): Promise<number>;
  /** A customer as the database holds it; undefined when it has none. */
  local(ban: string): Promise<Customer | undefined>;
  /** What HubSpot holds of a customer, empty when it has none. */
  company(ban: string): Properties;
  companyId(ban: string): string;
  editCompany(
    ban: string,
    properties: Properties,
    options?: { userId?: number; at?: number },
  ): void;
  editContact(
    email: string,
    properties: Properties,
    options?: { userId?: number; at?: number },
  ): void;
  /** Runs a statement as another program would, on a connection of its own. */
  sql(statement: string, ...values: readonly (string | number | null)[]): void;
  rows(query: string, ...values: readonly (string | number | null)[]): readonly Row[];
  /** Signals that a record is to be looked at. */
  look(object: ObjectName, id: number): Promise<void>;
  /** The requests since `forget` that changed something in HubSpot, definitions of properties included. */
  writes(): readonly string[];
  /** The properties that those requests set, a list for each. */
  sent(): readonly (readonly string[])[];
  /** What the sync log keeps of a record, newest first. */
  history(object: ObjectName, id: number): Promise<readonly SyncLogEntry[]>;
  base(object: ObjectName, id: number): Promise<Readonly<Record<string, string | null>>>;
  /** Every row of the database but plans, jobs and the digests that only serve them. */
  everything(): Readonly<Record<string, readonly Row[]>>;
  queued(object: ObjectName): readonly number[];
  /** A further process, with settings of its own. */
  process(options: ProcessOptions): Promise<Process>;
}

const generous: RunCaps = { creates: 100_000, updates: 100_000, clears: 100_000 };

/** The shipped map with fields changed, added or (null) taken out. */
export function mapsWith(
  changes: Readonly<Partial<Record<ObjectName, Readonly<Record<string, Row | null>>>>>,
): FieldMaps {
  const shipped: Record<string, Record<string, Row>> = JSON.parse(
    readFileSync("data/field-map.json", "utf8"),
  );
  const { $schema: _schema, ...sections } = shipped;
  for (const [object, fields] of Object.entries(changes)) {
    const section = sections[object] ?? {};
    for (const [field, change] of Object.entries(fields)) {
      if (change === null) delete section[field];
      else section[field] = { ...section[field], ...change };
    }
  }
  return parseFieldMap(JSON.stringify(sections), "test-map.json");
}

/** Time that stands where the machine's is, so that the times which triggers write compare; tests may advance it. */
export function machineClock(): FakeClock {
  // A little ahead: what other programs write while the test runs is never in its future.
  return fakeClock(new Date(Date.now() + 5_000).toISOString());
}

// Older than any edit that a test makes.
const longAgo = "2026-01-01T00:00:00.000Z";

export interface SceneOptions extends ProcessOptions {
  readonly clock?: FakeClock;
  /** The request log keeps bodies. */
  readonly logBodies?: boolean;
  /** Stands between the workers and HubSpot. */
  readonly between?: (rig: SyncRig) => SyncRig["crm"];
}

function rigOptions({ maps, clock = machineClock() }: SceneOptions): RigOptions {
  return { clock, ...(maps ? { maps } : {}) };
}

async function talkativeRig(options: SceneOptions): Promise<SyncRig> {
  const settings = { searchLagMs: 0, burstLimit: 1_000 };
  const simulator = await startSimulator({ logBodies: true, hubspot: { settings } });
  const silent = await syncRig(rigOptions(options));
  const { maps } = rigOptions(options);
  const rig = await syncRig({ beside: { ...silent, simulator }, ...(maps ? { maps } : {}) });
  return {
    ...rig,
    close: async () => {
      await rig.close();
      await silent.close();
      await simulator.close();
    },
  };
}

/** Everything wired; `close` ends it. */
export async function syncScene(options: SceneOptions = {}): Promise<SyncScene> {
  const alone = options.logBodies
    ? await talkativeRig(options)
    : await syncRig(rigOptions(options));
  const rig = { ...alone, crm: options.between?.(alone) ?? alone.crm };
  const database = new Database(urlOf(rig), { timeout: 10_000 });
  const processes: Process[] = [];
  const open = async (own: ProcessOptions): Promise<Process> => {
    const made = await startProcess(rig, own, processes.length);
    processes.push(made);
    return made;
  };
  const first = await open(options);
  const { hubspot, requests } = rig.simulator;
  const writes = () => requests.list({ service: "hubspot" }).filter(isWrite);
  const company = (ban: string) => hubspot.find("companies", `warp_ban=${ban}`);
  return {
    ...rig,
    ...first,
    contact: async (email, fields) => {
      const id = await rig.contact(email, fields);
      database.prepare("update contacts set imported_at = ? where id = ?").run(longAgo, id);
      return id;
    },
    customer: async (row) => {
      await rig.store.by("sync").customers.upsert([row], longAgo);
      const [stored] = await rig.store.customers.findByBans([row.ban]);
      const id = stored?.id ?? 0;
      await look(rig, "customers", id);
      return id;
    },
    local: async (ban) => (await rig.store.customers.findByBans([ban]))[0],
    company: (ban) => company(ban)?.properties ?? {},
    companyId: (ban) => company(ban)?.id ?? "",
    editCompany: (ban, properties, how) => {
      hubspot.editAsUser("companies", `warp_ban=${ban}`, properties, how);
    },
    editContact: (email, properties, how) => {
      hubspot.editAsUser("contacts", email, properties, how);
    },
    sql: (statement, ...values) => {
      database.prepare(statement).run(...values);
    },
    rows: (query, ...values) => database.prepare<unknown[], Row>(query).all(...values),
    look: (object, id) => look(rig, object, id),
    writes: () => writes().map(({ method, path }) => `${method} ${path}`),
    sent: () => writes().flatMap(({ properties }) => (properties ? [properties] : [])),
    history: (object, id) => rig.store.syncLog.forRecord(object, id, 100),
    base: async (object, id) => (await rig.store.fieldStates.get(object, [id]))[0]?.base ?? {},
    everything: () => everythingIn(database),
    queued: (object) =>
      database
        .prepare<[string], { local_id: number }>(
          "select local_id from sync_queue where object = ? order by local_id",
        )
        .all(object)
        .map(({ local_id }) => local_id),
    process: open,
    close: async () => {
      await Promise.all(processes.map((each) => each.stop()));
      database.close();
      await rig.close();
    },
  };
}

function urlOf({ store }: SyncRig): string {
  if ("url" in store && typeof store.url === "string") return store.url;
  throw new Error("the rig's store is not a file");
}

function look({ store, clock }: SyncRig, object: ObjectName, local_id: number): Promise<void> {
  return store.queue.add([{ object, local_id, reason: "test", due_at: clock.iso() }]);
}

async function startProcess(rig: SyncRig, own: ProcessOptions, number: number): Promise<Process> {
  const { store, crm, clock, log, events } = rig;
  const maps = own.maps ?? rig.maps;
  await store.changes.capture(maps);
  let ids = 0;
  const owner = `process-${number}`;
  const shared: CrmSyncOptions & { crm: typeof crm } = {
    store,
    crm,
    maps,
    accountKey: "account",
    owner,
    clock,
    newId: (prefix) => `${prefix}_${number}_${++ids}`,
    log,
    events,
    caps: { ...generous, ...own.caps },
    burstLimit: 100,
    ...(own.chunkSize === undefined ? {} : { chunkSize: own.chunkSize }),
    ...(own.maxFlipsPerHour === undefined ? {} : { maxFlipsPerHour: own.maxFlipsPerHour }),
  };
  const { run } = createCrmSyncWorker(shared);
  const handlers = { sync: run, import: run, enrich: run };
  const jobs = createJobRunner({ ...shared, handlers });
  const start = async (args: Row = {}): Promise<Job> => (await jobs.start("sync", args)).job;
  return {
    jobs,
    live: createLiveSync(shared),
    start,
    sync: async (args) => jobs.wait((await start(args)).job_id, 20_000),
    stop: () => jobs.stop(),
  };
}

function isWrite({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return method !== "GET" && !path.endsWith("/batch/read") && !path.endsWith("/search");
}

// What a preview may write: itself.
const OF_A_PREVIEW = new Set(["plans", "plan_records", "jobs"]);

function everythingIn(database: Database.Database): Readonly<Record<string, readonly Row[]>> {
  const tables = database
    .prepare<[], { name: string }>(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name",
    )
    .all();
  return Object.fromEntries(
    tables
      .filter(({ name }) => !OF_A_PREVIEW.has(name))
      .map(({ name }) => [name, database.prepare<[], Row>(`select * from "${name}"`).all()]),
  );
}
