/** Unique values: e-mails across primary and secondary ones, and properties made unique. */
import { type Account, propertiesOf, recordsOf } from "./account.ts";
import { type ApiFailure, conflict } from "./errors.ts";
import type { ObjectType } from "./object-types.ts";
import { claim, ownerOf, release, resolveId, type Values } from "./records.ts";
import { refusal, refused } from "./validation.ts";

/** One unique value: the property that indexes it and the text that is compared. */
export type UniqueKey = { property: string; key: string };

/** The primary and secondary e-mails, lower-cased. */
export function emailsOf(values: Values): string[] {
  return [values["email"] ?? "", ...(values["hs_additional_emails"] ?? "").split(";")]
    .map((email) => email.trim().toLowerCase())
    .filter((email) => email !== "");
}

/** The text under which a value of a unique property is compared. */
export function comparedText(account: Account, property: string, value: string): string {
  return property === "email" || account.settings.uniqueValuesIgnoreCase
    ? value.toLowerCase()
    : value;
}

/** Every unique value among these. */
export function uniqueKeysOf(account: Account, type: ObjectType, values: Values): UniqueKey[] {
  const emails =
    type.name === "contacts" ? emailsOf(values).map((key) => ({ property: "email", key })) : [];
  const own = [...propertiesOf(account, type).definitions.values()]
    .filter((definition) => definition.hasUniqueValue && definition.archivedAt === null)
    .map(({ name }) => ({ property: name, key: comparedText(account, name, values[name] ?? "") }))
    .filter(({ property, key }) => key !== "" && property !== "hs_object_id");
  return [...emails, ...own];
}

/** The failure that these values run into, or null. `selfId` is the record being written. */
export function clashOf(
  account: Account,
  type: ObjectType,
  keys: readonly UniqueKey[],
  selfId: string | null,
): ApiFailure | null {
  const store = recordsOf(account, type);
  for (const { property, key } of keys) {
    const holder = ownerOf(store, property, key);
    if (holder === undefined || holder === selfId) continue;
    return takenBy(account, type, { property, key }, { selfId, holder });
  }
  return null;
}

/**
 * The failure of a value that somebody holds: 409 for e-mails, 400 for properties made unique.
 * `holder` null is another row of the same batch, which has no id yet.
 */
export function takenBy(
  account: Account,
  type: ObjectType,
  { property, key }: UniqueKey,
  { selfId, holder }: { selfId: string | null; holder: string | null },
): ApiFailure {
  if (property === "email") return conflict(type, holder);
  const message = `Cannot set PropertyValueCoordinates{portalId=${account.portalId}, objectTypeId=${type.id}, propertyName=${property}, value=${key}} on ${selfId ?? "a new object"}. ${holder ?? "Another input"} already has that value.`;
  return refused(account, [
    refusal(account, property, { code: "CONFLICTING_UNIQUE_VALUE", message }),
  ]);
}

/** Moves a record's unique values from what it held to what it holds now. */
export function reindex(
  account: Account,
  type: ObjectType,
  id: string,
  values: { before: Values; after: Values },
): void {
  const store = recordsOf(account, type);
  for (const { property, key } of uniqueKeysOf(account, type, values.before))
    release(store, property, key, id);
  for (const { property, key } of uniqueKeysOf(account, type, values.after))
    claim(store, property, key, id);
}

/** The id of the live record that a value of an identifying property names, or undefined. */
export function findByUnique(
  account: Account,
  type: ObjectType,
  property: string,
  value: string,
): string | undefined {
  const store = recordsOf(account, type);
  const holder = ownerOf(store, property, comparedText(account, property, value));
  return holder === undefined ? undefined : resolveId(store, holder)?.id;
}
