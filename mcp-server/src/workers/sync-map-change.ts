/** Remembers for which account and map HubSpot was set up, and tells what another map changes for the records. */
import { changedFields, companyKeyProperty, mapSignature } from "../core/crm-setup.ts";
import type { FieldMap, FieldMaps, MappedObject } from "../core/field-map.ts";
import type { Store } from "../ports/store.ts";

/** Whose set-up it is. */
export interface SetUpFor {
  readonly store: Store;
  readonly maps: FieldMaps;
  /** Changes with the portal's address and the token, so that another account is noticed; holds no secret. */
  readonly accountKey: string;
}

/** What was set up, for which account: compared as text, and by field when the map has changed. */
interface SetUp {
  readonly account: string;
  readonly key: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * What a set-up changes for the records of a kind. `forgotten`: fields whose bases say nothing any more. `reason`: why all records are looked
 * at again; null when they need not be.
 */
export interface MapChange {
  readonly forgotten: readonly string[];
  readonly reason: string | null;
}

/** When nothing is set up, nothing changes. */
export const noMapChange: MapChange = { forgotten: [], reason: null };

// Stands for the account once something of ours is missing in it.
const LOST = "";

const setUpCursor = (object: MappedObject): string => `hubspot-setup:${object}`;

/** Whether a sync that somebody asked for has set HubSpot up for this kind, this map and this account. */
export async function isSetUp(setup: SetUpFor, object: MappedObject): Promise<boolean> {
  const stored = await setup.store.cursors.get(setUpCursor(object));
  return stored === JSON.stringify(wanted(setup, object));
}

/** Whether HubSpot was set up for this account, and the map has changed or something of ours is missing since. */
export async function isToBeMended(setup: SetUpFor, object: MappedObject): Promise<boolean> {
  const stored = parsed(await setup.store.cursors.get(setUpCursor(object)));
  return stored !== null && [LOST, setup.accountKey].includes(stored.account);
}

/** Notes that HubSpot is set up for a kind. */
export async function noteSetUp(setup: SetUpFor, object: MappedObject, now: string): Promise<void> {
  await setup.store.cursors.set(setUpCursor(object), JSON.stringify(wanted(setup, object)), now);
}

/** Has the next sync set HubSpot up again: something of ours is not there any more. */
export async function forgetSetUp(store: Store, object: MappedObject, now: string): Promise<void> {
  const stored = parsed(await store.cursors.get(setUpCursor(object)));
  if (stored)
    await store.cursors.set(setUpCursor(object), JSON.stringify({ ...stored, account: LOST }), now);
}

/** The kinds that are not set up for this map and account; customers are passed over while there are none. */
export async function openKinds(
  setup: SetUpFor,
  objects: readonly MappedObject[],
): Promise<readonly MappedObject[]> {
  const open: MappedObject[] = [];
  for (const object of objects) {
    const isNeeded = object !== "customers" || (await hasCustomers(setup));
    if (isNeeded && !(await isSetUp(setup, object))) open.push(object);
  }
  return open;
}

async function hasCustomers({ store, maps }: SetUpFor): Promise<boolean> {
  return maps.customers.rules.length > 0 && (await store.customers.any());
}

/** @param missing the properties that HubSpot lacks, and that the set-up creates empty */
export async function mapChange(
  { store, maps }: SetUpFor,
  object: MappedObject,
  missing: ReadonlySet<string>,
): Promise<MapChange> {
  const before = parsed(await store.cursors.get(setUpCursor(object)));
  return before ? changeSince(before.fields, maps[object], missing) : firstLook(object);
}

/** Customers have no state of their own that says that they were never synced. */
function firstLook(object: MappedObject): MapChange {
  return object === "customers" ? { forgotten: [], reason: "first sync" } : noMapChange;
}

/**
 * Another map may give records that are equal something to exchange. A field that the map has no more forgets its bases too: it may come back
 * on another property. A property that is created anew holds nothing, which nobody may take for values that people emptied.
 */
function changeSince(
  before: SetUp["fields"],
  map: FieldMap,
  missing: ReadonlySet<string>,
): MapChange {
  const { added, altered } = changedFields(before, map);
  const present = mapSignature(map);
  const removed = Object.keys(before).filter((field) => !Object.hasOwn(present, field));
  const recreated = map.rules
    .filter(({ field, property }) => missing.has(property) && Object.hasOwn(before, field))
    .map(({ field }) => field);
  const isOther = added.length + altered.length + recreated.length > 0;
  return {
    forgotten: [...new Set([...altered, ...removed, ...recreated])],
    reason: isOther ? "field map changed" : null,
  };
}

function wanted({ accountKey, maps }: SetUpFor, object: MappedObject): SetUp {
  return { account: accountKey, key: companyKeyProperty, fields: mapSignature(maps[object]) };
}

function parsed(text: string | null): SetUp | null {
  return text ? (JSON.parse(text) as SetUp) : null;
}
