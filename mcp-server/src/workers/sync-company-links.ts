/** Keeps the links of companies true when HubSpot's companies are deleted or merged. */
import { readCompanyBase } from "../core/company-base.ts";
import { companyEnds, type LinkedCompany } from "../core/company-ends.ts";
import { companyFactsOf } from "../core/company-follow.ts";
import { mergedInto } from "../core/poll-difference.ts";
import type { Crm, CrmCall } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import type { FieldState, Link } from "../ports/sync-store.ts";
import { markContactsOf } from "./company-marks.ts";
import { iso } from "./iso-time.ts";

export interface MendingRun {
  readonly store: Store;
  readonly crm: Crm;
  readonly call: CrmCall;
  readonly now: () => number;
}

type CompaniesAnswer = Awaited<ReturnType<Crm["read"]>>;

/**
 * Asks HubSpot for companies that it did not associate, and mends their links. Returns the ids that were no longer true.
 */
export async function mendCompanyLinks(
  { store, crm, call, now }: MendingRun,
  hubspotIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (hubspotIds.length === 0) return new Set();
  const ids = [...new Set(hubspotIds)];
  const read = await crm.read("companies", { ids, properties: ["domain"] }, call);
  await mendLinks(store, read, iso(now()));
  return new Set([...read.missing, ...read.merged.keys()]);
}

/**
 * Links of companies that HubSpot has no more go, and the company remembers it, so that none is made in its place; those of merged ones follow to the
 * record that lives on, where one local company keeps the link and the others remember which. Returns the links that were untrue.
 *
 * @param read the answer for those ids, with the domains of the records that live on
 */
export async function mendLinks(
  store: Store,
  read: CompaniesAnswer,
  now: string,
): Promise<readonly Link[]> {
  const { missing } = read;
  const merged = mergedAway(read);
  const untrue = [...missing, ...merged.keys()];
  if (untrue.length === 0) return [];
  return store.transaction(async (within) => {
    const links = await within.links.byHubspotIds("companies", untrue);
    if (links.length === 0) return links;
    const held = await within.links.byHubspotIds("companies", [...new Set(merged.values())]);
    const linked = await linkedCompanies(within, [...links, ...held]);
    const domains = new Map(
      read.found.map(({ id, properties }) => [id, companyFactsOf(properties).domain]),
    );
    const { kept, ends } = companyEnds(linked, { missing, merged, domains });
    await within.links.remove(
      "companies",
      links.map((link) => link.local_id),
    );
    await within.links.put(
      kept.map((link) => ({ object: "companies" as const, ...link })),
      now,
    );
    await within.companies.keepEnds(ends);
    return links;
  });
}

/** Also those that nobody asked for: whichever of several merged ids is met first, all are settled at once. */
function mergedAway({ found, merged }: CompaniesAnswer): ReadonlyMap<string, string> {
  const survivors = new Set(merged.values());
  const own = new Set(found.map(({ id }) => id));
  const others = found
    .filter(({ id }) => survivors.has(id))
    .flatMap(({ id, properties }) =>
      mergedInto(properties)
        .filter((gone) => !own.has(gone))
        .map((gone) => [gone, id] as const),
    );
  return new Map([...others, ...merged]);
}

async function linkedCompanies(
  store: Store,
  links: readonly Link[],
): Promise<readonly LinkedCompany[]> {
  const rows = await store.companies.findByIds(links.map(({ local_id }) => local_id));
  const domains = new Map(rows.map(({ id, domain }) => [id, domain]));
  return links.map(({ local_id, hubspot_id }) => ({
    id: local_id,
    domain: domains.get(local_id) ?? "",
    hubspotId: hubspot_id,
  }));
}

/** Links companies both of whose ids are free: a company that has a link keeps it, on either side; of several wishes for one the first holds. */
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
  const free = wanted.filter(({ local_id, hubspot_id }) => {
    const isFree = !(locals.has(local_id) || ids.has(hubspot_id));
    locals.add(local_id);
    ids.add(hubspot_id);
    return isFree;
  });
  await within.links.put(
    free.map((link) => ({ object: "companies" as const, ...link })),
    now,
  );
  // Contacts that were synced without the company while it was gone get it now.
  for (const { domain } of await within.companies.forgetEnds(free.map(({ local_id }) => local_id)))
    await markContactsOf(within, domain, { isConcerned: hasNoCompany, now });
}

function hasNoCompany(base: FieldState["base"]): boolean {
  return readCompanyBase(base) === null;
}
