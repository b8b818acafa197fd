/** What must hold once people and faults have stopped, and the program has had its time. */
import assert from "node:assert/strict";
import {
  companyDiffers,
  domainDiffers,
  primaryCompanyProperty,
} from "../../mcp-server/src/core/company-base.ts";
import type { Conflict } from "../../mcp-server/src/ports/conflict-store.ts";
import { isAgreed } from "./inbound-work.ts";
import {
  allRecords,
  heldBy,
  type InboundWorld,
  keyOf,
  linkOf,
  pendingOf,
  placeOf,
  remoteOf,
  rowOf,
  typeOf,
} from "./inbound-world.ts";
import { baseOf, type ModelRecord, nameOf, rulesOf } from "./world.ts";

const RECORD = "@record";

/** How HubSpot's changes are heard of in the end: by what still waits, by a reconciliation, or by polls alone. */
export type Hearing = "notified" | "reconciled" | "polled";

/** Checks everything. */
export async function checkEnd(world: InboundWorld, hearing: Hearing): Promise<void> {
  const page = { afterId: 0, limit: 1_000 };
  const { conflicts } = await world.rig.store.conflicts.list({ status: "open" }, page);
  checkLinks(world);
  for (const record of allRecords(world)) {
    const own = conflicts.filter(
      ({ object, local_id }) => object === record.object && local_id === record.id,
    );
    if (isLive(world, record)) checkLive(world, record, own);
    else checkEnded(world, record, own);
    // No modified date tells of an association.
    if (isLive(world, record) && hearing !== "polled") checkCompany(world, record);
  }
  checkLeftovers(world);
  assert.deepEqual(tracesOf(world), [], "who was erased is named nowhere");
}

/** Whether it is linked to a record that HubSpot has, by the id that it has there. */
function isLive(world: InboundWorld, record: ModelRecord): boolean {
  const link = linkOf(world, record);
  return link !== null && remoteOf(world, record)?.id === link;
}

interface LinkRow {
  readonly object: string;
  readonly local_id: number;
  readonly hubspot_id: string;
}

/** A link is one to one, leads to a stored record, and to HubSpot's present one unless that is known to have ended. */
function checkLinks(world: InboundWorld): void {
  const links = world.sql.prepare<[], LinkRow>("select * from links").all();
  const stones = world.sql.prepare<[], LinkRow>("select * from tombstones").all();
  for (const side of ["local_id", "hubspot_id"] as const) {
    const names = links.map((link) => `${link.object} ${link[side]}`);
    assert.equal(new Set(names).size, names.length, `links are one to one: ${names}`);
  }
  for (const { object, local_id, hubspot_id } of links) {
    const name = `link ${object} ${local_id} = ${hubspot_id}`;
    const stored = world.sql.prepare(`select id from ${object} where id = ?`).get(local_id);
    assert.ok(stored, `${name}: there is no such record here`);
    const type = object === "contacts" ? "contacts" : "companies";
    const found = world.rig.simulator.hubspot.find(type, hubspot_id);
    const isPresent = found !== undefined && !found.archived && found.id === hubspot_id;
    const isKnown = stones.some((one) => one.object === object && one.hubspot_id === hubspot_id);
    assert.ok(isPresent || isKnown, `${name}: it leads nowhere, and nothing tells of that`);
  }
}

/** Both sides hold the same, and remember it, but for what a person is asked about. */
function checkLive(world: InboundWorld, record: ModelRecord, open: readonly Conflict[]): void {
  const base = baseOf(world, record);
  assert.ok(
    !open.some(({ field }) => field === RECORD),
    `${keyOf(record)} is back in HubSpot, and still a decision about its end is asked for`,
  );
  for (const [rule, held] of heldBy(world, record)) {
    const name = nameOf(record, rule);
    const conflict = open.find(({ field }) => field === rule.field);
    if (conflict) {
      assert.deepEqual([conflict.local, conflict.hubspot], [held.local, held.hubspot], name);
      assert.deepEqual([rule.direction, rule.strategy], ["BIDIRECTIONAL", "MANUAL"], name);
      continue;
    }
    const source = rule.direction === "WARP_TO_HUBSPOT" ? held.local : held.hubspot;
    const isUnborn = rule.direction !== "BIDIRECTIONAL" && !(rule.field in base) && source === null;
    // An address that HubSpot keeps as a second one stays as it is on either side.
    if (isUnborn || isSecondAddress(world, record, rule.field)) continue;
    // Whose address another local contact has fails visibly, and takes over all else.
    if (rule.field === "email" && isTaken(world, record)) continue;
    // What a person let go may be empty on the other side when the record comes back: emptiness stays where the map says so, and is told.
    const isEmptied = !rule.clears && (held.local === null || held.hubspot === null);
    if (isEmptied && `${rule.field}@blocked` in base) continue;
    assert.deepEqual(pendingOf(world, record, rule), {}, `${name}: an edit is nowhere to be found`);
    assert.ok(
      isAgreed(world, record, { field: rule.field, held }),
      `${name}: ${held.local} here, ${held.hubspot} in HubSpot, agreed on ${base[rule.field]}`,
    );
  }
}

/** What both sides showed of a contact's company last is what they show; one that people deleted in HubSpot is waited for. */
function checkCompany(world: InboundWorld, record: ModelRecord): void {
  if (record.object !== "contacts") return;
  const base = baseOf(world, record);
  const domain = rowOf(world, record)?.["domain"] ?? null;
  const primary = remoteOf(world, record)?.properties[primaryCompanyProperty] ?? "";
  const told = `${keyOf(record)}: ${domain} here, ${primary} there, ${JSON.stringify(base)}`;
  assert.ok(!companyDiffers({ [primaryCompanyProperty]: primary }, base), told);
  const isDeleted = world.sql
    .prepare("select id from companies where domain = ? and hubspot_deleted_id is not null")
    .get(domain);
  if (isDeleted) return;
  assert.ok(!domainDiffers(domain === null ? null : String(domain), base), told);
}

function isSecondAddress(world: InboundWorld, record: ModelRecord, field: string): boolean {
  if (field !== "email") return false;
  const others = remoteOf(world, record)?.properties["hs_additional_emails"] ?? "";
  return others.split(";").includes(String(rowOf(world, record)?.["email"]));
}

/** HubSpot deleted it, or holds it and another one as a single record; what was edited here and never got there is asked about. */
function checkEnded(world: InboundWorld, record: ModelRecord, open: readonly Conflict[]): void {
  const name = keyOf(record);
  const link = linkOf(world, record);
  if (isTwin(world, record)) return;
  const stones = world.sql
    .prepare<[string, number, string], { policy: string }>(
      "select policy from tombstones where object = ? and (local_id = ? or hubspot_id = ?)",
    )
    .all(record.object, record.id, link ?? "");
  assert.ok(stones.length > 0, `${name} is not in HubSpot, and nothing tells why`);
  const conflict = open.find(({ field }) => field === RECORD);
  const unsent = rulesOf(record.object).filter(
    (rule) =>
      rule.direction !== "HUBSPOT_TO_WARP" &&
      !world.worked.has(placeOf(record, rule)) &&
      "local" in pendingOf(world, record, rule),
  );
  for (const { field } of unsent)
    assert.ok(
      conflict?.local?.includes(field),
      `${name} ${field}: edited here, deleted there, and nobody is asked (${conflict?.local})`,
    );
  for (const { field } of open) assert.equal(field, RECORD, `${name} has ended: nothing to decide`);
}

function isTaken(world: InboundWorld, record: ModelRecord): boolean {
  const row = rowOf(world, record);
  return row?.["status"] === "failed" && String(row["error"]).includes("another local contact has");
}

/** HubSpot holds it and another local one as a single record: it has no link, and a person is told why. */
function isTwin(world: InboundWorld, record: ModelRecord): boolean {
  if (linkOf(world, record) !== null) return false;
  const row = rowOf(world, record);
  if (record.object === "contacts")
    return row?.["status"] === "failed" && String(row["error"]).includes("single record");
  const last = world.sql
    .prepare<[number], { error: string | null }>(
      "select error from sync_log where object = 'customers' and local_id = ? and action = 'none' order by id desc limit 1",
    )
    .get(record.id);
  return last?.error?.includes("single company") === true;
}

/** Nothing waits any more but what a person has to look at. */
function checkLeftovers(world: InboundWorld): void {
  const none = (query: string, what: string) =>
    assert.deepEqual(world.sql.prepare(query).all(), [], what);
  none("select * from sync_queue", "nothing is queued");
  none("select * from hubspot_queue", "nothing of HubSpot's is to be looked at");
  none("select * from webhook_events where processed_at is null", "no notification waits");
  none("select * from webhook_events where outcome = 'quarantined'", "every notification is read");
  none(
    "select id, email, status, error from contacts where status not in ('synced', 'failed') and id not in (select local_id from tombstones where object = 'contacts' and local_id is not null)",
    "every contact came to its end",
  );
  none(
    "select id, email, status, error from contacts where status = 'failed' and error not like '%single record%' and error not like '%another local contact has%'",
    "nothing failed",
  );
}

/** Everything that both sides hold, and what is remembered and logged of it; without what differs from run to run. */
export function stateOf(world: InboundWorld): Readonly<Record<string, readonly unknown[]>> {
  const rows = (query: string) => world.sql.prepare(query).all();
  const { hubspot } = world.rig.simulator;
  return {
    local: allRecords(world).map((record) => [
      keyOf(record),
      ...[...heldBy(world, record)].map(([{ field }, held]) => [field, held.local, held.hubspot]),
    ]),
    domains: rows("select id, domain, company from contacts order by id"),
    links: rows("select object, local_id, hubspot_id from links order by 1, 2"),
    bases: rows("select object, local_id, base from field_state order by 1, 2"),
    conflicts: rows(
      "select object, local_id, field, local, hubspot, status from conflicts order by id",
    ),
    log: rows("select object, local_id, action, outcome, fields, error from sync_log order by id"),
    stones: rows(
      "select object, hubspot_id, local_id, reason, policy from tombstones order by 1, 2",
    ),
    hubspot: ["contacts" as const, "customers" as const].flatMap((object) =>
      hubspot.all(typeOf(object)).map(({ id, properties }) => [id, properties]),
    ),
  };
}

/** Requests since the last clearing that changed anything in HubSpot. */
export function writesIn({ rig }: InboundWorld): readonly string[] {
  return rig.simulator.requests
    .list({ service: "hubspot" })
    .filter(({ method, path }) => method !== "GET" && !/(batch\/read|search)$/.test(path))
    .map(({ method, path, body }) => `${method} ${path} ${body}`);
}

/** Whether anybody whose data were erased is named by anything that is stored; returns where. */
function tracesOf(world: InboundWorld): readonly string[] {
  const tables = world.sql
    .prepare<[], { name: string }>(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name",
    )
    .all();
  return tables.flatMap(({ name }) => {
    const rows = world.sql.prepare<[], object>(`select * from "${name}"`).all();
    return rows.flatMap((row) => {
      const text = JSON.stringify(row);
      const named = [...world.forgotten].filter((person) => text.includes(person));
      return named.map((person) => `${name} names ${person}: ${text}`);
    });
  });
}
