/** Makes HubSpot ready for the sync, once: checks the portal and the map, creates the property group and our own properties. */
import { mapProblems } from "../core/crm-fit.ts";
import {
  missingProperties,
  type NeededProperty,
  neededCompanyProperties,
  neededProperties,
  propertyGroup,
} from "../core/crm-setup.ts";
import { AppError } from "../core/errors.ts";
import type { FieldMap, FieldMaps, MappedObject } from "../core/field-map.ts";
import type { Crm, CrmCall, CrmObject } from "../ports/crm.ts";
import { mapChange, noteSetUp, openKinds, type SetUpFor } from "./sync-map-change.ts";

export interface SyncSetup extends SetUpFor {
  readonly crm: Crm;
}

/** What is to be set up, and when. */
export interface SetUpNow {
  readonly objects: readonly MappedObject[];
  readonly now: string;
  /** Ends it between and within requests. */
  readonly signal?: AbortSignal;
}

/** What HubSpot lacks on one of its objects. */
export interface Lacking {
  readonly object: Extract<CrmObject, "contacts" | "companies">;
  readonly missing: readonly NeededProperty[];
}

const portalCursor = "hubspot-portal";
// A sync is set up once, for a run that takes its time.
const SETTING_UP: CrmCall = { lane: "backfill" };

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
  { objects, now, signal }: SetUpNow,
): Promise<readonly string[]> {
  const call: CrmCall = { ...SETTING_UP, ...(signal ? { signal } : {}) };
  const open = await openKinds(setup, objects);
  if (open.length === 0) return [];
  const portal = await checkedPortal(setup, call);
  const lacking = await checkedMaps(setup, open, call);
  await setup.store.cursors.set(portalCursor, portal, now);
  for (const object of open) await prepareRecords(setup, object, { lacking, now });
  for (const { object, missing } of lacking) {
    if (missing.length === 0) continue;
    await setup.crm.createPropertyGroup(object, propertyGroup, call);
    await setup.crm.createProperties(object, missing, call);
  }
  for (const object of open) await noteSetUp(setup, object, now);
  return lacking
    .filter(({ missing }) => missing.length > 0)
    .map(
      ({ object, missing }) =>
        `Created in HubSpot, on ${object}: ${missing.map(({ name }) => name).join(", ")}.`,
    );
}

/** The portal's id. Links of one portal mean nothing in another: writing there would create every record a second time. */
export async function checkedPortal(
  { store, crm }: SyncSetup,
  call: CrmCall = SETTING_UP,
): Promise<string> {
  const { portalId } = await crm.account(call);
  const known = await store.cursors.get(portalCursor);
  if (known === null || known === String(portalId)) return String(portalId);
  throw new AppError(
    "input",
    `This database was synced with HubSpot portal ${known}, but the token belongs to portal ${portalId}. Use that portal's token, or another DATABASE_URL.`,
    { code: "OTHER_PORTAL" },
  );
}

/** What the maps need of HubSpot's objects and these lack. Contacts bring companies along, customers are companies. */
export async function checkedMaps(
  { crm, maps }: SyncSetup,
  objects: readonly MappedObject[],
  call: CrmCall = SETTING_UP,
): Promise<readonly Lacking[]> {
  const problems: string[] = [];
  const lacking: Lacking[] = [];
  for (const { object, map, needed } of needs(maps, objects)) {
    const existing = await crm.properties(object, call);
    if (map) problems.push(...mapProblems(map, existing));
    lacking.push({ object, missing: missingProperties(needed, existing) });
  }
  if (problems.length > 0) throw mismatch(problems);
  return lacking;
}

/** What each object of HubSpot must have for the given kinds, with the map that is to fit it. */
function needs(maps: FieldMaps, objects: readonly MappedObject[]) {
  const contacts = objects.includes("contacts") ? maps.contacts : null;
  const customers = objects.includes("customers") ? maps.customers : null;
  const of = (map: FieldMap | null) => (map ? neededProperties(map) : []);
  const companies = [...(contacts ? neededCompanyProperties : []), ...of(customers)];
  const all = [
    { object: "contacts", map: contacts, needed: of(contacts) },
    { object: "companies", map: customers, needed: companies },
  ] as const;
  return all.filter(({ needed, map }) => needed.length > 0 || map !== null);
}

function mismatch(problems: readonly string[]): AppError {
  return new AppError(
    "input",
    `The field map does not fit this HubSpot account:\n- ${problems.join("\n- ")}`,
    { code: "FIELD_MAP_MISMATCH" },
  );
}

/** The names of what HubSpot lacks for the records of a kind. */
export function missingFor(object: MappedObject, lacking: readonly Lacking[]): ReadonlySet<string> {
  const crmObject = object === "contacts" ? "contacts" : "companies";
  const own = lacking.filter((one) => one.object === crmObject);
  return new Set(own.flatMap(({ missing }) => missing.map(({ name }) => name)));
}

/** Before anything is created: a crash between the two then leads here again. */
async function prepareRecords(
  setup: SyncSetup,
  object: MappedObject,
  { lacking, now }: { readonly lacking: readonly Lacking[]; readonly now: string },
): Promise<void> {
  const { forgotten, reason } = await mapChange(setup, object, missingFor(object, lacking));
  await setup.store.transaction(async (store) => {
    if (forgotten.length > 0) await store.fieldStates.forget(object, forgotten);
    if (reason !== null) await store.queue.addAll(object, reason, now);
  });
}
