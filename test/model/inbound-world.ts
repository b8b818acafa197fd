/** One run of the inbound model: a whole program and a HubSpot that speaks, the post between them, and an onlooker's notes. */
import Database from "better-sqlite3";
import type { RecordView } from "../../mcp-server/simulator/hubspot/look-up.ts";
import type { WebhookEvent } from "../../mcp-server/simulator/hubspot/webhook-outbox.ts";
import type { FieldRule } from "../../mcp-server/src/core/field-map.ts";
import { readLocal, readRemote } from "../../mcp-server/src/core/rule-values.ts";
import type { CanonicalValue } from "../../mcp-server/src/core/value-types.ts";
import { type InboundProcess, type InboundRig, inboundRig } from "../support/inbound-rig.ts";
import type { InboundSettings } from "./inbound-commands.ts";
import { modelMaps } from "./model-map.ts";
import {
  baseOf,
  type Held,
  type ModelObject,
  type ModelRecord,
  rawLocal,
  rulesOf,
  type Side,
} from "./world.ts";

/** What each side was given and the other one does not know yet, as far as an onlooker can tell. */
export interface Pending {
  local?: CanonicalValue;
  hubspot?: CanonicalValue;
}

export interface InboundWorld {
  readonly rig: InboundRig;
  readonly settings: InboundSettings;
  process: InboundProcess;
  /** How many processes there were. */
  processes: number;
  /** Another program's connection. */
  readonly sql: Database.Database;
  readonly pending: Map<string, Pending>;
  /** Notifications on their way, oldest first, and those that arrived or got lost. */
  letters: WebhookEvent[];
  readonly past: WebhookEvent[];
  /** Keys of records of ours that people deleted in HubSpot. */
  readonly deleted: Set<string>;
  /** Ids in HubSpot's recycle bin. */
  readonly binned: { readonly object: ModelObject; readonly id: string }[];
  /** People whom HubSpot deleted for privacy, by id there; and those of whom the program has heard it. */
  readonly erased: Map<
    string,
    { readonly sure: readonly string[]; readonly perhaps: readonly string[] }
  >;
  readonly forgotten: Set<string>;
  /** Values that enrichment worked out, which are nobody's edits: object, id and field. */
  readonly worked: Set<string>;
  /** How often each record was given something, on whichever side, by key. */
  readonly given: Map<string, number>;
  /** How often the program wrote to each record in HubSpot, by key. */
  readonly written: Map<string, number>;
  people: number;
  accounts: number;
  /** Everything that happened, for whoever reads a failure. */
  readonly story: string[];
}

const maps = modelMaps();

/** A world with nobody in it; HubSpot's changes are told from now on. */
export async function newInboundWorld(settings: InboundSettings): Promise<InboundWorld> {
  const { onDeleted, isGeneric, tellsNewValues, restoreBumps, searchLagMs } = settings;
  const rig = await inboundRig({
    maps,
    environment: { ON_DELETED_CONTACTS: onDeleted, ON_DELETED_CUSTOMERS: onDeleted },
    hubspot: { creationRaisesPropertyChanges: tellsNewValues, restoreBumps, searchLagMs },
  });
  // Nothing is sent there: what waits is taken out and handed to the door.
  const targetUrl = "http://127.0.0.1:9/webhooks/hubspot";
  rig.simulator.hubspot.webhooks.subscribe({ targetUrl, generic: isGeneric });
  return {
    ...{ rig, settings, process: rig.start("a"), processes: 1 },
    sql: new Database(rig.store.url, { timeout: 10_000 }),
    pending: new Map(),
    ...{ letters: [], past: [], deleted: new Set(), binned: [] },
    ...{
      erased: new Map(),
      forgotten: new Set(),
      worked: new Set(),
      given: new Map(),
      written: new Map(),
    },
    ...{ people: 0, accounts: 0, story: [] },
  };
}

export async function closeInboundWorld({ rig, sql }: InboundWorld): Promise<void> {
  sql.close();
  await rig.close();
}

/** HubSpot's name for a kind of record. */
export function typeOf(object: ModelObject): "contacts" | "companies" {
  return object === "contacts" ? "contacts" : "companies";
}

/** The part of an address that stays whatever becomes of the rest; nobody else's text has it. */
export function personIn(text: string): string {
  return /zq\d+q/.exec(text)?.[0] ?? "";
}

/** All local records of a kind, oldest first. */
export function recordsIn({ sql }: InboundWorld, object: ModelObject): readonly ModelRecord[] {
  const key = object === "contacts" ? "email" : "ban";
  return sql
    .prepare<[], { id: number; key: string }>(`select id, ${key} as key from ${object} order by id`)
    .all()
    .map((row) => ({
      object,
      id: row.id,
      key: object === "contacts" ? personIn(row.key) : row.key,
    }));
}

/** All local records. */
export function allRecords(world: InboundWorld): readonly ModelRecord[] {
  return [...recordsIn(world, "contacts"), ...recordsIn(world, "customers")];
}

/** A name for a record that holds for both sides. */
export function keyOf({ object, key }: Pick<ModelRecord, "object" | "key">): string {
  return `${object} ${key}`;
}

/** The keys that a HubSpot record answers to; those of companies without an account number are none. */
export function keysOf(object: ModelObject, { properties }: RecordView): readonly string[] {
  const texts =
    object === "contacts"
      ? [properties["email"] ?? "", ...(properties["hs_additional_emails"] ?? "").split(";")]
      : [properties["warp_ban"] ?? ""];
  const keys = object === "contacts" ? texts.map(personIn) : texts;
  return [...new Set(keys.filter(Boolean))].map((key) => keyOf({ object, key }));
}

/** Names a company that contacts belong to. */
export function companyKey({ properties }: RecordView): string {
  return `companies ${properties["domain"] ?? ""}`;
}

export function linkOf({ sql }: InboundWorld, { object, id }: ModelRecord): string | null {
  const link = sql
    .prepare<[string, number], { hubspot_id: string }>(
      "select hubspot_id from links where object = ? and local_id = ?",
    )
    .get(object, id);
  return link?.hubspot_id ?? null;
}

/** HubSpot's live record of ours: the linked one, merges followed, else the one with its key. */
export function remoteOf(world: InboundWorld, record: ModelRecord): RecordView | undefined {
  const { hubspot } = world.rig.simulator;
  const type = typeOf(record.object);
  const link = linkOf(world, record);
  const found = hubspot.find(type, link ?? keyIn(world, record));
  return found?.archived ? undefined : found;
}

function keyIn(world: InboundWorld, record: ModelRecord): string {
  return record.object === "contacts"
    ? String(rowOf(world, record)?.["email"])
    : `warp_ban=${record.key}`;
}

type Row = Readonly<Record<string, unknown>>;

/** A record as the table holds it; undefined when it is gone. */
export function rowOf({ sql }: InboundWorld, { object, id }: ModelRecord): Row | undefined {
  return sql.prepare<[number], Row>(`select * from ${object} where id = ?`).get(id);
}

/** What both sides hold of a record, by field, canonical and in the local side's form; undefined where a side does not say. */
export function heldBy(world: InboundWorld, record: ModelRecord): ReadonlyMap<FieldRule, Held> {
  const row = rowOf(world, record);
  const remote = remoteOf(world, record);
  return new Map(
    rulesOf(record.object).map((rule) => [
      rule,
      {
        local: row && readLocal(rule, rawLocal(row, rule)).value,
        hubspot: remote && readRemote(rule, remote.properties[rule.property] ?? null).value,
      },
    ]),
  );
}

export function pendingOf(world: InboundWorld, record: ModelRecord, rule: FieldRule): Pending {
  const name = placeOf(record, rule);
  const known = world.pending.get(name) ?? {};
  world.pending.set(name, known);
  return known;
}

interface Place {
  readonly record: ModelRecord;
  readonly rule: FieldRule;
}

/** An edit is to travel unless it brought back what both sides agreed on; an empty side that never agreed says nothing. */
export function note(
  world: InboundWorld,
  { record, rule }: Place,
  side: Side,
  before: CanonicalValue | undefined,
): void {
  const value = heldBy(world, record).get(rule)?.[side];
  if (value === undefined || value === before) return;
  const base = baseOf(world, record);
  const agreed = base[rule.field];
  const isAgreed =
    agreed === undefined
      ? value === null
      : value === agreed || (side === "local" && value === base[`${rule.field}@sent`]);
  const pending = pendingOf(world, record, rule);
  if (isAgreed) delete pending[side];
  else pending[side] = value;
}

/** Names a field of a local record. */
export function placeOf({ object, id }: ModelRecord, { field }: FieldRule): string {
  return `${object} ${id} ${field}`;
}

/** Counts something that a record was given, by its key. */
export function give(world: InboundWorld, keys: readonly string[], count = 1): void {
  for (const key of keys) world.given.set(key, (world.given.get(key) ?? 0) + count);
}

/** Takes what HubSpot has to tell out of its outbox. */
export function collect(world: InboundWorld): void {
  const { webhooks } = world.rig.simulator.hubspot;
  world.letters.push(...webhooks.pending());
  webhooks.clear();
}

/** What triggers of the database wrote by the machine's clock is stamped with the model's; a change waits its two seconds. */
export function stamp({ sql, rig }: InboundWorld): void {
  const now = rig.clock.iso();
  const due = new Date(rig.clock.now() + 2_000).toISOString();
  sql.prepare("update change_log set changed_at = ? where changed_at < '2040'").run(now);
  sql.prepare("update sync_queue set due_at = ? where due_at < '2040'").run(due);
  sql.prepare("update customers set created_at = ? where created_at < '2040'").run(now);
}
