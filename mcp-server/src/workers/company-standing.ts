/** Which HubSpot company a local one stands for by now, be it by the link of the one that it was merged into. */
import type { Company } from "../core/company.ts";
import type { Store } from "../ports/store.ts";

/** HubSpot ids by local id, and the local companies without one because people deleted theirs in HubSpot. */
export interface CompanyStanding {
  readonly ids: ReadonlyMap<number, string>;
  readonly deleted: ReadonlySet<number>;
}

/** Reads links and ends of these companies. */
export async function companyStanding(
  store: Store,
  companies: readonly Company[],
): Promise<CompanyStanding> {
  const into = [...new Set(companies.flatMap(({ merged_into }) => merged_into ?? []))];
  const survivors = into.length > 0 ? await store.companies.findByIds(into) : [];
  const links = await store.links.byLocalIds("companies", [
    ...companies.map(({ id }) => id),
    ...into,
  ]);
  const linked = new Map(links.map(({ local_id, hubspot_id }) => [local_id, hubspot_id]));
  const goneWith = new Set(
    survivors.filter(({ hubspot_deleted_id }) => hubspot_deleted_id !== null).map(({ id }) => id),
  );
  const ids = new Map(
    companies.flatMap(({ id, merged_into }) => {
      const hubspotId = linked.get(id) ?? linked.get(merged_into ?? 0);
      return hubspotId === undefined ? [] : [[id, hubspotId] as const];
    }),
  );
  const deleted = companies.filter(
    ({ hubspot_deleted_id, merged_into }) =>
      hubspot_deleted_id !== null || goneWith.has(merged_into ?? 0),
  );
  return { ids, deleted: new Set(deleted.map(({ id }) => id).filter((id) => !ids.has(id))) };
}
