/** What must hold of a look that changes nothing, and at the end, when edits and faults have stopped. */
import assert from "node:assert/strict";
import type { FieldRule } from "../../mcp-server/src/core/field-map.ts";
import { readLocal, readRemote } from "../../mcp-server/src/core/rule-values.ts";
import type { CanonicalValue } from "../../mcp-server/src/core/value-types.ts";
import { isAgreed } from "./sync-laws.ts";
import {
  baseOf,
  type Held,
  heldBy,
  hubspotRecord,
  linkOf,
  type ModelRecord,
  nameOf,
  rawLocal,
  rowOf,
  rulesOf,
  trackOf,
  type World,
} from "./world.ts";

function everything({ sql, rig }: World) {
  const tables = [
    "contacts",
    "customers",
    "field_state",
    "conflicts",
    "change_log",
    "links",
    "sync_log",
  ];
  return [
    ...tables.map((table) => sql.prepare(`select * from ${table} order by 1, 2`).all()),
    rig.simulator.hubspot.all("contacts"),
    rig.simulator.hubspot.all("companies"),
  ];
}

/** Checks that work leaves every record on both sides as it was, down to its times. */
export async function checkNothingWritten<T>(world: World, work: () => Promise<T>): Promise<T> {
  const before = everything(world);
  world.rig.forget();
  const done = await work();
  assert.deepEqual(everything(world), before, "looking changes nothing");
  assert.deepEqual(writesOf(world), [], "looking writes nothing to HubSpot");
  return done;
}

/** Everything that both sides hold, and what is remembered and logged of it. */
export function valuesOf(world: World) {
  const { sql, records } = world;
  return [
    ...records.map((record) => [...heldBy(world, record).values()]),
    ...records.map((record) => baseOf(world, record)),
    ...["customers", "conflicts", "change_log", "links"].map((table) =>
      sql.prepare(`select * from ${table} order by 1, 2`).all(),
    ),
    sql.prepare("select * from sync_log").all(),
  ];
}

/** Requests since `forget` that change anything in HubSpot. */
export function writesOf({ rig }: World): readonly string[] {
  return rig.requests().filter((request) => /(create|update|upsert|archive)$/.test(request));
}

/** Checks the end of a history, after two quiet rounds. */
export async function checkEnd(world: World): Promise<void> {
  const { conflicts } = await world.rig.store.conflicts.list(
    { status: "open" },
    { afterId: 0, limit: 1_000 },
  );
  for (const record of world.records) {
    const base = baseOf(world, record);
    for (const [rule, held] of heldBy(world, record)) {
      const conflict = conflicts.find(
        ({ object, local_id, field }) =>
          object === record.object && local_id === record.id && field === rule.field,
      );
      const name = nameOf(record, rule);
      checkMemory(world, { record, rule }, base);
      if (conflict) {
        assert.deepEqual([conflict.local, conflict.hubspot], [held.local, held.hubspot], name);
        checkConflict(world, { record, rule });
      } else if (`${rule.field}@blocked` in base) checkBlock(world, { record, rule }, held);
      else checkSettled(world, { record, rule }, held);
    }
  }
  checkRecords(world);
  checkLeftovers(
    world,
    conflicts.map(({ object, local_id, field }) => `${object} ${local_id} ${field}`),
  );
}

interface Place {
  readonly record: ModelRecord;
  readonly rule: FieldRule;
}

/** A base is a value that both sides held, whatever came between. */
function checkMemory(world: World, { record, rule }: Place, base: Record<string, CanonicalValue>) {
  const { held, isDecided, isUncertain } = trackOf(world, record, rule);
  if (isDecided || isUncertain || !(rule.field in base)) return;
  const value = base[rule.field];
  const sent = base[`${rule.field}@sent`] ?? null;
  const name = nameOf(record, rule);
  assert.ok(held.hubspot.has(value), `${name}: base ${value} was never HubSpot's`);
  assert.ok(
    held.local.has(value) || (sent !== null && held.local.has(sent)),
    `${name}: base ${value} was never ours`,
  );
}

/** A person is asked only where both sides were given something that nobody has decided about yet. */
function checkConflict(world: World, { record, rule }: Place): void {
  const name = nameOf(record, rule);
  const { pending, isUncertain } = trackOf(world, record, rule);
  assert.deepEqual([rule.direction, rule.strategy], ["BIDIRECTIONAL", "MANUAL"], name);
  const isContested = "local" in pending && "hubspot" in pending;
  assert.ok(isContested || isUncertain, `${name}: a conflict although one side has not moved`);
}

function checkBlock(world: World, { record, rule }: Place, held: Held): void {
  const name = nameOf(record, rule);
  const local = readLocal(rule, rawLocal(rowOf(world, record), rule));
  const remote = readRemote(rule, hubspotRecord(world, record)?.properties[rule.property] ?? null);
  const isCleared = !rule.clears && (held.local === null || held.hubspot === null);
  const isJustified = isCleared || local.problem !== null || remote.problem !== null;
  assert.notEqual(held.local, held.hubspot, `${name}: what is equal is not blocked`);
  assert.ok(isJustified, `${name}: blocked without a reason`);
}

function checkSettled(world: World, { record, rule }: Place, held: Held): void {
  const name = nameOf(record, rule);
  const track = trackOf(world, record, rule);
  const base = baseOf(world, record);
  const source = rule.direction === "WARP_TO_HUBSPOT" ? held.local : held.hubspot;
  const isUnborn = rule.direction !== "BIDIRECTIONAL" && !(rule.field in base) && source === null;
  // A local edit of what HubSpot owns is no reason to look at the record; the next look that has one tells.
  const isUnseen = rule.direction === "HUBSPOT_TO_WARP" && "local" in track.pending;
  if (isUnborn || (isUnseen && world.looksAt === "due")) return;
  assert.deepEqual(
    track.pending,
    {},
    `${name}: an edit is neither current, nor kept, nor in a conflict`,
  );
  assert.ok(
    isAgreed(world, { record, rule, now: held }),
    `${name}: ${held.local} here, ${held.hubspot} in HubSpot, agreed on ${base[rule.field]}`,
  );
}

/** One record in HubSpot for each of ours, and the links say so. */
function checkRecords(world: World): void {
  const { hubspot } = world.rig.simulator;
  for (const object of ["contacts", "customers"] as const) {
    const ours = world.records.filter((record) => record.object === object);
    const links = ours.map((record) => linkOf(world, record));
    assert.equal(new Set(links).size, ours.length, "each record has a link of its own");
    for (const record of ours)
      assert.ok(hubspotRecord(world, record), `${record.key} is in HubSpot`);
  }
  const contacts = world.records.filter(({ object }) => object === "contacts").length;
  assert.equal(hubspot.all("contacts").length, contacts, "no contact is doubled");
  const companies = hubspot.all("companies").map(({ properties }) => properties);
  for (const key of ["warp_ban", "sync_company_key"]) {
    const values = companies.flatMap((properties) => properties[key] ?? []);
    assert.equal(new Set(values).size, values.length, `no company is doubled by ${key}`);
  }
  const customers = world.records.filter(({ object }) => object === "customers");
  const named = new Set(companies.flatMap((properties) => properties["warp_ban"] ?? []));
  assert.deepEqual([...named].sort(), customers.map(({ key }) => key).sort());
  const others = companies.filter(
    ({ warp_ban, sync_company_key }) => !warp_ban && !sync_company_key,
  );
  assert.deepEqual(others, [], "no company is left behind");
}

/** Nothing waits any more but what a person has to look at. */
function checkLeftovers(world: World, open: readonly string[]): void {
  const { sql, records, looksAt } = world;
  const changes = sql
    .prepare<[], { object: string; local_id: number; field: string }>(
      "select distinct object, local_id, field from change_log",
    )
    .all();
  for (const { object, local_id, field } of changes) {
    const record = records.find((one) => one.object === object && one.id === local_id);
    assert.ok(record, `a change of ${object} ${local_id}`);
    const rule = rulesOf(record.object).find((one) => one.field === field);
    const isUnseen = looksAt === "due" && rule?.direction === "HUBSPOT_TO_WARP";
    const base = baseOf(world, record);
    const isOpen = open.includes(`${object} ${local_id} ${field}`) || `${field}@blocked` in base;
    const name = `${object} ${local_id} ${field}`;
    assert.ok(isOpen || isUnseen || !(field in base), `${name} is settled, but its change stays`);
  }
  assert.deepEqual(sql.prepare("select * from sync_queue").all(), [], "nothing is queued");
  const undone = sql.prepare("select id, status, error from contacts where status <> 'synced'");
  assert.deepEqual(undone.all(), [], "every contact is synced");
}
