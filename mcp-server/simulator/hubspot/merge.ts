/** Merging two records into a new one, and deleting a contact for privacy. */
import { type Account, apiSource, recordsOf } from "./account.ts";
import { type End, everyLink, link, unlinkAll } from "./association-store.ts";
import { readIdProperty } from "./batch-read.ts";
import { recordOfInput } from "./batch-writes.ts";
import { bodyObject, type Call, idText, type Reply } from "./call.ts";
import { ApiFailure, invalid, missingAttributes, recordNotFound } from "./errors.ts";
import { isoTime } from "./history.ts";
import type { ObjectType } from "./object-types.ts";
import { liveRecord } from "./plans.ts";
import { allocateId, type CrmRecord, insert, remove, type Source, type Values } from "./records.ts";
import { renderCreated } from "./render.ts";
import { emailsOf, reindex } from "./unique.ts";
import { raiseMerge } from "./webhook-events.ts";

const MAX_MERGED = 250;

function mergedIds(record: CrmRecord): string[] {
  return [...(record.properties["hs_merged_object_ids"] ?? "").split(";"), record.id].filter(
    Boolean,
  );
}

/** The primary record's values win; the other's fill its gaps and add its e-mails. */
function mergedValues(type: ObjectType, primary: CrmRecord, other: CrmRecord, id: string): Values {
  const filled = Object.entries(primary.properties).filter(([, value]) => value !== "");
  const values = { ...other.properties, ...Object.fromEntries(filled) };
  const ids = [...mergedIds(primary), ...mergedIds(other)];
  const base = { ...values, hs_object_id: id, hs_merged_object_ids: ids.join(";") };
  if (type.name !== "contacts") return base;
  const [email = "", ...others] = [
    ...new Set([...emailsOf(primary.properties), ...emailsOf(other.properties)]),
  ];
  return {
    ...base,
    email,
    hs_additional_emails: others.join(";"),
    hs_all_contact_vids: [id, ...ids].join(";"),
  };
}

function moveLinks(account: Account, from: End, to: End): void {
  const links = everyLink(account.associations, from);
  unlinkAll(account.associations, from);
  for (const { to: other, typeIds } of links) link(account.associations, to, other, typeIds);
}

/** What a merge writes over the primary record's values; the others keep their history. */
function changedBy(merged: Values, primary: Values): Values {
  return Object.fromEntries(
    Object.entries(merged).filter(([name, value]) => value !== primary[name]),
  );
}

/** How many values of the other record fill gaps of the primary one. */
function movedCount(primary: CrmRecord, other: CrmRecord): number {
  const isMoved = ([name, value]: [string, string]) =>
    value !== "" && (primary.properties[name] ?? "") === "";
  return Object.entries(other.properties).filter(isMoved).length;
}

/** Merges two records: a new id, the old ones resolve to it from now on. */
export function mergeRecords(
  account: Account,
  type: ObjectType,
  { primary, other }: { primary: CrmRecord; other: CrmRecord },
  source: Source,
): CrmRecord {
  const store = recordsOf(account, type);
  const id = allocateId(store, account.random.below(3));
  const at = account.now();
  const merged = mergedValues(type, primary, other, id);
  const values = { ...merged, [type.modified]: isoTime(at) };
  for (const gone of [primary, other]) {
    reindex(account, type, gone.id, { before: gone.properties, after: {} });
    remove(store, gone);
    store.aliases.set(gone.id, id);
  }
  const record: CrmRecord = {
    id,
    createdAt: primary.createdAt,
    mintedAt: at,
    updatedAt: at,
    archivedAt: null,
    properties: values,
    writes: [...primary.writes, { at, source, values: changedBy(values, primary.properties) }],
  };
  insert(store, record);
  reindex(account, type, id, { before: {}, after: values });
  // The primary record's associations come last, so that its primary company stays primary.
  for (const gone of [other, primary])
    moveLinks(account, { typeId: type.id, id: gone.id }, { typeId: type.id, id });
  const facts = { primaryId: primary.id, mergedId: other.id, moved: movedCount(primary, other) };
  raiseMerge(account, { type, id, source, at }, facts);
  return record;
}

function requireLive(call: Call, value: unknown): CrmRecord {
  const id = idText(value) ?? "";
  const record = liveRecord(call, id);
  if (record === undefined) throw recordNotFound(id);
  return record;
}

/** POST …/merge. */
export function merge(call: Call): Reply {
  const body = bodyObject(call);
  const { primaryObjectId, objectIdToMerge } = body;
  if (idText(primaryObjectId) === undefined || idText(objectIdToMerge) === undefined)
    throw missingAttributes("PublicMergeInput", ["primaryObjectId", "objectIdToMerge"]);
  const primary = requireLive(call, primaryObjectId);
  const other = requireLive(call, objectIdToMerge);
  if (primary.id === other.id) throw invalid("Cannot merge a record with itself");
  if (mergedIds(primary).length + mergedIds(other).length > MAX_MERGED)
    // HubSpot docs, error handling, read 2026-04: this is one of its two uses of 414.
    throw new ApiFailure(414, {
      message: `Cannot have more than ${MAX_MERGED} identities on a profile`,
      category: "VALIDATION_ERROR",
    });
  const merged = mergeRecords(call.account, call.type, { primary, other }, apiSource(call.account));
  return { status: 200, body: renderCreated(call.account, call.type, merged) };
}

/** The record that a privacy deletion names, or undefined. */
export function gdprTarget(call: Call): CrmRecord | undefined {
  const body = bodyObject(call);
  const id = idText(body["objectId"]);
  if (id === undefined) throw missingAttributes("PublicGdprDeleteInput", ["objectId"]);
  return recordOfInput(call, id, readIdProperty(call, body["idProperty"]));
}
