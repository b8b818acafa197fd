/** Finds or creates the HubSpot company of each domain, without ever making a second one. */
import type { Company } from "../core/company.ts";
import { matchCompanies } from "../core/company-match.ts";
import type { Contact } from "../core/contact.ts";
import { countryName } from "../core/country.ts";
import { companyKeyProperty } from "../core/crm-setup.ts";
import type { AppError } from "../core/errors.ts";
import type { Crm, CrmCall, WriteOutcome } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import { companyStanding } from "./company-standing.ts";
import { announceCompanies, companyError, saveCompanies } from "./sync-company-log.ts";

/** HubSpot ids by domain, and why the remaining domains have none. */
export interface CompaniesResolved {
  readonly ids: ReadonlyMap<string, string>;
  readonly failures: ReadonlyMap<string, AppError>;
  /** Domains whose company people deleted in HubSpot: none is made in its place. */
  readonly withheld: ReadonlySet<string>;
  readonly created: number;
}

const nothing: CompaniesResolved = {
  ids: new Map(),
  failures: new Map(),
  withheld: new Set(),
  created: 0,
};

/**
 * Resolves the companies of contacts. In this order: our own link, or that of the company which ours was merged into; a search by domain (finds what people made); an upsert by
 * our unique key. The search lags HubSpot's writes, so what an earlier try may have created a moment ago is read by the key, which does not: people may have
 * edited it since.
 */
export async function resolveCompanies(
  { store, crm, runId }: { store: Store; crm: Crm; runId: string },
  contacts: readonly Contact[],
  { call, now, unsure }: { call: CrmCall; now: string; unsure: ReadonlySet<number> },
): Promise<CompaniesResolved> {
  if (contacts.length === 0) return nothing;
  const companies = await ensureLocal(store, contacts, now);
  const { ids: linked, deleted } = await companyStanding(store, companies);
  const unlinked = companies.filter((company) => !linked.has(company.id));
  const found = await findByDomain(crm, unlinked, call);
  const lacking = unlinked.filter((company) => !found.has(company.domain));
  const wanted = lacking.filter((company) => !deleted.has(company.id));
  const tried = new Set(contacts.flatMap(({ id, domain }) => (unsure.has(id) ? [domain] : [])));
  const made = await findByKey(
    crm,
    wanted.filter(({ domain }) => tried.has(domain)),
    call,
  );
  const toCreate = wanted.filter(({ domain }) => !made.has(domain));
  const announced = await announceCompanies(store, { runId, unlinked, toCreate, now });
  const outcomes = await create(crm, toCreate, call).catch(announced.failed);
  const ids = new Map<string, string>([...found, ...made]);
  for (const company of companies) {
    const id = linked.get(company.id);
    if (id) ids.set(company.domain, id);
  }
  const failures = new Map<string, AppError>();
  let created = 0;
  for (const outcome of outcomes) {
    if (outcome.kind !== "written") {
      failures.set(outcome.ref, companyError(outcome));
      continue;
    }
    ids.set(outcome.ref, outcome.record.id);
    if (outcome.created) created += 1;
  }
  await saveCompanies(store, { companies: unlinked, ids, now, ends: announced.ends(outcomes) });
  const withheld = lacking.filter((company) => deleted.has(company.id));
  return { ids, failures, withheld: new Set(withheld.map(({ domain }) => domain)), created };
}

/** A row for every domain, so that the link has something to hang on. */
async function ensureLocal(
  store: Store,
  contacts: readonly Contact[],
  now: string,
): Promise<readonly Company[]> {
  const nameByDomain = new Map<string, string | null>();
  for (const { domain, company } of contacts) {
    if (domain && !nameByDomain.get(domain)) nameByDomain.set(domain, company);
  }
  const domains = [...nameByDomain.keys()];
  const known = domains.length > 0 ? await store.companies.findByDomains(domains) : [];
  const have = new Set(known.map((company) => company.domain));
  const rows = domains
    .filter((domain) => !have.has(domain))
    .map((domain) => ({
      domain,
      name: nameByDomain.get(domain) ?? null,
      firmographics: null,
      summary: null,
    }));
  return rows.length > 0 ? [...known, ...(await store.companies.upsert(rows, now))] : known;
}

async function findByDomain(
  crm: Crm,
  companies: readonly Company[],
  call: CrmCall,
): Promise<ReadonlyMap<string, string>> {
  if (companies.length === 0) return new Map();
  const domains = companies.map((company) => company.domain);
  const found = await crm.findByValues(
    "companies",
    "domain",
    { values: domains, properties: ["domain"] },
    call,
  );
  return matchCompanies(domains, found);
}

async function findByKey(
  crm: Crm,
  companies: readonly Company[],
  call: CrmCall,
): Promise<ReadonlyMap<string, string>> {
  if (companies.length === 0) return new Map();
  const ids = companies.map(({ domain }) => domain);
  const ask = { ids, idProperty: companyKeyProperty, properties: [companyKeyProperty] };
  const { found } = await crm.read("companies", ask, call);
  return new Map(found.map(({ id, properties }) => [properties[companyKeyProperty] ?? "", id]));
}

async function create(
  crm: Crm,
  companies: readonly Company[],
  call: CrmCall,
): Promise<readonly WriteOutcome[]> {
  if (companies.length === 0) return [];
  const inputs = companies.map((company) => ({
    ref: company.domain,
    id: company.domain,
    properties: companyProperties(company),
  }));
  return crm.upsert("companies", companyKeyProperty, inputs, call);
}

/** What a new company starts with; people own it from then on. */
function companyProperties(company: Company): Record<string, string> {
  const known = company.firmographics;
  const properties = {
    [companyKeyProperty]: company.domain,
    domain: company.domain,
    name: known?.name ?? company.name ?? company.domain,
    description: known?.description,
    city: known?.city,
    country: known?.country ? (countryName(known.country) ?? known.country) : null,
  };
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}
