/** Makes HubSpot ready for the sync, once: checks the portal and the map, creates the property group and our own properties. */
import { mapProblems } from "../core/crm-fit.ts";
import {
  changedFields,
  companyKeyProperty,
  mapSignature,
  missingProperties,
  neededCompanyProperties,
  neededProperties,
  propertyGroup,
} from "../core/crm-setup.ts";
import { AppError } from "../core/errors.ts";
import type { FieldMap, FieldMaps, MappedObject } from "../core/field-map.ts";
import type { Crm, CrmObject } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";

export interface SyncSetup {
  readonly store: Store;
  readonly crm: Crm;
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

const portalCursor = "hubspot-portal";
const setUpCursor = (object: MappedObject): string => `hubspot-setup:${object}`;

/**
 * Sets HubSpot up for the given kinds unless this very map and account were set up before (then it makes no request). Safe to repeat after
 * a crash: what exists is left alone. Customers are passed over while there are none. Returns remarks on what was created.
 *
 * Where the map has changed since, bases of fields that come from elsewhere now are forgotten, and all linked records are looked at again.
 *
 * @throws AppError `auth` that lists missing scopes; `input` when the map names properties that cannot be used, or when
 *   the token belongs to another portal than this database was synced with; all problems of all kinds at once
 */
export async function setUpHubspot(
  setup: SyncSetup,
  { objects, now }: { readonly objects: readonly MappedObject[]; readonly now: string },
): Promise<readonly string[]> {
  const open: MappedObject[] = [];
  for (const object of objects) if (!(await isDone(setup, object))) open.push(object);
  if (open.length === 0) return [];
  await checkPortal(setup, now);
  const lacking = await checkMaps(setup, open);
  for (const { object, missing } of lacking) {
    if (missing.length === 0) continue;
    await setup.crm.createPropertyGroup(object, propertyGroup);
    await setup.crm.createProperties(object, missing);
  }
  for (const object of open) await remember(setup, object, now);
  return lacking
    .filter(({ missing }) => missing.length > 0)
    .map(
      ({ object, missing }) =>
        `Created in HubSpot, on ${object}: ${missing.map(({ name }) => name).join(", ")}.`,
    );
}

/** Whether a kind needs no set-up: it was set up for this map and account, or there is nothing of it. */
async function isDone(setup: SyncSetup, object: MappedObject): Promise<boolean> {
  if (object === "customers" && !(await hasCustomers(setup))) return true;
  return isSetUp(setup, object);
}

async function hasCustomers({ store, maps }: SyncSetup): Promise<boolean> {
  return maps.customers.rules.length > 0 && (await store.customers.any());
}

/** Whether a sync that somebody asked for has set HubSpot up for this kind, this map and this account. */
export async function isSetUp(
  setup: Omit<SyncSetup, "crm">,
  object: MappedObject,
): Promise<boolean> {
  const stored = await setup.store.cursors.get(setUpCursor(object));
  return stored === JSON.stringify(wanted(setup, object));
}

function wanted({ accountKey, maps }: Omit<SyncSetup, "crm">, object: MappedObject): SetUp {
  return { account: accountKey, key: companyKeyProperty, fields: mapSignature(maps[object]) };
}

/** Has the next sync set HubSpot up again: something of ours is not there any more. */
export async function forgetSetUp(store: Store, object: MappedObject, now: string): Promise<void> {
  const stored = parseSetUp(await store.cursors.get(setUpCursor(object)));
  if (stored)
    await store.cursors.set(setUpCursor(object), JSON.stringify({ ...stored, account: "" }), now);
}

/** Links of one portal mean nothing in another: writing there would create every record a second time. */
async function checkPortal({ store, crm }: SyncSetup, now: string): Promise<void> {
  const { portalId } = await crm.account();
  const known = await store.cursors.get(portalCursor);
  if (known !== null && known !== String(portalId)) {
    throw new AppError(
      "input",
      `This database was synced with HubSpot portal ${known}, but the token belongs to portal ${portalId}. Use that portal's token, or another DATABASE_URL.`,
      { code: "OTHER_PORTAL" },
    );
  }
  if (known === null) await store.cursors.set(portalCursor, String(portalId), now);
}

/** What the maps need of HubSpot's objects. Contacts bring companies along, customers are companies. */
async function checkMaps({ crm, maps }: SyncSetup, objects: readonly MappedObject[]) {
  const problems: string[] = [];
  const lacking = [];
  for (const { object, map, needed } of needs(maps, objects)) {
    const existing = await crm.properties(object);
    if (map) problems.push(...mapProblems(map, existing));
    lacking.push({ object, missing: missingProperties(needed, existing) });
  }
  if (problems.length > 0) throw mismatch(problems);
  return lacking;
}

/** What each object of HubSpot must have for the given kinds, with the map that is to fit it. */
export function needs(maps: FieldMaps, objects: readonly MappedObject[]) {
  const contacts = objects.includes("contacts") ? maps.contacts : null;
  const customers = objects.includes("customers") ? maps.customers : null;
  const of = (map: FieldMap | null) => (map ? neededProperties(map) : []);
  const companies = [...(contacts ? neededCompanyProperties : []), ...of(customers)];
  const all: readonly {
    object: Extract<CrmObject, "contacts" | "companies">;
    map: FieldMap | null;
    needed: ReturnType<typeof of>;
  }[] = [
    { object: "contacts", map: contacts, needed: of(contacts) },
    { object: "companies", map: customers, needed: companies },
  ];
  return all.filter(({ needed, map }) => needed.length > 0 || map !== null);
}

function mismatch(problems: readonly string[]): AppError {
  return new AppError(
    "input",
    `The field map does not fit this HubSpot account:\n- ${problems.join("\n- ")}`,
    { code: "FIELD_MAP_MISMATCH" },
  );
}

/** Another map may give records that are equal something to exchange: history is looked at again, once. */
async function remember(setup: SyncSetup, object: MappedObject, now: string): Promise<void> {
  await setup.store.transaction(async (store) => {
    const before = parseSetUp(await store.cursors.get(setUpCursor(object)));
    const reason = before
      ? await forgetAltered(store, before, setup.maps[object])
      : firstLook(object);
    if (reason !== null) await store.queue.addAll(object, reason, now);
    await store.cursors.set(setUpCursor(object), JSON.stringify(wanted(setup, object)), now);
  });
}

/** Customers have no state of their own that says that they were never synced. */
function firstLook(object: MappedObject): string | null {
  return object === "customers" ? "first sync" : null;
}

async function forgetAltered(store: Store, before: SetUp, map: FieldMap): Promise<string | null> {
  const { added, altered } = changedFields(before.fields, map);
  if (altered.length > 0) await store.fieldStates.forget(map.object, altered);
  return added.length + altered.length > 0 ? "field map changed" : null;
}

function parseSetUp(text: string | null): SetUp | null {
  return text ? (JSON.parse(text) as SetUp) : null;
}
