/** Keeps the links of companies true when HubSpot's companies are deleted or merged. */
import type { Crm, CrmCall } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import type { Link } from "../ports/sync-store.ts";
import { iso } from "./iso-time.ts";

export interface MendingRun {
  readonly store: Store;
  readonly crm: Crm;
  readonly call: CrmCall;
  readonly now: () => number;
}

/**
 * Asks HubSpot for companies that it did not associate, and mends their links. Returns the ids that were no longer true.
 */
export async function mendCompanyLinks(
  { store, crm, call, now }: MendingRun,
  hubspotIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (hubspotIds.length === 0) return new Set();
  const ids = [...new Set(hubspotIds)];
  const { missing, merged } = await crm.read("companies", { ids, properties: ["domain"] }, call);
  await mendLinks(store, { missing, merged }, iso(now()));
  return new Set([...missing, ...merged.keys()]);
}

/** What HubSpot said of companies that are not under their ids any more. */
export interface UntrueIds {
  readonly missing: readonly string[];
  readonly merged: ReadonlyMap<string, string>;
}

/**
 * Links of companies that HubSpot has no more go, so that the company is looked for anew; those of merged ones follow to the record that lives on,
 * unless another local company has it already. Returns the links that were untrue.
 */
export async function mendLinks(
  store: Store,
  { missing, merged }: UntrueIds,
  now: string,
): Promise<readonly Link[]> {
  const untrue = [...missing, ...merged.keys()];
  if (untrue.length === 0) return [];
  return store.transaction(async (within) => {
    const links = await within.links.byHubspotIds("companies", untrue);
    if (links.length === 0) return links;
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
    await within.links.put(followed, now);
    return links;
  });
}

/** Links companies both of whose ids are free: a company that has a link keeps it, on either side. */
export async function linkFree(
  within: Store,
  wanted: readonly Omit<Link, "object">[],
  now: string,
): Promise<void> {
  if (wanted.length === 0) return;
  const [byLocal, byHubspot] = [
    await within.links.byLocalIds(
      "companies",
      wanted.map(({ local_id }) => local_id),
    ),
    await within.links.byHubspotIds(
      "companies",
      wanted.map(({ hubspot_id }) => hubspot_id),
    ),
  ];
  const locals = new Set(byLocal.map(({ local_id }) => local_id));
  const ids = new Set(byHubspot.map(({ hubspot_id }) => hubspot_id));
  const free = wanted.filter((link) => !(locals.has(link.local_id) || ids.has(link.hubspot_id)));
  await within.links.put(
    free.map((link) => ({ object: "companies" as const, ...link })),
    now,
  );
}
