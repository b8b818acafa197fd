/** Edits of a field: by another program's SQL, and by a person in HubSpot's pages. */
import type { FieldRule } from "../../mcp-server/src/core/field-map.ts";
import { readLocal } from "../../mcp-server/src/core/rule-values.ts";
import type { Contest, Edit } from "./commands.ts";
import { poolOf } from "./model-map.ts";
import {
  baseOf,
  type Held,
  heldBy,
  hubspotRecord,
  linkOf,
  type ModelRecord,
  rawLocal,
  rowOf,
  rulesOf,
  type Side,
  trackOf,
  type World,
} from "./world.ts";

/** Times are compared to the millisecond: what comes later is to have a later one. */
export async function nextMoment(): Promise<void> {
  const now = Date.now();
  while (Date.now() <= now) await new Promise((next) => setImmediate(next));
}

export function pick<T>(items: readonly T[], index: number): T | undefined {
  return items[index % items.length];
}

export async function edit(world: World, command: Edit): Promise<void> {
  const record = pick(world.records, command.record);
  if (!record) return;
  const rule = pick(rulesOf(record.object), command.field);
  if (!rule) return;
  if (command.side === "local") editLocal(world, record, rule, command.value);
  else await editHubspot(world, { record, rule }, command);
}

export async function contest(world: World, { first, second }: Contest): Promise<void> {
  await edit(world, first);
  await nextMoment();
  await edit(world, { ...first, ...second, side: first.side === "local" ? "hubspot" : "local" });
}

interface Place {
  readonly record: ModelRecord;
  readonly rule: FieldRule;
}

export function editLocal(world: World, record: ModelRecord, rule: FieldRule, value: number): void {
  // Before the first sync the address is what the person is found by: another one is another person.
  if (rule.field === "email" && linkOf(world, record) === null) return;
  const row = rowOf(world, record);
  const before = rawLocal(row, rule);
  const raw = pick(localValues(record, rule), value) ?? null;
  // Of a broken column no program can set a part.
  if (before === undefined || before === raw) return;
  writeLocal(world, { record, rule }, raw);
  world.story.push(`local ${record.object} ${record.key} ${rule.field} = ${JSON.stringify(raw)}`);
  note(world, { record, rule }, "local", readLocal(rule, before).value);
}

function localValues(record: ModelRecord, rule: FieldRule): readonly (string | number | null)[] {
  if (rule.field === "email") return emails(record);
  return poolOf(record.object, rule.field)?.local ?? [];
}

function emails({ key }: ModelRecord): readonly string[] {
  return [`${key}@acme.com`, `${key}.new@acme.com`, `${key}.old@acme.com`];
}

function writeLocal({ sql }: World, { record, rule }: Place, raw: string | number | null): void {
  const { object, id } = record;
  const [column = "", key] = rule.path;
  if (key === undefined) {
    sql.prepare(`update ${object} set ${column} = ? where id = ?`).run(raw, id);
  } else if (raw === null) {
    sql
      .prepare(`update ${object} set ${column} = json_remove(${column}, ?) where id = ?`)
      .run(`$.${key}`, id);
  } else {
    sql
      .prepare(
        `update ${object} set ${column} = json_set(coalesce(${column}, '{}'), ?, ?) where id = ?`,
      )
      .run(`$.${key}`, raw, id);
  }
}

async function editHubspot(world: World, place: Place, { value, heard }: Edit): Promise<void> {
  const { record, rule } = place;
  const values =
    rule.field === "email" ? emails(record) : poolOf(record.object, rule.field)?.hubspot;
  const text = pick(values ?? [], value) ?? "";
  if (!typeInHubspot(world, place, text)) return;
  if (!heard) return;
  await world.rig.store.queue.add([
    { object: record.object, local_id: record.id, reason: "heard", due_at: world.clock.iso() },
  ]);
}

/** False when there is no such record, its page has no such property, or it holds the value already. */
function typeInHubspot(world: World, { record, rule }: Place, text: string): boolean {
  const present = hubspotRecord(world, record);
  if (rule.field === "email" && linkOf(world, record) === null) return false;
  if (!present || (present.properties[rule.property] ?? "") === text) return false;
  const before = heldBy(world, record).get(rule)?.hubspot;
  const { hubspot } = world.rig.simulator;
  const type = record.object === "contacts" ? "contacts" : "companies";
  try {
    hubspot.editAsUser(type, present.id, { [rule.property]: text });
  } catch {
    return false;
  }
  world.story.push(
    `hubspot ${record.object} ${record.key} ${rule.field} = ${JSON.stringify(text)}`,
  );
  note(world, { record, rule }, "hubspot", before);
  return true;
}

/** An edit is to travel unless it brought back what both sides agreed on; an empty side that never agreed says nothing. */
export function note(world: World, { record, rule }: Place, side: Side, before: Held[Side]): void {
  const value = heldBy(world, record).get(rule)?.[side];
  if (value === undefined) return;
  const track = trackOf(world, record, rule);
  track.held[side].add(value);
  track.since[side] = Date.now();
  if (value === before) return;
  const base = baseOf(world, record);
  const agreed = base[rule.field];
  const isAgreed =
    agreed === undefined
      ? value === null
      : value === agreed || (side === "local" && value === base[`${rule.field}@sent`]);
  if (isAgreed) delete track.pending[side];
  else track.pending[side] = value;
}
