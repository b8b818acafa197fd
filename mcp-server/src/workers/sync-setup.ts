/** Makes HubSpot ready for the sync, once: checks the portal, creates the property group and our own properties. */
import {
  companyKeyProperty,
  mapProblems,
  missingProperties,
  type NeededProperty,
  neededCompanyProperties,
  neededContactProperties,
  propertyGroup,
} from "../core/crm-setup.ts";
import { AppError } from "../core/errors.ts";
import type { FieldMap } from "../core/field-map.ts";
import type { Crm, CrmObject } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";

export interface SyncSetup {
  readonly store: Store;
  readonly crm: Crm;
  readonly map: FieldMap;
  /** Changes with the portal's address and the token, so that another account is noticed; holds no secret. */
  readonly accountKey: string;
}

const doneCursor = "hubspot-setup";
const portalCursor = "hubspot-portal";

/**
 * Sets HubSpot up unless this very map and account were set up before (then it makes no request). Safe to repeat after a crash:
 * what exists is left alone.
 *
 * @throws AppError `auth` that lists missing scopes; `input` when the map names properties that cannot be used, or when
 *   the token belongs to another portal than this database was synced with
 */
export async function setUpHubspot(setup: SyncSetup, now: string): Promise<void> {
  const fingerprint = JSON.stringify([
    setup.accountKey,
    setup.map.rules.map((rule) => [rule.property, rule.direction, rule.createProperty?.type]),
    companyKeyProperty,
  ]);
  if ((await setup.store.cursors.get(doneCursor)) === fingerprint) return;
  await checkPortal(setup, now);
  await provide(setup.crm, "contacts", neededContactProperties(setup.map), setup.map);
  await provide(setup.crm, "companies", neededCompanyProperties, null);
  await setup.store.cursors.set(doneCursor, fingerprint, now);
}

/** Has the next sync set HubSpot up again: something of ours is not there any more. */
export function forgetSetUp(store: Store, now: string): Promise<void> {
  return store.cursors.set(doneCursor, "", now);
}

/** Links of one portal mean nothing in another: writing there would create every contact a second time. */
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

async function provide(
  crm: Crm,
  object: CrmObject,
  needed: readonly NeededProperty[],
  map: FieldMap | null,
): Promise<void> {
  const existing = await crm.properties(object);
  const problems = map ? mapProblems(map, existing) : [];
  if (problems.length > 0) {
    throw new AppError(
      "input",
      `The field map does not fit this HubSpot account:\n- ${problems.join("\n- ")}`,
      {
        code: "FIELD_MAP_MISMATCH",
      },
    );
  }
  const missing = missingProperties(needed, existing);
  if (missing.length === 0) return;
  await crm.createPropertyGroup(object, propertyGroup);
  await crm.createProperties(object, missing);
}
