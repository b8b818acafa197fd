/** One row of a write, checked before anything is stored: what it will do, or why it may not. */
import { type Account, apiSource, propertiesOf, recordsOf } from "./account.ts";
import type { End } from "./association-store.ts";
import { type Call, idText } from "./call.ts";
import { changesTo } from "./derive.ts";
import { invalid, unreadable } from "./errors.ts";
import { findLinks } from "./inline-associations.ts";
import { linkRecords } from "./links.ts";
import { type CrmRecord, resolveId, type Values } from "./records.ts";
import { type RecordBody, renderCreated, renderUpdated } from "./render.ts";
import { afterContactEmail, afterLinkChange } from "./rollups.ts";
import { clashOf, takenBy, type UniqueKey, uniqueKeysOf } from "./unique.ts";
import { readValues, refusalsOf, refused, requireForCreate } from "./validation.ts";
import { requireByRules } from "./validation-rules.ts";
import { createRecord, updateRecord } from "./write.ts";

/** A checked row. `commit` stores it and answers as HubSpot does. */
export type Plan = { readonly keys: readonly UniqueKey[]; readonly commit: () => RecordBody };

/** Unique values taken by earlier rows of the same all-or-nothing batch. */
export type Pending = Set<string>;

function checkClash(
  call: Call,
  pending: Pending,
  keys: readonly UniqueKey[],
  selfId: string | null,
) {
  const clash = clashOf(call.account, call.type, keys, selfId);
  if (clash !== null) throw clash;
  for (const { property, key } of keys) {
    if (pending.has(`${property}\n${key}`))
      throw takenBy(call.account, call.type, { property, key }, { selfId, holder: null });
    pending.add(`${property}\n${key}`);
  }
}

function checkValues(call: Call, values: Values): void {
  const refusals = refusalsOf(call.account, call.type, values);
  if (refusals.length > 0) throw refused(call.account, refusals);
}

function settle(account: Account, from: End, links: readonly { to: End; typeIds: number[] }[]) {
  for (const { to, typeIds } of links) {
    linkRecords(account, { from, to, typeIds }, apiSource(account));
    afterLinkChange(account, from, to);
  }
}

/** Checks a create. Throws an ApiFailure with what is wrong. */
export function planCreate(call: Call, row: Record<string, unknown>, pending: Pending): Plan {
  const { account, type } = call;
  if (row["properties"] === undefined)
    throw unreadable(
      "Cannot build SimplePublicObjectInputForCreate, some of required attributes are not set [properties]",
    );
  const values = readValues(row["properties"]);
  const links = findLinks(account, type, row["associations"]);
  checkValues(call, values);
  requireForCreate(type, values);
  if (call.enforcesRules) requireByRules(account, type, values);
  const keys = uniqueKeysOf(account, type, values);
  checkClash(call, pending, keys, null);
  return {
    keys,
    commit: () => {
      const record = createRecord(account, type, values, { source: apiSource(account) });
      const answer = renderCreated(account, type, record);
      settle(account, { typeId: type.id, id: record.id }, links);
      if (type.name === "contacts") afterContactEmail(account, record);
      return answer;
    },
  };
}

/** Checks an update of one record. Throws an ApiFailure with what is wrong. */
export function planUpdate(call: Call, record: CrmRecord, values: Values, pending: Pending): Plan {
  const { account, type } = call;
  checkValues(call, values);
  const changes = changesTo(propertiesOf(account, type), record.properties, values);
  if (call.enforcesRules) requireByRules(account, type, { ...record.properties, ...changes });
  const keys = uniqueKeysOf(account, type, changes);
  checkClash(call, pending, keys, record.id);
  return {
    keys,
    commit: () => {
      updateRecord(account, type, record, { values, source: apiSource(account) });
      if (changes["email"] !== undefined) afterContactEmail(account, record);
      return renderUpdated(account, type, record, Object.keys(values));
    },
  };
}

/** The live record that an id names, following merges; undefined when there is none. */
export function liveRecord(call: Call, id: string): CrmRecord | undefined {
  const store = recordsOf(call.account, call.type);
  const record = resolveId(store, id);
  return record?.archivedAt === null ? record : undefined;
}

/** The `id` of a batch input; 400 when it is missing. */
export function inputId(row: Record<string, unknown>, builds: string): string {
  const id = idText(row["id"]);
  if (id === undefined)
    throw unreadable(`Cannot build ${builds}, some of required attributes are not set [id]`);
  if (id === "") throw invalid("The id of an input must not be empty");
  return id;
}
