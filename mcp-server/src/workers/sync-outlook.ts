/** What setting HubSpot up is going to change, for previews that must show the sync as it will be. */
import type { MappedObject } from "../core/field-map.ts";
import type { CrmCall } from "../ports/crm.ts";
import type { SyncKind } from "./sync-kind.ts";
import { type MapChange, mapChange, noMapChange, openKinds } from "./sync-map-change.ts";
import { checkedMaps, checkedPortal, missingFor, type SyncSetup } from "./sync-setup.ts";

/** How records of a kind will be planned once HubSpot is set up. */
export interface KindOutlook {
  /** False: HubSpot does not have the key property yet, so nothing can be found by it. */
  readonly isKeyKnown: boolean;
  /** Fields whose bases will be forgotten. */
  readonly forgotten: readonly string[];
  /** Whether all records will be looked at again. */
  readonly everything: boolean;
}

/** `missing`: the properties that will be created, as "companies.warp_ban"; `checked`: HubSpot's objects that are set up. */
export interface Outlook {
  readonly missing: readonly string[];
  readonly checked: readonly string[];
  of(kind: SyncKind): KindOutlook;
}

const settled: KindOutlook = { isKeyKnown: true, forgotten: [], everything: false };

/**
 * Looks without writing anything anywhere; makes no request for kinds that are set up.
 *
 * @throws AppError as the set-up itself would, where it cannot succeed
 */
export async function lookAhead(
  setup: SyncSetup,
  objects: readonly MappedObject[],
  call: CrmCall,
): Promise<Outlook> {
  const open = await openKinds(setup, objects);
  if (open.length === 0) return { missing: [], checked: [], of: () => settled };
  await checkedPortal(setup, call);
  const lacking = await checkedMaps(setup, open, call);
  const changes = new Map<MappedObject, MapChange>();
  for (const object of open)
    changes.set(object, await mapChange(setup, object, missingFor(object, lacking)));
  return {
    missing: lacking.flatMap(({ object, missing }) =>
      missing.map(({ name }) => `${object}.${name}`),
    ),
    checked: lacking.map(({ object }) => object),
    of: ({ map: { object }, keyProperty }) => {
      const { forgotten, reason } = changes.get(object) ?? noMapChange;
      const isKeyKnown = !missingFor(object, lacking).has(keyProperty);
      return { isKeyKnown, forgotten, everything: reason !== null };
    },
  };
}
