/** Which HubSpot company a domain means, when HubSpot may hold several or none. */
import { registrableDomain } from "./domain.ts";

/** What is needed of a HubSpot company to match it. */
export interface CompanyCandidate {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
}

/**
 * The company per domain: the oldest (lowest id) of those whose `domain` is the same registrable one. HubSpot lets several
 * companies share a domain; the oldest is the one people linked their deals to. Domains without a candidate are left out.
 */
export function matchCompanies(
  domains: readonly string[],
  candidates: readonly CompanyCandidate[],
): ReadonlyMap<string, string> {
  const wanted = new Set(domains);
  const matched = new Map<string, string>();
  for (const candidate of [...candidates].sort(byAge)) {
    const domain = registrableDomain(candidate.properties["domain"] ?? "");
    if (domain && wanted.has(domain) && !matched.has(domain)) matched.set(domain, candidate.id);
  }
  return matched;
}

/** HubSpot's ids are numbers in text that grow with time. */
function byAge(a: CompanyCandidate, b: CompanyCandidate): number {
  return a.id.length - b.id.length || (a.id < b.id ? -1 : 1);
}
