/** Decides which local company keeps the link when HubSpot merges or deletes the companies that local ones are linked with. */

/** A local company and the HubSpot company that it is linked with. */
export interface LinkedCompany {
  readonly id: number;
  readonly domain: string;
  readonly hubspotId: string;
}

/**
 * What became of a local company that has no link of its own any more: `merged_into` is the local company that has the link of the HubSpot company
 * which lives on; `hubspot_deleted_id` the HubSpot company that people deleted. Both null: neither.
 */
export interface CompanyEnd {
  readonly id: number;
  readonly merged_into: number | null;
  readonly hubspot_deleted_id: string | null;
}

/** What HubSpot said: ids that it has no more, merged-away ids with those that live on, and the domains of the latter. */
export interface EndedIds {
  readonly missing: readonly string[];
  readonly merged: ReadonlyMap<string, string>;
  readonly domains: ReadonlyMap<string, string | null>;
}

/** The links that hold from now on, and what the companies that lost theirs remember. */
export interface CompanyEnds {
  readonly kept: readonly { readonly local_id: number; readonly hubspot_id: string }[];
  readonly ends: readonly CompanyEnd[];
}

/**
 * Of the local companies whose HubSpot companies became one, the one with its domain keeps the link; else the one that was linked with the one that
 * lives on; else the one whose HubSpot company is the oldest. The order in which they are given does not matter.
 *
 * @param linked those linked with ended ids and those linked with the ones that live on
 */
export function companyEnds(linked: readonly LinkedCompany[], said: EndedIds): CompanyEnds {
  const missing = new Set(said.missing);
  const deleted = linked
    .filter(({ hubspotId }) => missing.has(hubspotId))
    .map(({ id, hubspotId }) => ({ id, merged_into: null, hubspot_deleted_id: hubspotId }));
  const survivors = new Set(said.merged.values());
  const joined = Map.groupBy(
    linked.filter(({ hubspotId }) => said.merged.has(hubspotId) || survivors.has(hubspotId)),
    ({ hubspotId }) => said.merged.get(hubspotId) ?? hubspotId,
  );
  const groups = [...joined].map(([survivor, members]) => ({
    members,
    kept: { local_id: keeperOf(members, survivor, said), hubspot_id: survivor },
  }));
  const merged = groups.flatMap(({ members, kept }) =>
    members
      .filter(({ id }) => id !== kept.local_id)
      .map(({ id }) => ({ id, merged_into: kept.local_id, hubspot_deleted_id: null })),
  );
  return { kept: groups.map(({ kept }) => kept), ends: [...deleted, ...merged] };
}

function keeperOf(
  members: readonly LinkedCompany[],
  survivor: string,
  { domains }: EndedIds,
): number {
  const domain = domains.get(survivor) ?? null;
  const rank = (one: LinkedCompany): number => {
    if (one.domain === domain) return 0;
    return one.hubspotId === survivor ? 1 : 2;
  };
  const [first] = members.toSorted(
    (a, b) => rank(a) - rank(b) || byNumber(a.hubspotId, b.hubspotId),
  );
  return first?.id ?? 0;
}

/** HubSpot's ids grow; they are numbers without leading zeros. */
function byNumber(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}
