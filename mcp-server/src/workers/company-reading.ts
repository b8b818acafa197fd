/** Reads what HubSpot shows of contacts' companies, and decides what becomes of each. */
import { afterMerges, primaryCompanyOf, readCompanyBase } from "../core/company-base.ts";
import { type CompanyFacts, companyFactsOf } from "../core/company-follow.ts";
import { type CompanyMove, type CompanyView, companyMove, isInStep } from "../core/company-move.ts";
import type { RunDirection } from "../core/plan.ts";
import type { ContactSide } from "../core/sync-contact.ts";
import type { PlannedRecord } from "../core/sync-record.ts";
import type { Association } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import { companyStanding } from "./company-standing.ts";
import { iso } from "./iso-time.ts";
import { type CompaniesResolved, resolveCompanies } from "./sync-companies.ts";
import { mendLinks } from "./sync-company-links.ts";
import type { SyncRun } from "./sync-kind.ts";

export type CompanyRun = Pick<
  SyncRun,
  "store" | "crm" | "call" | "now" | "direction" | "runId" | "unsure"
>;

/** A contact of which something has to be done or kept about its company. */
export interface DecidedCompany {
  readonly planned: PlannedRecord<ContactSide>;
  readonly view: CompanyView;
  readonly move: CompanyMove;
  /** The companies that HubSpot has the contact with; null: it was not asked, because the contact is new there. */
  readonly associations: readonly Association[] | null;
  /** The company that is followed; null for any other move. */
  readonly facts: CompanyFacts | null;
}

/** Decisions by local id, and the HubSpot companies of domains that are to be associated. */
export interface CompaniesDecided {
  readonly decided: ReadonlyMap<number, DecidedCompany>;
  readonly resolved: CompaniesResolved;
}

const nothing: CompaniesDecided = {
  decided: new Map(),
  resolved: { ids: new Map(), failures: new Map(), withheld: new Set(), created: 0 },
};

/**
 * Decides for those that are not as both sides were. What looks moved is asked of HubSpot's associations before it is believed: the property that
 * tells the primary company may lag behind them, also behind our own. Failures are thrown, so that none is taken for "no company".
 */
export async function decideCompanies(
  run: CompanyRun,
  planned: readonly PlannedRecord<ContactSide>[],
): Promise<CompaniesDecided> {
  const open = planned.map(openOf).filter((item) => !isInStep(item));
  if (open.length === 0) return nothing;
  const links = await linksByDomain(run.store, open);
  const confirmed = await confirm(run, open, links);
  const companies = await readCompanies(run, confirmed, links);
  const decided = confirmed
    .map((item) => decide(item, links, companies))
    .filter((item) => item !== null)
    .filter(({ move }) => isAllowed(move, run.direction));
  const joining = decided.filter(({ move }) => move.kind === "associate");
  const resolved = await resolveCompanies(
    run,
    joining.map(({ planned: { sides } }) => sides.contact),
    { call: run.call, now: iso(run.now()), unsure: run.unsure ?? new Set() },
  );
  return { decided: new Map(decided.map((item) => [item.planned.sides.id, item])), resolved };
}

/** Whether a run of this direction may carry a move out. */
function isAllowed(move: CompanyMove, direction: RunDirection): boolean {
  if (direction === "both") return true;
  const isHubspots = move.kind === "follow" || move.kind === "parted";
  if (direction === "push") return !isHubspots;
  return isHubspots || (move.kind === "rest" && move.drop === null);
}

interface Open extends Omit<CompanyView, "linked" | "isOwn"> {
  readonly planned: PlannedRecord<ContactSide>;
  readonly associations: readonly Association[] | null;
}

function openOf(planned: PlannedRecord<ContactSide>): Open {
  const { contact, remote, base } = planned.sides;
  return {
    planned,
    // Of a record that HubSpot has not got nothing was ever agreed.
    base: remote === null ? null : readCompanyBase(base),
    domain: contact.domain?.toLowerCase() ?? null,
    primary: primaryCompanyOf(remote),
    associations: null,
  };
}

/** HubSpot ids that the local companies stand for, by domain. */
async function linksByDomain(
  store: Store,
  open: readonly Open[],
): Promise<ReadonlyMap<string, string>> {
  const domains = [...new Set(open.flatMap(({ domain }) => domain ?? []))];
  const rows = domains.length > 0 ? await store.companies.findByDomains(domains) : [];
  const { ids } = await companyStanding(store, rows);
  return new Map(
    rows.flatMap(({ id, domain }) => {
      const hubspotId = ids.get(id);
      return hubspotId === undefined ? [] : [[domain, hubspotId] as const];
    }),
  );
}

async function confirm(
  { crm, call }: CompanyRun,
  open: readonly Open[],
  links: ReadonlyMap<string, string>,
): Promise<readonly Open[]> {
  const asked = new Set(open.filter((item) => isToBeConfirmed(item, links)));
  if (asked.size === 0) return open;
  const ids = [...asked].flatMap(({ planned }) => planned.sides.hubspotId ?? []);
  const found = await crm.associations("contacts", "companies", ids, call);
  return open.flatMap((item) => {
    if (!asked.has(item)) return [item];
    const associations = found.get(item.planned.sides.hubspotId ?? "");
    // Gone meanwhile: the next look at the record tells.
    if (associations === undefined) return [];
    return [{ ...item, associations, primary: confirmedPrimary(item.primary, associations) }];
  });
}

/** Of a contact that HubSpot has, at the first look, only an other company than ours is news. */
function isToBeConfirmed(
  { planned, base, domain, primary }: Open,
  links: ReadonlyMap<string, string>,
): boolean {
  const { hubspotId, remote } = planned.sides;
  if (hubspotId === null || remote === null) return false;
  return base !== null || !(primary === null || primary === links.get(domain ?? ""));
}

// HubSpot's type id of a primary company (associations guide, read 2026-03).
const PRIMARY = 1;

/** What no association calls primary is what the property says, as long as the two are associated at all. */
function confirmedPrimary(
  told: string | null | undefined,
  associations: readonly Association[],
): string | null {
  const primary = associations.find(({ typeIds }) => typeIds.includes(PRIMARY));
  return primary?.id ?? associations.find(({ id }) => id === told)?.id ?? null;
}

interface CompaniesRead {
  readonly facts: ReadonlyMap<string, CompanyFacts>;
  readonly merged: ReadonlyMap<string, string>;
}

/** The companies that contacts now have and that are not known to be theirs, and those that they had: they may live on under another id. */
async function readCompanies(
  { store, crm, call, now }: CompanyRun,
  open: readonly Open[],
  links: ReadonlyMap<string, string>,
): Promise<CompaniesRead> {
  const ids = new Set<string>();
  for (const { base, domain, primary } of open) {
    const known = [links.get(domain ?? ""), base?.primary];
    if (primary && primary !== known[0]) ids.add(primary);
    if (primary !== undefined && base?.primary && base.primary !== primary) ids.add(base.primary);
  }
  if (ids.size === 0) return { facts: new Map(), merged: new Map() };
  const ask = { ids: [...ids], properties: ["domain", "name"] };
  const read = await crm.read("companies", ask, call);
  await mendLinks(store, read, iso(now()));
  const { found, merged } = read;
  const facts = new Map(found.map(({ id, properties }) => [id, companyFactsOf(properties)]));
  return { facts, merged };
}

/** null: HubSpot shows a company that it has not got; another look will find what it means. */
function decide(
  open: Open,
  links: ReadonlyMap<string, string>,
  { facts, merged }: CompaniesRead,
): DecidedCompany | null {
  const { planned, associations, domain } = open;
  const follow = (id: string): string => merged.get(id) ?? id;
  const link = links.get(domain ?? "");
  const linked = link === undefined ? null : follow(link);
  const primary = open.primary ? follow(open.primary) : open.primary;
  const shown = primary ? (facts.get(primary) ?? null) : null;
  const isOwn = isOf(domain, { primary, linked, shown });
  const view = { base: afterMerges(open.base, merged), domain, primary, linked, isOwn };
  const move = companyMove(view);
  const followed = move.kind === "follow" ? shown : null;
  if (move.kind === "follow" && followed === null) return null;
  return { planned, view, move, associations, facts: followed };
}

/** Whether HubSpot's primary company is the one of the local domain: by our link, or because it has this domain. */
function isOf(
  domain: string | null,
  {
    primary,
    linked,
    shown,
  }: Pick<CompanyView, "primary" | "linked"> & { readonly shown: CompanyFacts | null },
): boolean {
  if (domain === null || !primary) return false;
  return primary === linked || shown?.domain === domain;
}
