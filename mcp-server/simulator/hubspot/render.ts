/** Records as HubSpot's answers show them. */
import { type Account, propertiesOf, recordsOf } from "./account.ts";
import { linksOf } from "./association-store.ts";
import { findAssociationType } from "./association-types.ts";
import { type HistoryEntry, historyOf, isoTime } from "./history.ts";
import { findObjectType, type ObjectType } from "./object-types.ts";
import { liveProperty } from "./property-store.ts";
import type { CrmRecord, Values } from "./records.ts";
import { linkedValues } from "./write.ts";

/** One record in an answer. */
export type RecordBody = {
  id: string;
  properties: Record<string, string | null>;
  propertiesWithHistory?: Record<string, HistoryEntry[]>;
  createdAt: string;
  updatedAt: string;
  archived: boolean;
  archivedAt?: string;
  new?: boolean;
  associations?: Record<string, { results: { id: string; type: string }[] }>;
  url: string;
};

/** Which properties an answer shows: names sorted, unknown ones gone, the fixed three included. */
export function shownProperties(
  account: Account,
  type: ObjectType,
  asked: readonly string[] | null,
): string[] {
  const store = propertiesOf(account, type);
  const wanted = asked === null || asked.length === 0 ? type.defaults : asked;
  const known = wanted.filter((name) => liveProperty(store, name) !== undefined);
  return [...new Set([...known, type.created, type.modified, "hs_object_id"])].sort();
}

/** The envelope around properties. */
export function renderRecord(
  account: Account,
  type: ObjectType,
  record: CrmRecord,
  properties: Record<string, string | null>,
): RecordBody {
  return {
    id: record.id,
    properties,
    createdAt: isoTime(record.createdAt),
    updatedAt: isoTime(record.updatedAt),
    archived: record.archivedAt !== null,
    ...(record.archivedAt === null ? {} : { archivedAt: isoTime(record.archivedAt) }),
    url: `https://app.hubspot.com/contacts/${account.portalId}/record/${type.id}/${record.id}`,
  };
}

/** These properties of some values; null where HubSpot holds nothing. */
export function pick(values: Values, names: readonly string[]): Record<string, string | null> {
  const picked: Record<string, string | null> = {};
  for (const name of names) picked[name] = values[name] || null;
  return picked;
}

/** A record as a read shows it. */
export function renderRead(
  account: Account,
  type: ObjectType,
  record: CrmRecord,
  names: readonly string[],
): RecordBody {
  const values = { ...record.properties, ...linkedValues(account, type, record) };
  return renderRecord(account, type, record, pick(values, names));
}

function sortedNonEmpty(values: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== "")
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A new record as its create answers: everything that it holds. */
export function renderCreated(account: Account, type: ObjectType, record: CrmRecord): RecordBody {
  return renderRecord(account, type, record, sortedNonEmpty(record.properties));
}

// Recorded response of a contact batch update, 2025-11: these stand beside the written properties.
const ECHOED = [
  "hs_is_unworked",
  "hs_object_id",
  "hs_object_source",
  "hs_object_source_id",
  "hs_object_source_label",
  "hs_pipeline",
  "lifecyclestage",
] as const;

/** A changed record as its update answers: what was written, and a fixed few. */
export function renderUpdated(
  account: Account,
  type: ObjectType,
  record: CrmRecord,
  written: readonly string[],
): RecordBody {
  const fixed = ECHOED.filter((name) => (record.properties[name] ?? "") !== "");
  const names = [...new Set([...written, ...fixed, type.created, type.modified])].sort();
  const picked: Record<string, string | null> = {};
  for (const name of names) picked[name] = record.properties[name] ?? "";
  return renderRecord(account, type, record, picked);
}

/** `propertiesWithHistory` of the known ones among the asked names. */
export function renderHistory(
  account: Account,
  type: ObjectType,
  record: CrmRecord,
  asked: readonly string[],
): Record<string, HistoryEntry[]> {
  const store = propertiesOf(account, type);
  const histories: Record<string, HistoryEntry[]> = {};
  for (const name of asked) {
    const definition = liveProperty(store, name);
    if (definition !== undefined) histories[name] = historyOf(record, name, definition.calculated);
  }
  return histories;
}

function associationName(from: ObjectType, to: ObjectType, typeId: number): string {
  const label = findAssociationType(from.id, to.id, typeId)?.label ?? null;
  const base = `${from.singular}_to_${to.singular}`;
  const hasLabels = [1, 2, 5, 6, 279, 280, 341, 342].includes(typeId);
  return label === null && hasLabels ? `${base}_unlabeled` : base;
}

/** `associations` of a read: for each asked type that has any, ids and association names. */
export function renderAssociations(
  account: Account,
  type: ObjectType,
  record: CrmRecord,
  asked: readonly string[],
): NonNullable<RecordBody["associations"]> {
  const shown: NonNullable<RecordBody["associations"]> = {};
  for (const name of asked) {
    const to = findObjectType(name);
    if (to === undefined) continue;
    const links = linksOf(account.associations, { typeId: type.id, id: record.id }, to.id);
    const { byId } = recordsOf(account, to);
    const live = [...links].filter(([id]) => byId.get(id)?.archivedAt === null);
    const results = live.flatMap(([id, types]) =>
      [...types]
        .sort((a, b) => a - b)
        .map((typeId) => ({ id, type: associationName(type, to, typeId) })),
    );
    if (results.length > 0) shown[to.name] = { results };
  }
  return shown;
}
