/** Finds records by the names that tests and people use, and shows what they hold. */
import { type Account, propertiesOf, recordsOf } from "./account.ts";
import { findObjectType, type ObjectType } from "./object-types.ts";
import { identifiesRecords } from "./property-store.ts";
import { type CrmRecord, resolveId } from "./records.ts";
import { findByUnique } from "./unique.ts";
import { linkedValues } from "./write.ts";

/** A record as tests look at it: current values, empty ones left out. */
export type RecordView = {
  id: string;
  properties: Record<string, string>;
  createdAt: number;
  updatedAt: number;
  archived: boolean;
};

/** Names a record: `["contacts", "ada@example.com"]`. */
export type EndName = readonly [type: string, key: string];

/** The object type of this name. Throws when the simulator has none. */
export function typeNamed(name: string): ObjectType {
  const type = findObjectType(name);
  if (type === undefined) throw new Error(`The simulator has no object type ${name}.`);
  return type;
}

/** What `key` says beside an id: a unique property and its value, an e-mail being one. */
function uniqueNamed(account: Account, type: ObjectType, key: string): [string, string] | null {
  const [, property = "", value = ""] = /^(\w+)=(.*)$/.exec(key) ?? [];
  if (identifiesRecords(propertiesOf(account, type), property)) return [property, value];
  return key.includes("@") ? ["email", key] : null;
}

/** The record with this id, e-mail or `property=value` of a unique property, archived ones by id. */
export function lookUp(account: Account, type: ObjectType, key: string): CrmRecord | undefined {
  const byId = resolveId(recordsOf(account, type), key);
  const unique = byId === undefined ? uniqueNamed(account, type, key) : null;
  if (unique === null) return byId;
  const id = findByUnique(account, type, ...unique);
  return id === undefined ? undefined : resolveId(recordsOf(account, type), id);
}

/** Like `lookUp`, with everything that helpers need of the record. Throws when there is none. */
export function recordNamed(account: Account, name: string, key: string) {
  const type = typeNamed(name);
  const record = lookUp(account, type, key);
  if (record === undefined) throw new Error(`The simulator holds no ${type.singular} ${key}.`);
  return { type, record, end: { typeId: type.id, id: record.id } };
}

/** Like `recordNamed`, for what cannot be done to a record in the recycle bin. */
export function liveNamed(account: Account, name: string, key: string) {
  const found = recordNamed(account, name, key);
  if (found.record.archivedAt === null) return found;
  throw new Error(`${found.type.singular} ${key} is in the recycle bin.`);
}

/** A record for tests. */
export function viewOf(account: Account, type: ObjectType, record: CrmRecord): RecordView {
  const values = { ...record.properties, ...linkedValues(account, type, record) };
  return {
    id: record.id,
    properties: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "")),
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    archived: record.archivedAt !== null,
  };
}
