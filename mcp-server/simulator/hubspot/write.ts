/** Creating, changing and archiving one record, with everything that HubSpot does on the side. */
import { type Account, propertiesOf, recordsOf } from "./account.ts";
import { linksOf, unlinkAll } from "./association-store.ts";
import { changesTo, derivedFrom, newRecordDefaults } from "./derive.ts";
import { isoTime } from "./history.ts";
import { COMPANIES, CONTACTS, type ObjectType } from "./object-types.ts";
import { allocateId, type CrmRecord, insert, remove, type Source, type Values } from "./records.ts";
import { reindex } from "./unique.ts";
import {
  raiseCreation,
  raiseDeletion,
  raisePrivacyDeletion,
  raisePropertyChanges,
  raiseRestore,
} from "./webhook-events.ts";

function sourceValues(source: Source): Values {
  return {
    hs_object_source: source.type,
    hs_object_source_id: source.id,
    hs_object_source_label: source.type,
  };
}

/** Where a new record comes from, and when: `at` in ms, now unless the record is older. */
export type Origin = { readonly source: Source; readonly at?: number };

/** Stores a new record. The caller has checked the values. */
export function createRecord(
  account: Account,
  type: ObjectType,
  given: Values,
  { source, at = account.now() }: Origin,
): CrmRecord {
  const store = recordsOf(account, type);
  const id = allocateId(store, account.random.below(3));
  const defaults = newRecordDefaults(type, id);
  const nonEmpty = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
  const changes = { ...defaults, ...changesTo(propertiesOf(account, type), {}, nonEmpty) };
  const values: Values = {
    ...changes,
    ...derivedFrom(type, {}, changes, at),
    ...sourceValues(source),
    hs_object_id: id,
    [type.created]: isoTime(at),
    [type.modified]: isoTime(at),
  };
  const record: CrmRecord = {
    id,
    createdAt: at,
    mintedAt: at,
    updatedAt: at,
    archivedAt: null,
    properties: values,
    writes: [{ at, source, values }],
  };
  insert(store, record);
  reindex(account, type, id, { before: {}, after: values });
  raiseCreation(account, { type, id, source, at }, nonEmpty);
  return record;
}

/** New values, who writes them, and when: now unless the write is older. */
export type Change = { readonly values: Values; readonly source: Source; readonly at?: number };

/** Appends one write to a record: its values, its modified date, its history, its index entries. */
export function appendWrite(
  account: Account,
  type: ObjectType,
  record: CrmRecord,
  write: Change,
): void {
  const { at = account.now() } = write;
  const values = { ...write.values, [type.modified]: isoTime(at) };
  const before = record.properties;
  record.properties = { ...before, ...values };
  record.updatedAt = at;
  record.writes.push({ at, source: write.source, values });
  reindex(account, type, record.id, { before, after: record.properties });
  raisePropertyChanges(account, { type, id: record.id, source: write.source, at }, write.values);
}

/** Own secondary e-mail as the new primary one: the two change places. */
function swapEmails(before: Values, changes: Values): Values {
  const primary = changes["email"];
  const former = before["email"] ?? "";
  const secondary = (before["hs_additional_emails"] ?? "").split(";").filter(Boolean);
  if (primary === undefined || !secondary.includes(primary)) return {};
  const others = secondary.filter((email) => email !== primary);
  return { hs_additional_emails: [...others, former].filter(Boolean).join(";") };
}

/**
 * Changes a record. Values that it holds already change nothing, not even the modified date unless
 * the account is set so.
 * Recorded response of a batch update, 2025-11: the modified date of a repeated update stayed.
 *
 * @returns whether anything changed
 */
export function updateRecord(
  account: Account,
  type: ObjectType,
  record: CrmRecord,
  write: Change,
): boolean {
  const before = record.properties;
  const changes = changesTo(propertiesOf(account, type), before, write.values);
  const isUnchanged = Object.keys(changes).length === 0;
  if (isUnchanged && !account.settings.unchangedWritesBump) return false;
  const derived = derivedFrom(type, before, changes, write.at ?? account.now());
  const values = { ...changes, ...derived, ...swapEmails(before, changes) };
  appendWrite(account, type, record, { ...write, values });
  return !isUnchanged;
}

/** Moves a record to the recycle bin; its e-mail and unique values are free again. */
export function archiveRecord(
  account: Account,
  type: ObjectType,
  record: CrmRecord,
  source: Source,
): void {
  if (record.archivedAt !== null) return;
  const at = account.now();
  record.archivedAt = at;
  reindex(account, type, record.id, { before: record.properties, after: {} });
  raiseDeletion(account, { type, id: record.id, source, at });
}

/** Takes a record out of the recycle bin. The caller has checked that its unique values are free. */
export function restoreRecord(
  account: Account,
  type: ObjectType,
  record: CrmRecord,
  source: Source,
): void {
  record.archivedAt = null;
  reindex(account, type, record.id, { before: {}, after: record.properties });
  if (account.settings.restoreBumps) appendWrite(account, type, record, { values: {}, source });
  raiseRestore(account, { type, id: record.id, source, at: account.now() });
}

/** Deletes a record for good, with its history and associations. */
export function purgeRecord(
  account: Account,
  type: ObjectType,
  record: CrmRecord,
  source: Source,
): void {
  archiveRecord(account, type, record, source);
  unlinkAll(account.associations, { typeId: type.id, id: record.id });
  remove(recordsOf(account, type), record);
  raisePrivacyDeletion(account, { type, id: record.id, source, at: account.now() });
}

/** The ends of these links that are not in the recycle bin. */
function live(account: Account, type: ObjectType, ids: Iterable<string>): string[] {
  const { byId } = recordsOf(account, type);
  return [...ids].filter((id) => byId.get(id)?.archivedAt === null);
}

/** Values that follow from associations and are read without a write of their own. */
export function linkedValues(account: Account, type: ObjectType, record: CrmRecord): Values {
  const end = { typeId: type.id, id: record.id };
  if (type.name === "companies") {
    const contacts = linksOf(account.associations, end, CONTACTS.id).keys();
    return { num_associated_contacts: String(live(account, CONTACTS, contacts).length) };
  }
  if (type.name !== "contacts") return {};
  const links = linksOf(account.associations, end, COMPANIES.id);
  const primary = [...links].filter(([, types]) => types.has(1)).map(([id]) => id);
  const [associatedcompanyid] = live(account, COMPANIES, primary);
  return associatedcompanyid === undefined ? {} : { associatedcompanyid };
}
