/** One run of the model: a database that other programs write to, the simulated HubSpot, the real worker between them, and an onlooker's notes. */
import Database from "better-sqlite3";
import { type FieldRule, readPath } from "../../mcp-server/src/core/field-map.ts";
import { readLocal, readRemote } from "../../mcp-server/src/core/rule-values.ts";
import type { CanonicalValue } from "../../mcp-server/src/core/value-types.ts";
import { resolveConflictTool } from "../../mcp-server/src/tools/resolve-conflict.ts";
import type { Tool } from "../../mcp-server/src/tools/tool.ts";
import { type FakeClock, realClock } from "../support/clock.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";
import { modelMaps } from "./model-map.ts";

export type ModelObject = "contacts" | "customers";
export type Side = "local" | "hubspot";

/** A record of the model. `key`: an account number, or the part of an e-mail address that stays. */
export interface ModelRecord {
  readonly object: ModelObject;
  readonly key: string;
  readonly id: number;
}

/** What an onlooker knows of one field of one record. */
export interface Track {
  /** What each side was given, until both sides were seen to hold it or it gave way. */
  readonly pending: { local?: CanonicalValue; hubspot?: CanonicalValue };
  /** When each side was last given something, in ms. */
  readonly since: { local: number; hubspot: number };
  /** Everything each side ever held. */
  readonly held: { readonly local: Set<unknown>; readonly hubspot: Set<unknown> };
  hasAgreed: boolean;
  /** A person decided: the strategy does not say who wins. */
  isDecided: boolean;
  /** An answer was lost, or an edit was made while a sync was at work: nobody outside can tell what it compared. */
  isUncertain: boolean;
}

export interface ModelClock extends FakeClock {
  /** What is done at the next wait, once. */
  meanwhile: (() => Promise<void>) | null;
}

export interface World {
  readonly rig: SyncRig;
  readonly clock: ModelClock;
  /** Another program's connection. */
  readonly sql: Database.Database;
  readonly resolve: Tool;
  readonly records: ModelRecord[];
  readonly tracks: Map<string, Track>;
  /** JSON columns that another program broke: how to mend each. */
  readonly broken: Map<string, () => void>;
  /** What was edited while the present sync is at work. */
  readonly editedMeanwhile: Set<Track>;
  readonly everBroken: Set<ModelRecord>;
  /** What the final rounds look at: every record, or what is due. */
  readonly looksAt: "everything" | "due";
  /** Everything that happened, for whoever reads a failure. */
  readonly story: string[];
}

/** Time of now; waits take none, and the model may do something in them. `advance` moves it ahead of the database's clock. */
function modelClock(): ModelClock {
  let ahead = 0;
  const clock: ModelClock = {
    ...realClock(),
    meanwhile: null,
    now: () => Date.now() + ahead,
    iso: () => new Date(clock.now()).toISOString(),
    advance: (ms) => {
      ahead += ms;
    },
    wait: async (_ms, signal) => {
      signal?.throwIfAborted();
      const { meanwhile } = clock;
      clock.meanwhile = null;
      await meanwhile?.();
      await new Promise((next) => setImmediate(next));
      signal?.throwIfAborted();
    },
  };
  return clock;
}

const maps = modelMaps();

/** An empty world. */
export async function newWorld(looksAt: World["looksAt"]): Promise<World> {
  const clock = modelClock();
  const rig = await syncRig({ clock, maps });
  const { store, jobs } = rig;
  let ids = 0;
  const resolve = resolveConflictTool({
    store,
    jobs,
    clock,
    newId: (prefix) => `${prefix}_${++ids}`,
    capabilities: { hubspot: true, lemlist: false, explorium: false, anthropic: false },
    fieldMaps: maps,
    sendsByItself: false,
    version: "test",
  });
  const sql = new Database(Reflect.get(store, "url"), { timeout: 10_000 });
  return {
    ...{ rig, clock, sql, resolve, looksAt, records: [] },
    ...{
      tracks: new Map(),
      broken: new Map(),
      editedMeanwhile: new Set(),
      everBroken: new Set(),
      story: [],
    },
  };
}

export async function closeWorld({ rig, sql }: World): Promise<void> {
  sql.close();
  await rig.close();
}

const rules = {
  contacts: maps.contacts.rules,
  customers: maps.customers.rules.filter(
    ({ direction, path }) => direction !== "NONE" && path[0] !== "ban",
  ),
};

/** The fields of a kind of record that the model edits and judges. */
export function rulesOf(object: ModelObject): readonly FieldRule[] {
  return rules[object];
}

export function nameOf({ object, key }: ModelRecord, rule: FieldRule): string {
  return `${object} ${key} ${rule.field}`;
}

export function trackOf(world: World, record: ModelRecord, rule: FieldRule): Track {
  const name = nameOf(record, rule);
  const known = world.tracks.get(name);
  if (known) return known;
  const track: Track = {
    pending: {},
    since: { local: 0, hubspot: 0 },
    held: { local: new Set([null]), hubspot: new Set([null]) },
    hasAgreed: false,
    isDecided: false,
    isUncertain: false,
  };
  world.tracks.set(name, track);
  return track;
}

type Row = Readonly<Record<string, unknown>>;

/** A record as the table holds it. */
export function rowOf({ sql }: World, { object, id }: ModelRecord): Row {
  const row = sql.prepare<[number], Row>(`select * from ${object} where id = ?`).get(id);
  if (!row) throw new Error(`no ${object} ${id}`);
  return row;
}

/** What a column or a leaf of its JSON holds; undefined when the column is no JSON object. */
export function rawLocal(row: Row, { path }: FieldRule): unknown {
  const [column = "", key] = path;
  const cell = row[column];
  if (key === undefined) return cell;
  if (cell === null) return null;
  try {
    const parsed: unknown = JSON.parse(String(cell));
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? (readPath(parsed, [key]) ?? null) : undefined;
  } catch {
    return undefined;
  }
}

/** HubSpot's record of ours: the linked one, else the one that its key or the id in its row leads to. */
export function hubspotRecord(world: World, record: ModelRecord) {
  const { hubspot } = world.rig.simulator;
  const type = record.object === "contacts" ? "contacts" : "companies";
  const linked = linkOf(world, record);
  if (linked !== null) return hubspot.find(type, linked);
  const row = rowOf(world, record);
  if (type === "contacts") return hubspot.find(type, String(row["email"]));
  const named = JSON.parse(String(row["external_ids"] ?? "{}"))?.company_id;
  return hubspot.find(type, named ?? `warp_ban=${record.key}`);
}

export function linkOf({ sql }: World, { object, id }: ModelRecord): string | null {
  const link = sql
    .prepare<[string, number], { hubspot_id: string }>(
      "select hubspot_id from links where object = ? and local_id = ?",
    )
    .get(object, id);
  return link?.hubspot_id ?? null;
}

/** What each side holds of a field, canonical, in the local side's form; undefined where it does not say. */
export interface Held {
  readonly local: CanonicalValue | undefined;
  readonly hubspot: CanonicalValue | undefined;
}

/** What both sides hold of a record, by field. */
export function heldBy(world: World, record: ModelRecord): ReadonlyMap<FieldRule, Held> {
  const row = rowOf(world, record);
  const remote = hubspotRecord(world, record);
  return new Map(
    rulesOf(record.object).map((rule) => [
      rule,
      {
        local: readLocal(rule, rawLocal(row, rule)).value,
        hubspot: remote && readRemote(rule, remote.properties[rule.property] ?? null).value,
      },
    ]),
  );
}

/** What field_state holds of a record. */
export function baseOf(
  { sql }: Pick<World, "sql">,
  { object, id }: ModelRecord,
): Record<string, CanonicalValue> {
  const row = sql
    .prepare<[string, number], { base: string }>(
      "select base from field_state where object = ? and local_id = ?",
    )
    .get(object, id);
  return row ? JSON.parse(row.base) : {};
}
