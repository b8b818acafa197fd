/** The company step of an enrichment: cache first, then the provider, once per company. */
import { z } from "zod";
import { inPieces } from "../core/brief.ts";
import type { Firmographics } from "../core/company.ts";
import type { Contact } from "../core/contact.ts";
import { counted } from "../core/enrichment-run.ts";
import { AppError } from "../core/errors.ts";
import { isDisposableDomain, isFreeMailDomain } from "../core/mail-domains.ts";
import type { CompanyLookups } from "../ports/enrichment.ts";
import type { EnrichmentJob } from "./enrichment-job.ts";

/** What is known of a domain's company. `unknown` says why there is nothing, for a person to read. */
export type CompanyKnowledge =
  | { readonly kind: "known"; readonly firmographics: Firmographics; readonly at: string }
  | { readonly kind: "unknown"; readonly note: string }
  | { readonly kind: "failed"; readonly error: AppError };

/** The cache's type for companies; the key is the domain. */
export const COMPANY_CACHE = "company";

const NO_KEY = "Company lookup was skipped: EXPLORIUM_API_KEY is not set.";
const NO_MATCH = "Explorium knows no company at this domain.";

// Answers are paid for, so they are stored after each of the provider's bulk calls, not after the whole piece.
const LOOKUP_SIZE = 50;

const text = z.string().nullable();
const firmographicsSchema = z.object({
  name: text,
  description: text,
  website: text,
  country: text,
  region: text,
  city: text,
  industry: text,
  employees_range: text,
  revenue_range: text,
  linkedin_url: text,
  technologies: z.array(z.string()),
});

/** True when company data may be asked for: a company's own domain, and the person did not object to outreach. */
export function isLookedUp(contact: Contact): contact is Contact & { domain: string } {
  const { domain, unsubscribed } = contact;
  if (domain === null || unsubscribed) return false;
  return !isFreeMailDomain(domain) && !isDisposableDomain(domain);
}

/** What is known of each domain of the contacts that may be looked up. */
export async function learnCompanies(
  job: EnrichmentJob,
  contacts: readonly Contact[],
): Promise<ReadonlyMap<string, CompanyKnowledge>> {
  const names = namesByDomain(contacts);
  const known = await cachedCompanies(job, [...names.keys()]);
  job.tally = counted(job.tally, { cache_hits: known.size });
  const missing = [...names.keys()].filter((domain) => !known.has(domain));
  const asked = missing.map((domain) => ({ domain, name: names.get(domain) ?? null }));
  for (const piece of inPieces(asked, LOOKUP_SIZE)) {
    for (const [domain, learnt] of await lookUp(job, piece)) known.set(domain, learnt);
  }
  return known;
}

/** Each domain with the first company name that a contact states. */
export function namesByDomain(contacts: readonly Contact[]): ReadonlyMap<string, string | null> {
  const names = new Map<string, string | null>();
  for (const contact of contacts) {
    if (!isLookedUp(contact)) continue;
    names.set(contact.domain, names.get(contact.domain) ?? contact.company);
  }
  return names;
}

/** What the cache says, "there is nothing" included. */
export async function cachedCompanies(
  job: EnrichmentJob,
  domains: readonly string[],
): Promise<Map<string, CompanyKnowledge>> {
  const known = new Map<string, CompanyKnowledge>();
  if (domains.length === 0) return known;
  const entries = await job.services.store.cache.get(COMPANY_CACHE, domains, job.now);
  for (const [domain, entry] of entries) {
    if (!job.isUsable(entry)) continue;
    const firmographics = firmographicsSchema.nullable().safeParse(entry.data);
    if (!firmographics.success) continue;
    known.set(domain, knowledge(firmographics.data, entry.cached_at));
  }
  return known;
}

function knowledge(firmographics: Firmographics | null, at: string): CompanyKnowledge {
  return firmographics === null
    ? { kind: "unknown", note: NO_MATCH }
    : { kind: "known", firmographics, at };
}

type Asked = { readonly domain: string; readonly name: string | null };

async function lookUp(
  job: EnrichmentJob,
  companies: readonly Asked[],
): Promise<readonly (readonly [string, CompanyKnowledge])[]> {
  const { companyData } = job.services;
  if (companyData === null || job.companiesStopped !== null) {
    const note = job.companiesStopped === null ? NO_KEY : stoppedNote(job.companiesStopped);
    job.remark(note);
    return companies.map(({ domain }) => [domain, { kind: "unknown", note }]);
  }
  const lookups = await companyData.lookup(companies, job.context.signal);
  job.companiesStopped = lookups.stopped;
  if (lookups.stopped) job.remark(stoppedNote(lookups.stopped));
  await remember(job, lookups);
  const { results, credits } = lookups;
  job.tally = counted(job.tally, { lookups: results.size, credits });
  await job.context.save(job.patch("looking companies up"));
  const at = job.now;
  return companies.map(({ domain }) => [domain, fromLookup(lookups, domain, at)]);
}

function stoppedNote(error: AppError): string {
  return `Company lookup was skipped: ${error.message}`;
}

function fromLookup(lookups: CompanyLookups, domain: string, at: string): CompanyKnowledge {
  const result = lookups.results.get(domain);
  if (result === undefined) {
    return lookups.stopped === null
      ? { kind: "failed", error: new AppError("unavailable", "The company lookup gave no answer.") }
      : { kind: "unknown", note: stoppedNote(lookups.stopped) };
  }
  if (result.kind === "failed") return result;
  return knowledge(result.kind === "found" ? result.firmographics : null, at);
}

/** Stores what was bought; a failure is not an answer and is not stored. */
async function remember(job: EnrichmentJob, { results }: CompanyLookups): Promise<void> {
  const answered = [...results].flatMap(([domain, result]) =>
    result.kind === "failed"
      ? []
      : [{ key: domain, data: result.kind === "found" ? result.firmographics : null }],
  );
  if (answered.length === 0) return;
  const found = answered.flatMap(({ key, data }) =>
    data === null ? [] : [{ domain: key, name: data.name, firmographics: data, summary: null }],
  );
  const times = { now: job.now, expires_at: job.later(job.settings.cacheMs) };
  await job.services.store.transaction(async (store) => {
    await store.cache.put(COMPANY_CACHE, answered, times);
    if (found.length > 0) await store.companies.upsert(found, times.now);
  });
}
