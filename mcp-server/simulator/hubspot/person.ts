/** What people do in HubSpot's own pages: edit, archive and merge records, define properties. */
import { type Account, propertiesOf, userSource } from "./account.ts";
import { changesTo } from "./derive.ts";
import { type RecordView, recordNamed, typeNamed, viewOf } from "./look-up.ts";
import { mergeRecords } from "./merge.ts";
import { readProperty } from "./property-input.ts";
import { liveProperty } from "./property-store.ts";
import type { CrmRecord, Values } from "./records.ts";
import { afterNoteArchived } from "./rollups.ts";
import { clashOf, uniqueKeysOf } from "./unique.ts";
import { refusalsOf } from "./validation.ts";
import { archiveRecord, updateRecord } from "./write.ts";

/** Who edits, a user id, by default the first owner; and when, in ms, by default now. */
export type EditOptions = { userId?: number; at?: number };

/** What a person can do. Records are named as in `Hubspot.find`. */
export type Person = {
  /**
   * Changes a record as a person in HubSpot's pages: history shows CRM_UI with the user's id. Throws
   * where the page would not take it: unknown or read-only properties, wrong values, taken unique
   * ones, and times before the record's last change or after now.
   */
  editAsUser(type: string, key: string, values: Values, options?: EditOptions): RecordView;
  archiveAsUser(type: string, key: string): void;
  /** Merges two records into a new one. Returns its id. */
  mergeAsUser(type: string, primaryKey: string, otherKey: string): string;
  /** Adds a property as an admin does; the row is as in the API. Throws when it is not valid. */
  defineProperty(type: string, row: Record<string, unknown>): void;
};

/** When an edit is made. */
function timeOf(account: Account, record: CrmRecord, at = account.now()): number {
  const last = record.writes.at(-1)?.at ?? record.createdAt;
  if (at >= last && at <= account.now()) return at;
  throw new Error(`An edit must be made after the record's last change and not in the future.`);
}

function checkEdit(account: Account, name: string, record: CrmRecord, values: Values): void {
  const type = typeNamed(name);
  const [refusal] = refusalsOf(account, type, values);
  if (refusal !== undefined) throw new Error(`${refusal.name}: ${refusal.message}`);
  const changes = changesTo(propertiesOf(account, type), record.properties, values);
  const clash = clashOf(account, type, uniqueKeysOf(account, type, changes), record.id);
  if (clash !== null) throw clash;
}

/** A person at work in this account. */
export function personIn(account: Account): Person {
  return {
    editAsUser: (name, key, values, { userId, at } = {}) => {
      const { type, record } = recordNamed(account, name, key);
      checkEdit(account, name, record, values);
      const source = userSource(account, userId);
      updateRecord(account, type, record, { values, source, at: timeOf(account, record, at) });
      return viewOf(account, type, record);
    },
    archiveAsUser: (name, key) => {
      const { type, record } = recordNamed(account, name, key);
      archiveRecord(account, type, record);
      if (type.name === "notes") afterNoteArchived(account, record.id);
    },
    mergeAsUser: (name, primaryKey, otherKey) => {
      const { type, record } = recordNamed(account, name, primaryKey);
      const other = recordNamed(account, name, otherKey).record;
      return mergeRecords(account, type, { primary: record, other }, userSource(account)).id;
    },
    defineProperty: (name, row) => {
      const store = propertiesOf(account, typeNamed(name));
      const definition = readProperty(account, store, row);
      if (liveProperty(store, definition.name) !== undefined)
        throw new Error(`The simulator already has a property ${definition.name} of ${name}.`);
      store.definitions.set(definition.name, definition);
    },
  };
}
