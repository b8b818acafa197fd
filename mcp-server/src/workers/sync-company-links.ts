/** Keeps the links of companies true when HubSpot's companies are deleted or merged. */
import type { Crm, CrmCall } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import { iso } from "./iso-time.ts";

export interface MendingRun {
  readonly store: Store;
  readonly crm: Crm;
  readonly call: CrmCall;
  readonly now: () => number;
}

/**
 * Asks HubSpot for companies that it did not associate. Links of deleted ones go, so that the company is looked for anew; those of merged
 * ones follow to the record that lives on. Returns the ids that were no longer true.
 */
export async function mendCompanyLinks(
  { store, crm, call, now }: MendingRun,
  hubspotIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (hubspotIds.length === 0) return new Set();
  const ids = [...new Set(hubspotIds)];
  const { missing, merged } = await crm.read("companies", { ids, properties: ["domain"] }, call);
  const untrue = [...missing, ...merged.keys()];
  await store.transaction(async (within) => {
    const links = await within.links.byHubspotIds("companies", untrue);
    const held = await within.links.byHubspotIds("companies", [...merged.values()]);
    const taken = new Set(held.map((link) => link.hubspot_id));
    await within.links.remove(
      "companies",
      links.map((link) => link.local_id),
    );
    const followed = links.flatMap((link) => {
      const hubspot_id = merged.get(link.hubspot_id);
      return hubspot_id === undefined || taken.has(hubspot_id) ? [] : [{ ...link, hubspot_id }];
    });
    await within.links.put(followed, iso(now()));
  });
  return new Set(untrue);
}
