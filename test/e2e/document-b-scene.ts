/** One customer on the stage that document B describes: its table edited by another program, a real sync worker, the simulator as HubSpot. */
import { readFileSync } from "node:fs";
import { afterEach } from "vitest";
import type { Customer } from "../../mcp-server/src/core/customer.ts";
import { type FieldMaps, parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import type { Job } from "../../mcp-server/src/core/job.ts";
import type { Conflict } from "../../mcp-server/src/ports/conflict-store.ts";
import type { SyncLogEntry } from "../../mcp-server/src/ports/sync-store.ts";
import { type ForeignProgram, foreignProgram } from "../store/foreign.ts";
import { type FakeClock, realClock } from "../support/clock.ts";
import type { EngineUnderTest } from "../support/store.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

type Mapping = Readonly<Record<string, unknown>>;

/** Document B's customer mapping, word for word. */
export const customersAsWritten: Readonly<Record<string, Mapping>> = JSON.parse(
  readFileSync("test/core/field-map-customers.json", "utf8"),
);

/** The mapping with some of its fields changed, loaded as the server loads it. */
export function mapWith(changed: Readonly<Record<string, Mapping>> = {}): FieldMaps {
  const fields = Object.entries(customersAsWritten).map(
    ([field, written]) => [field, { ...written, ...changed[field] }] as const,
  );
  return parseFieldMap(JSON.stringify({ customers: Object.fromEntries(fields) }), "field-map.json");
}

type Cell = string | number | null;

export interface Scene {
  readonly rig: SyncRig;
  /** Another program's connection, which knows nothing of the sync. */
  readonly billing: ForeignProgram;
  /** The billing system sets columns of customer B-1. */
  set(columns: Readonly<Record<string, Cell>>): Promise<void>;
  /** A salesperson edits the company in HubSpot's pages. */
  inHubspot(values: Readonly<Record<string, string>>, at?: number): void;
  /** Says "look at this record", as a webhook of HubSpot's would. */
  heard(): Promise<void>;
  sync(args?: Readonly<Record<string, unknown>>): Promise<Job>;
  local(): Promise<Customer>;
  company(): Readonly<Record<string, string>>;
  /** What field_state holds of the customer. */
  base(): Promise<Readonly<Record<string, string | null>>>;
  /** The customer's rows of sync_log, newest first. */
  log(): Promise<readonly SyncLogEntry[]>;
  conflicts(): Promise<readonly Conflict[]>;
  /** Fields in change_log that nobody has settled yet, with when they changed. */
  changes(): Promise<readonly { readonly field: string; readonly changed_at: string }[]>;
  /** The customer's entry in sync_queue; undefined when it is not waiting. */
  queued(): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** The properties that each request to HubSpot has set since the scene began. */
  written(): readonly (readonly string[])[];
}

/** Builds scenes on an engine; each is taken down after its test, before its database. */
export function stage(under: EngineUnderTest): (options?: SceneOptions) => Promise<Scene> {
  const opened: SyncRig[] = [];
  afterEach(async () => {
    for (const rig of opened.splice(0)) await rig.close();
  });
  return async ({ columns = {}, maps = mapWith(), clock = realClock() } = {}) => {
    const host = await syncRig({ clock });
    opened.unshift(host);
    const url = await under.empty();
    const store = await under.openAt(url);
    const rig = await syncRig({ beside: { ...host, store }, maps });
    opened.unshift(rig);
    const billing = await foreignProgram(url);
    await billing.run(insertOf({ ban: "B-1", company_name: "Acme", ...columns }));
    const scene = sceneOn(rig, billing);
    await scene.sync();
    rig.forget();
    return scene;
  };
}

export interface SceneOptions {
  /** What customer B-1 holds besides its name when both sides agree for the first time. */
  readonly columns?: Readonly<Record<string, Cell>>;
  readonly maps?: FieldMaps;
  readonly clock?: FakeClock;
}

function sceneOn(rig: SyncRig, billing: ForeignProgram): Scene {
  const { hubspot, requests } = rig.simulator;
  const local = async (): Promise<Customer> => {
    const [customer] = await rig.store.customers.findByBans(["B-1"]);
    if (!customer) throw new Error("no customer B-1");
    return customer;
  };
  const id = async (): Promise<number> => (await local()).id;
  return {
    rig,
    billing,
    set: (columns) => billing.run(`update customers set ${setOf(columns)} where ban = 'B-1'`),
    inHubspot: (values, at) => {
      hubspot.editAsUser("companies", "warp_ban=B-1", values, at === undefined ? {} : { at });
    },
    heard: async () =>
      rig.store.queue.add([
        { object: "customers", local_id: await id(), reason: "heard", due_at: rig.clock.iso() },
      ]),
    sync: (args = {}) => rig.sync({ object: "customers", ...args }),
    local,
    company: () => hubspot.find("companies", "warp_ban=B-1")?.properties ?? {},
    base: async () => (await rig.store.fieldStates.get("customers", [await id()]))[0]?.base ?? {},
    log: async () => rig.store.syncLog.forRecord("customers", await id(), 50),
    conflicts: async () =>
      (await rig.store.conflicts.list({ status: "open" }, { afterId: 0, limit: 10 })).conflicts,
    changes: async () => rig.store.changes.latest("customers", [await id()]),
    queued: async () => (await billing.rows("select * from sync_queue"))[0],
    written: () =>
      requests
        .list({ service: "hubspot" })
        .map(({ properties }) => properties)
        .filter((properties) => properties !== null),
  };
}

function insertOf(columns: Readonly<Record<string, Cell>>): string {
  const names = Object.keys(columns).join(", ");
  return `insert into customers (${names}) values (${Object.values(columns).map(literal).join(", ")})`;
}

function setOf(columns: Readonly<Record<string, Cell>>): string {
  return Object.entries(columns)
    .map(([name, value]) => `${name} = ${literal(value)}`)
    .join(", ");
}

function literal(value: Cell): string {
  if (value === null) return "null";
  return typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
}

/** Lets the clock pass a moment, so that what comes after it is later. */
export async function after(moment: number): Promise<void> {
  while (Date.now() <= moment) await new Promise((next) => setImmediate(next));
}

/** Both sides get another legal name; HubSpot's edit comes first. */
export async function bothEdit(scene: Scene): Promise<void> {
  scene.inHubspot({ warp_legal_name: "Acme of Sales Inc." });
  await after(Date.now());
  await scene.set({ legal_name: "Acme of Billing Ltd." });
}

/** Both sides get another legal name; HubSpot's edit comes last. */
export async function bothEditHubspotLast(scene: Scene): Promise<void> {
  await scene.set({ legal_name: "Acme of Billing Ltd." });
  await after(Date.now());
  scene.inHubspot({ warp_legal_name: "Acme of Sales Inc." });
}
