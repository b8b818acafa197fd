/** What an enrichment would look up and cost, without asking anybody and without writing anything. */
import { PEOPLE_PER_BRIEF } from "../core/brief.ts";
import type { Contact } from "../core/contact.ts";
import type { JobPatch } from "../ports/job-store.ts";
import { cachedCompanies, isLookedUp, namesByDomain } from "./enrichment-companies.ts";
import type { EnrichmentJob } from "./enrichment-job.ts";
import { cachedTexts, findSubjects } from "./enrichment-texts.ts";

interface Sums {
  contacts: number;
  passedOver: number;
  cachedTexts: number;
  texts: number;
  briefs: number;
  readonly domains: Set<string>;
  readonly cachedDomains: Set<string>;
}

/** The job's end with the estimate as its result. */
export async function estimateJob(
  job: EnrichmentJob,
  pieces: AsyncIterable<readonly number[]>,
): Promise<JobPatch> {
  const sums: Sums = {
    contacts: 0,
    passedOver: 0,
    cachedTexts: 0,
    texts: 0,
    briefs: 0,
    domains: new Set(),
    cachedDomains: new Set(),
  };
  for await (const ids of pieces) {
    await addPiece(job, sums, await job.services.store.contacts.findByIds(ids));
  }
  const result = resultOf(job, sums);
  const progress = { done: sums.contacts, total: sums.contacts, phase: "estimated" };
  return {
    progress,
    counts: { would_enrich: sums.contacts },
    notes: job.tally.notes,
    result,
    next: "Call enrich without dry_run to go ahead.",
  };
}

async function addPiece(
  job: EnrichmentJob,
  sums: Sums,
  contacts: readonly Contact[],
): Promise<void> {
  const { intelligence } = job.services;
  const domains = [...namesByDomain(contacts).keys()];
  const companies = await cachedCompanies(job, domains);
  for (const domain of domains) sums.domains.add(domain);
  for (const domain of companies.keys()) sums.cachedDomains.add(domain);
  sums.contacts += contacts.length;
  sums.passedOver += contacts.filter((contact) => !isLookedUp(contact)).length;
  if (intelligence === null) return;
  const { subjects } = findSubjects(intelligence, contacts, companies);
  const cached = await cachedTexts(job, subjects);
  // Where the company is not known yet its facts are not either: its people will have to be written about.
  const unseen = contacts.filter(
    (contact) => isLookedUp(contact) && !companies.has(contact.domain),
  );
  const open = new Set(subjects.filter((s) => !cached.has(s.contact.id)).map((s) => s.contact));
  const toWrite =
    job.services.companyData === null ? [...open] : [...new Set([...open, ...unseen])];
  const groups = Map.groupBy(toWrite, (contact) => contact.domain);
  sums.cachedTexts += cached.size;
  sums.texts += toWrite.length;
  for (const group of groups.values()) sums.briefs += Math.ceil(group.length / PEOPLE_PER_BRIEF);
}

function resultOf(job: EnrichmentJob, sums: Sums): Readonly<Record<string, unknown>> {
  const { companyData, intelligence } = job.services;
  const uncached = sums.domains.size - sums.cachedDomains.size;
  const lookups = companyData === null ? 0 : uncached;
  const usage = intelligence?.estimate({ briefs: sums.briefs, contacts: sums.texts });
  return {
    contacts: sums.contacts,
    passed_over: sums.passedOver,
    companies: sums.domains.size,
    cache_hits: sums.cachedDomains.size + sums.cachedTexts,
    lookups,
    credits: lookups * (companyData?.creditsPerCompany ?? 0),
    texts: sums.texts,
    requests: sums.briefs,
    input_tokens: usage?.input_tokens ?? 0,
    output_tokens: usage?.output_tokens ?? 0,
    cost_usd: usage ? usage.cost_usd : 0,
    model: intelligence?.model ?? null,
    company_lookup: companyData === null ? "skipped: EXPLORIUM_API_KEY is not set" : "on",
    text: intelligence === null ? "skipped: ANTHROPIC_API_KEY is not set" : "on",
  };
}
