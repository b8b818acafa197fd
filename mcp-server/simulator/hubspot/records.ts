/** Records of one object type in memory: ordered by id, indexed by unique values, with history. */
import type { ObjectType } from "./object-types.ts";

/** Property values by name. An absent or empty value means that HubSpot holds none. */
export type Values = Readonly<Record<string, string>>;

/** Who wrote a value, as property history shows it. */
export type Source = {
  readonly type: string;
  readonly id: string;
  readonly label?: string;
  readonly userId?: number;
};

/** One write to one record; only the values that it changed. */
export type Write = { readonly at: number; readonly source: Source; readonly values: Values };

/** One record. Times in ms; `archivedAt` null while it is live. */
export type CrmRecord = {
  readonly id: string;
  readonly createdAt: number;
  /** When the id came to be; a merge's record is younger than its creation date says. */
  readonly mintedAt: number;
  updatedAt: number;
  archivedAt: number | null;
  properties: Values;
  /** Oldest first. */
  readonly writes: Write[];
};

/** All records of one type. */
export type RecordStore = {
  readonly type: ObjectType;
  readonly byId: Map<string, CrmRecord>;
  /** Ascending by id, archived ones included. */
  ordered: CrmRecord[];
  /** Property name → compared value → record id. E-mails index primary and secondary alike. */
  readonly unique: Map<string, Map<string, string>>;
  /** Merged-away id → surviving id. */
  readonly aliases: Map<string, string>;
  nextId: number;
};

/** Ids start where recorded ones of 2025 stood, a different range for each type. */
export function createRecordStore(type: ObjectType, index: number): RecordStore {
  return {
    type,
    byId: new Map(),
    ordered: [],
    unique: new Map(),
    aliases: new Map(),
    nextId: 171_596_000_000 + index * 1_000_000_000,
  };
}

/** The record with this id, following merges; undefined when there is none. */
export function resolveId(store: RecordStore, id: string): CrmRecord | undefined {
  const target = store.aliases.get(id);
  return target === undefined ? store.byId.get(id) : resolveId(store, target);
}

// HubSpot docs, restoring records, read 2026-04: the recycle bin keeps records for 90 days.
const BIN_MS = 90 * 86_400_000;

/** Whether a record is in the recycle bin: archived, and not so long ago that it was purged. */
export function isInBin(record: CrmRecord, now: number): boolean {
  return record.archivedAt !== null && now - record.archivedAt < BIN_MS;
}

/** The id that holds this unique value, or undefined. */
export function ownerOf(store: RecordStore, property: string, key: string): string | undefined {
  return store.unique.get(property)?.get(key);
}

/** Notes that a record holds this unique value. */
export function claim(store: RecordStore, property: string, key: string, id: string): void {
  const index = store.unique.get(property) ?? new Map<string, string>();
  store.unique.set(property, index);
  index.set(key, id);
}

/** Forgets a unique value, if this record held it. */
export function release(store: RecordStore, property: string, key: string, id: string): void {
  const index = store.unique.get(property);
  if (index?.get(key) === id) index.delete(key);
}

/** Position of the first record whose id is not below the given one. */
export function positionOf(store: RecordStore, id: number): number {
  let low = 0;
  let high = store.ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Number(store.ordered[middle]?.id) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds a record at the end; ids only grow. */
export function insert(store: RecordStore, record: CrmRecord): void {
  store.byId.set(record.id, record);
  store.ordered.push(record);
}

/** Takes a record out altogether, as a merge or a privacy deletion does. */
export function remove(store: RecordStore, record: CrmRecord): void {
  store.byId.delete(record.id);
  store.ordered.splice(positionOf(store, Number(record.id)), 1);
}

/** Ids grow by uneven steps, so that nobody computes the next one. */
export function allocateId(store: RecordStore, step: number): string {
  store.nextId += 1 + step;
  return String(store.nextId);
}
