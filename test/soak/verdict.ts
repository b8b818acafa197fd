/** What was lost, doubled or left different. */
import { unpackFields } from "../../mcp-server/src/store/logged-fields.ts";
import { byPlace, type Edit, fatesOf, type Place, placeName } from "./ledger.ts";
import { crmRecord, propertyOf } from "./people.ts";
import type { SoakWorld } from "./world.ts";

export interface Verdict {
  readonly fates: Readonly<Record<string, number>>;
  /** Each of these must be empty. */
  readonly losses: readonly string[];
  readonly duplicates: readonly string[];
  readonly differences: readonly string[];
}

const SHOWN = 12;
/** Longer than any request that was on its way when somebody edited what it overwrote. */
const IN_FLIGHT_MS = 40_000;

/** Judges the end. */
export async function judge(world: SoakWorld): Promise<Verdict> {
  const fates: Record<string, number> = {};
  const losses: string[] = [];
  const differences: string[] = [];
  const kept = keptValues(world);
  const conflicts = openConflicts(world);
  for (const [name, edits] of byPlace(world.edits)) {
    const [place] = edits;
    const ends = place && endsOf(world, place);
    if (!place || !ends) continue;
    if (ends.here !== ends.hubspot && !conflicts.has(name))
      differences.push(`${name}: ${ends.here} here, ${ends.hubspot} in HubSpot`);
    for (const [edit, fate] of fatesOf(edits, { ...ends, kept: kept.get(name) ?? new Set() })) {
      const settled = fate === "lost" && (await isInHistory(world, edit)) ? "in_history" : fate;
      fates[settled] = (fates[settled] ?? 0) + 1;
      if (settled === "lost") losses.push(`${name}: ${edit.value}, written ${edit.side}`);
    }
  }
  return {
    fates,
    losses: [...losses, ...lostNotifications(world), ...unended(world)].slice(0, SHOWN),
    duplicates: duplicates(world).slice(0, SHOWN),
    differences: differences.slice(0, SHOWN),
  };
}

/** Both sides' values; null where a record ended on one side. */
function endsOf({ sql, simulator }: SoakWorld, place: Place) {
  const { object, key, field } = place;
  const { type, name } = crmRecord(place);
  const record = simulator.hubspot.find(type, name);
  const row = sql
    .prepare<[string], { value: unknown }>(
      `select ${field} as value from ${object} where ${object === "contacts" ? "email" : "ban"} = ?`,
    )
    .get(key);
  if (!row || !record || record.archived) return null;
  const here = row.value === null ? null : String(row.value);
  return { here, hubspot: record.properties[propertyOf(place)] || null };
}

/** Values by place that the log or a conflict holds although both sides hold others. */
function keptValues({ sql }: SoakWorld): ReadonlyMap<string, ReadonlySet<string>> {
  const kept = new Map<string, Set<string>>();
  const keep = (name: string, ...values: readonly (string | null | undefined)[]): void => {
    const there = kept.get(name) ?? new Set();
    for (const value of values) if (value != null) there.add(value);
    kept.set(name, there);
  };
  for (const row of sql.prepare<[], LogRow>(named("sync_log")).iterate())
    for (const { field, before, lost } of unpackFields(row.fields))
      keep(placeName({ ...row, field }), before, lost);
  for (const row of sql.prepare<[], ConflictRow>(named("conflicts")).iterate())
    keep(placeName(row), row.base, row.local, row.hubspot);
  return kept;
}

interface LogRow extends Place {
  readonly fields: string;
}
interface ConflictRow extends Place {
  readonly base: string | null;
  readonly local: string | null;
  readonly hubspot: string | null;
}

/** A table's rows with their record's key. */
function named(table: string): string {
  return `select t.*, coalesce(contacts.email, customers.ban) as key from ${table} as t
    left join contacts on t.object = 'contacts' and contacts.id = t.local_id
    left join customers on t.object = 'customers' and customers.id = t.local_id`;
}

function openConflicts({ sql }: SoakWorld): ReadonlySet<string> {
  const rows = sql.prepare<[], Place>(
    `select * from (${named("conflicts")}) where status = 'open'`,
  );
  return new Set(rows.all().map(placeName));
}

interface Version {
  readonly value: string;
  readonly timestamp: string;
}

/**
 * HubSpot has no conditional write: an edit made there between our read and our write is overwritten, and HubSpot's own history keeps it. True
 * where that is what happened.
 */
async function isInHistory({ simulator }: SoakWorld, edit: Edit): Promise<boolean> {
  if (edit.side === "here") return false;
  const { type, name } = crmRecord(edit);
  const property = propertyOf(edit);
  const id = simulator.hubspot.find(type, name)?.id;
  const url = `${simulator.hubspotUrl}/crm/objects/2026-09/${type}/${id}?propertiesWithHistory=${property}`;
  const answer = await fetch(url, {
    headers: { authorization: `Bearer ${simulator.hubspotToken}` },
  });
  const { propertiesWithHistory } = (await answer.json()) as {
    readonly propertiesWithHistory?: Readonly<Record<string, readonly Version[]>>;
  };
  const versions = propertiesWithHistory?.[property] ?? [];
  const found = versions.findIndex(({ value }) => value === edit.value);
  const [own, next] = [versions[found], versions[found - 1]];
  if (!own || !next) return false;
  return Date.parse(next.timestamp) - Date.parse(own.timestamp) < IN_FLIGHT_MS;
}

function lostNotifications({ sql, gateway }: SoakWorld): readonly string[] {
  const rows = sql.prepare<[], { payload: string }>("select payload from webhook_events");
  const stored = new Set<number>();
  for (const { payload } of rows.iterate()) stored.add(Number(JSON.parse(payload).eventId));
  const lost = [...gateway.acknowledged].filter((id) => !stored.has(id));
  return lost.map((id) => `notification ${id} was acknowledged and is not there`);
}

function unended({ sql }: SoakWorld): readonly string[] {
  const rows = sql.prepare<[], { what: string }>(
    "select action || ' of ' || object || ' ' || local_id || ' announced by ' || run_id || ' at ' || created_at as what from sync_log where outcome = 'intent'",
  );
  return rows.all().map(({ what }) => `${what} has no outcome`);
}

function duplicates({ simulator: { hubspot } }: SoakWorld): readonly string[] {
  const key = (type: string, property: string) =>
    hubspot.all(type).flatMap(({ properties }) => properties[property]?.toLowerCase() ?? []);
  const markers = hubspot
    .all("notes")
    .flatMap(
      ({ properties }) => /sync-note-\d+-\d+/u.exec(properties["hs_note_body"] ?? "")?.[0] ?? [],
    );
  return [
    ...twice("contact", key("contacts", "email")),
    ...twice("customer", key("companies", "warp_ban")),
    ...twice("company", key("companies", "domain")),
    ...twice("note", markers),
  ];
}

function twice(what: string, keys: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return keys.flatMap((key) => {
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [`${what} ${key} is there twice`];
  });
}
