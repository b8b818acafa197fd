/** What people and programs write: edits on both sides, new records, and what enrichment works out. */
import type { RecordView } from "../../mcp-server/simulator/hubspot/look-up.ts";
import type { FieldRule } from "../../mcp-server/src/core/field-map.ts";
import { readLocal, readRemote } from "../../mcp-server/src/core/rule-values.ts";
import { newContactAt } from "../support/build.ts";
import type { InboundCommand, InboundEdit } from "./inbound-commands.ts";
import {
  allRecords,
  collect,
  give,
  heldBy,
  type InboundWorld,
  keyOf,
  keysOf,
  linkOf,
  note,
  placeOf,
  recordsIn,
  remoteOf,
  rowOf,
  stamp,
  typeOf,
} from "./inbound-world.ts";
import { poolOf } from "./model-map.ts";
import { type ModelObject, type ModelRecord, rawLocal, rulesOf } from "./world.ts";

type Cell = string | number | null;

/** The item that a number names, whatever the number. */
export function pick<T>(items: readonly T[], index: number): T | undefined {
  return items[index % items.length];
}

const personal: ReadonlySet<string> = new Set([
  ...["first_name", "last_name", "job_title", "nick", "segment"],
]);

/** Only values that may travel: what is blocked is the two-way model's business. A person's texts name the person. */
function localValues(record: ModelRecord, rule: FieldRule): readonly Cell[] {
  if (rule.field === "email") return addresses(record.key);
  const values = poolOf(record.object, rule.field)?.local ?? [];
  return values
    .map((value) => (personal.has(rule.field) && value !== null ? `${value} ${record.key}` : value))
    .filter((value) => (value === null ? rule.clears : readLocal(rule, value).problem === null));
}

function hubspotValues(key: string, object: ModelObject, rule: FieldRule): readonly string[] {
  if (rule.field === "email") return addresses(key);
  const values = poolOf(object, rule.field)?.hubspot ?? [];
  return values
    .map((value) => (personal.has(rule.field) && value !== "" ? `${value} ${key}` : value))
    .filter((value) => (value === "" ? rule.clears : readRemote(rule, value).problem === null));
}

function addresses(key: string): readonly string[] {
  return [`${key}@acme.com`, `${key}.new@acme.com`, `${key}.old@acme.com`];
}

/** HubSpot's live records that stand for people or customers, oldest first. */
export function known(world: InboundWorld, object: ModelObject): readonly RecordView[] {
  const all = world.rig.simulator.hubspot.all(typeOf(object));
  return all.filter((view) => keysOf(object, view).length > 0);
}

/** The local records that are linked to a HubSpot record; when none is, those that it is about to be by its key. */
export function localsOf(
  world: InboundWorld,
  object: ModelObject,
  id: string,
): readonly ModelRecord[] {
  const all = recordsIn(world, object).filter((record) => remoteOf(world, record)?.id === id);
  const linked = all.filter((record) => linkOf(world, record) !== null);
  return linked.length > 0 ? linked : all;
}

export async function edit(world: InboundWorld, command: InboundEdit): Promise<void> {
  if (command.side === "local") await editLocal(world, command);
  else editHubspot(world, command);
}

async function editLocal(world: InboundWorld, command: InboundEdit): Promise<void> {
  const record = pick(recordsIn(world, command.object), command.record);
  const rule = pick(rulesOf(command.object), command.field);
  const row = record && rowOf(world, record);
  // What HubSpot owns is nobody's to edit here.
  if (!record || !row || !rule || rule.direction === "HUBSPOT_TO_WARP") return;
  // Before the first sync the address is what the person is found by: another one is another person.
  if (rule.field === "email" && linkOf(world, record) === null) return;
  const before = heldBy(world, record).get(rule)?.local;
  const value = command.text ?? pick(localValues(record, rule), command.value) ?? null;
  if (rawLocal(row, rule) === value) return;
  await write(world, { record, rule }, { value, by: command.by });
  stamp(world);
  note(world, { record, rule }, "local", before);
  world.worked.delete(placeOf(record, rule));
  give(world, [keyOf(record)]);
  world.story.push(`local ${keyOf(record)} ${rule.field} = ${JSON.stringify(value)}`);
}

interface Place {
  readonly record: ModelRecord;
  readonly rule: FieldRule;
}

async function write(
  { sql, rig }: InboundWorld,
  { record: { object, id }, rule }: Place,
  { value, by }: { readonly value: Cell; readonly by: "sql" | "store" },
): Promise<void> {
  const [column = "", key] = rule.path;
  if (key !== undefined) {
    const path = `$.${key}`;
    const json = `coalesce(${column}, '{}')`;
    if (value === null)
      sql
        .prepare(`update ${object} set ${column} = json_remove(${json}, ?) where id = ?`)
        .run(path, id);
    else
      sql
        .prepare(`update ${object} set ${column} = json_set(${json}, ?, ?) where id = ?`)
        .run(path, value, id);
  } else if (by === "sql") {
    sql.prepare(`update ${object} set ${column} = ? where id = ?`).run(value, id);
  } else {
    const person = rig.store.by("person");
    await person[object].update([{ id, set: { [column]: value } }], rig.clock.iso());
    // A tool that edits a record has it looked at.
    const due_at = rig.clock.iso();
    await person.queue.add([{ object, local_id: id, reason: "edited", due_at }]);
  }
}

function editHubspot(world: InboundWorld, command: InboundEdit): void {
  const { object, record, field } = command;
  const view = pick(known(world, object), record);
  const rule = pick(rulesOf(object), field);
  const [key = ""] = view ? keysOf(object, view) : [];
  if (!view || !rule || key === "") return;
  const values = hubspotValues(key.split(" ")[1] ?? "", object, rule);
  const text = command.text ?? pick(values, command.value);
  if (text === undefined || (view.properties[rule.property] ?? "") === text) return;
  const locals = localsOf(world, object, view.id);
  // A person whom only HubSpot knows by this address is found by it.
  if (rule.field === "email" && locals.some((one) => linkOf(world, one) === null)) return;
  const held = locals.map((one) => heldBy(world, one).get(rule));
  // What this side owns and never had, it has nothing to put in the place of.
  const isOurs = rule.direction === "WARP_TO_HUBSPOT";
  if (isOurs && !held.some((one) => one?.local != null)) return;
  try {
    world.rig.simulator.hubspot.editAsUser(typeOf(object), view.id, { [rule.property]: text });
  } catch {
    return;
  }
  collect(world);
  for (const [index, one] of locals.entries())
    note(world, { record: one, rule }, "hubspot", held[index]?.hubspot);
  give(world, [key]);
  world.story.push(`hubspot ${key} ${rule.field} = ${JSON.stringify(text)}`);
}

const MOST = { people: 5, accounts: 3 };

export async function add(
  world: InboundWorld,
  { who, value }: Extract<InboundCommand, { kind: "add" }>,
): Promise<void> {
  if (who === "customer") return addCustomer(world);
  if (world.people >= MOST.people) return;
  world.people += 1;
  const key = `zq${world.people}q`;
  const email = `${key}@acme.com`;
  const { simulator, store, clock } = world.rig;
  world.story.push(`add ${key} ${who}`);
  give(world, [`contacts ${key}`], 2);
  if (who !== "hubspot") {
    const now = clock.iso();
    const domain = value % 3 === 0 ? null : "acme.com";
    const fresh = newContactAt(now, { email, domain, first_name: `Ada ${key}` });
    await store.by("import").contacts.insert([fresh]);
    const [made] = await store.contacts.findByEmails([email]);
    const set = { status: "enriched", enriched_at: now } as const;
    if (made) await store.by("enrich").contacts.update([{ id: made.id, set }], now);
    stamp(world);
  }
  if (who !== "here") {
    const row = { email, firstname: `Dan ${key}`, sync_segment: "A", jobtitle: `Eve ${key}` };
    const [id] = simulator.hubspot.seed("contacts", [row], clock.now());
    tellCreation(world, Number(id));
  }
  for (const record of recordsIn(world, "contacts").filter((one) => one.key === key))
    noteAll(world, record);
}

/** What was laid in is told as what a person made. */
function tellCreation(world: InboundWorld, objectId: number): void {
  const { hubspot } = world.rig.simulator;
  const { isGeneric } = world.settings;
  world.letters.push({
    ...{ eventId: 7, subscriptionId: 1, portalId: hubspot.portalId, appId: hubspot.appId },
    ...{ occurredAt: world.rig.clock.now(), attemptNumber: 0, changeSource: "CRM_UI", objectId },
    ...{ changeFlag: "CREATED", sourceId: "userId:1" },
    subscriptionType: isGeneric ? "object.creation" : "contact.creation",
    ...(isGeneric ? { objectTypeId: "0-1" } : {}),
  });
}

function addCustomer(world: InboundWorld): void {
  if (world.accounts >= MOST.accounts) return;
  world.accounts += 1;
  const key = `B-${world.accounts}`;
  world.sql
    .prepare("insert into customers (ban, company_name, legal_name) values (?, 'Acme', 'Ada')")
    .run(key);
  stamp(world);
  give(world, [`customers ${key}`], 2);
  world.story.push(`add customer ${key}`);
  for (const record of recordsIn(world, "customers").filter((one) => one.key === key))
    noteAll(world, record);
}

/** Everything that both sides hold of a record counts as given. */
function noteAll(world: InboundWorld, record: ModelRecord): void {
  for (const rule of rulesOf(record.object)) {
    note(world, { record, rule }, "hubspot", undefined);
    if (rule.direction !== "HUBSPOT_TO_WARP") note(world, { record, rule }, "local", undefined);
  }
}

/** As enrichment writes: by its own name, and so that the contact is due. */
export async function score(
  world: InboundWorld,
  command: Extract<InboundCommand, { kind: "score" }>,
): Promise<void> {
  const record = pick(recordsIn(world, "contacts"), command.record);
  const rule = rulesOf("contacts").find(({ field }) => field === "quality_score");
  if (!record || !rule) return;
  const { store, clock } = world.rig;
  const before = heldBy(world, record).get(rule)?.local;
  const now = clock.iso();
  const set = { quality_score: command.value, status: "enriched", enriched_at: now } as const;
  await store.by("enrich").contacts.update([{ id: record.id, set }], now);
  stamp(world);
  note(world, { record, rule }, "local", before);
  world.worked.add(placeOf(record, rule));
  give(world, [keyOf(record)]);
  world.story.push(`score ${keyOf(record)} = ${command.value}`);
}

/** Notes values that enrichment changed here. */
export function noteLocalChanges(
  world: InboundWorld,
  before: ReadonlyMap<string, ReadonlyMap<FieldRule, { readonly local: unknown }>>,
): void {
  for (const record of allRecords(world)) {
    const then = before.get(keyOf(record));
    let count = 0;
    for (const [rule, { local }] of heldBy(world, record)) {
      if (then === undefined || local === then.get(rule)?.local) continue;
      note(world, { record, rule }, "local", undefined);
      world.worked.add(placeOf(record, rule));
      count += 1;
    }
    if (count > 0) give(world, [keyOf(record)]);
  }
}
