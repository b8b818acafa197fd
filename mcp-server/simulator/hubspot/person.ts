/** What people do in HubSpot's own pages: edit, associate and merge records, define properties. */
import { type Account, propertiesOf, userSource } from "./account.ts";
import { changesTo } from "./derive.ts";
import { type LifeInPages, lifeIn } from "./life.ts";
import { liveNamed, type RecordView, typeNamed, viewOf } from "./look-up.ts";
import type { ObjectType } from "./object-types.ts";
import { readProperty } from "./property-input.ts";
import { liveProperty } from "./property-store.ts";
import type { CrmRecord, Values } from "./records.ts";
import { clashOf, uniqueKeysOf } from "./unique.ts";
import { refusalsOf } from "./validation.ts";
import { updateRecord } from "./write.ts";

/** Who edits, a user id, by default the first owner; and when, in ms, by default now. */
export type EditOptions = { userId?: number; at?: number };

/** What a person can do. Records are named as in `Hubspot.find`. */
export type Person = LifeInPages & {
  /**
   * Changes a record as a person in HubSpot's pages: history shows CRM_UI with the user's id. Throws
   * where the page would not take it: unknown or read-only properties, wrong values, taken unique
   * ones, archived records, and times before the record's last change or after now.
   */
  editAsUser(type: string, key: string, values: Values, options?: EditOptions): RecordView;
  /**
   * Gives many records the same values at the same moment, as a mass edit does; checked as one edit.
   * Unique properties are refused. Returns how many changed.
   */
  bulkEditAsUser(
    type: string,
    keys: readonly string[],
    values: Values,
    options?: EditOptions,
  ): number;
  /** Adds a property as an admin does; the row is as in the API. Throws when it is not valid. */
  defineProperty(type: string, row: Record<string, unknown>): void;
};

/** When an edit is made. */
function timeOf(account: Account, record: CrmRecord, at = account.now()): number {
  const last = record.writes.at(-1)?.at ?? record.createdAt;
  if (at >= last && at <= account.now()) return at;
  throw new Error(`An edit must be made after the record's last change and not in the future.`);
}

function checkValues(account: Account, type: ObjectType, values: Values): void {
  const [refusal] = refusalsOf(account, type, values);
  if (refusal !== undefined) throw new Error(`${refusal.name}: ${refusal.message}`);
}

function checkEdit(account: Account, type: ObjectType, record: CrmRecord, values: Values): void {
  checkValues(account, type, values);
  const changes = changesTo(propertiesOf(account, type), record.properties, values);
  const clash = clashOf(account, type, uniqueKeysOf(account, type, changes), record.id);
  if (clash !== null) throw clash;
}

function editMany(
  account: Account,
  name: string,
  keys: readonly string[],
  { values, userId, at }: EditOptions & { values: Values },
): number {
  const type = typeNamed(name);
  checkValues(account, type, values);
  if (uniqueKeysOf(account, type, values).length > 0)
    throw new Error("A mass edit cannot give many records one unique value.");
  const source = userSource(account, userId);
  const records = keys.map((key) => liveNamed(account, name, key).record);
  const edits = records.map((record) => ({ record, at: timeOf(account, record, at) }));
  return edits.filter((edit) =>
    updateRecord(account, type, edit.record, { values, source, at: edit.at }),
  ).length;
}

/** A person at work in this account. */
export function personIn(account: Account): Person {
  return {
    ...lifeIn(account),
    editAsUser: (name, key, values, { userId, at } = {}) => {
      const { type, record } = liveNamed(account, name, key);
      checkEdit(account, type, record, values);
      const source = userSource(account, userId);
      updateRecord(account, type, record, { values, source, at: timeOf(account, record, at) });
      return viewOf(account, type, record);
    },
    bulkEditAsUser: (name, keys, values, options = {}) =>
      editMany(account, name, keys, { ...options, values }),
    defineProperty: (name, row) => {
      const store = propertiesOf(account, typeNamed(name));
      const definition = readProperty(account, store, row);
      if (liveProperty(store, definition.name) !== undefined)
        throw new Error(`The simulator already has a property ${definition.name} of ${name}.`);
      store.definitions.set(definition.name, definition);
    },
  };
}
