/** What both sides held last of a contact's company, packed beside the bases of its fields. */
import { companyState } from "./sync-contact.ts";
import type { CanonicalValue } from "./value-types.ts";

/** HubSpot's property for a contact's primary company, by id; read along with the mapped ones. */
export const primaryCompanyProperty = "associatedcompanyid";

// Kept beside `@company`: HubSpot's primary company where it is another one, the local domain, and the company that we associated.
const primaryKey = `${companyState}@primary`;
const domainKey = `${companyState}@domain`;
const madeKey = `${companyState}@made`;

/**
 * A contact's company after the last sync, by HubSpot ids; null = none. `company` is the one that the local domain stood for, `primary` the one
 * that HubSpot showed: they differ where people chose another one. `made` is a company that we associated ourselves and may part again. Earlier
 * versions knew only `company`: `primary` and `domain` are undefined then.
 */
export interface CompanyBase {
  readonly company: string | null;
  readonly primary: string | null | undefined;
  readonly domain: string | null | undefined;
  readonly made: string | null;
}

type Base = Readonly<Record<string, CanonicalValue>>;

// A base drops companions that are null, so that "none" is written as an empty text.
const NONE = "";

/** What a record's base says of its company; null when nothing was ever agreed. */
export function readCompanyBase(base: Base): CompanyBase | null {
  const company = base[companyState] ?? undefined;
  if (company === undefined) return null;
  const domain = base[domainKey] ?? undefined;
  const made = base[madeKey] || null;
  if (domain === undefined)
    return { company: company || null, primary: undefined, domain: undefined, made };
  const primary = base[primaryKey] ?? company;
  return { company: company || null, primary: primary || null, domain: domain || null, made };
}

/** The entries that make a record's base say this; none when it says so already. A companion that is null is dropped with the next sync. */
export function companyEntries(base: Base, next: CompanyBase): Base {
  const { company, primary, domain, made } = next;
  const isWhole = primary !== undefined && domain !== undefined;
  const wanted: Base = {
    [companyState]: company ?? NONE,
    [madeKey]: made,
    [domainKey]: isWhole ? (domain ?? NONE) : null,
    [primaryKey]: isWhole && primary !== company ? (primary ?? NONE) : null,
  };
  return Object.fromEntries(
    Object.entries(wanted).filter(([key, value]) => (base[key] ?? null) !== value),
  );
}

/** A contact's primary company as HubSpot answered; null: none, undefined: not said. A record that HubSpot has not got yet has none. */
export function primaryCompanyOf(
  properties: Readonly<Record<string, string | null>> | null,
): string | null | undefined {
  if (properties === null) return null;
  const id = properties[primaryCompanyProperty];
  return id === undefined ? undefined : id || null;
}

/**
 * Whether HubSpot shows another primary company than when the contact was last synced. HubSpot does not change a contact's modified date when only
 * its associations change, so this must be asked of whatever is read. What HubSpot leaves unsaid does not differ.
 */
export function companyDiffers(
  properties: Readonly<Record<string, string | null>>,
  base: Base,
): boolean {
  const primary = primaryCompanyOf(properties);
  if (primary === undefined) return false;
  const known = readCompanyBase(base);
  if (known === null) return primary !== null;
  return primary !== (known.primary === undefined ? known.company : known.primary);
}

/** Whether the local domain is another one than when the contact was last synced; a contact that never had a company differs once it has a domain. */
export function domainDiffers(domain: string | null, base: Base): boolean {
  const known = readCompanyBase(base);
  if (known === null) return domain !== null;
  return known.domain !== undefined && known.domain !== domain;
}

/** The base with ids of merged companies replaced by those that live on: a merge is nobody's move. */
export function afterMerges(
  base: CompanyBase | null,
  merged: ReadonlyMap<string, string>,
): CompanyBase | null {
  if (base === null) return null;
  const survivor = (id: string | null): string | null =>
    id === null ? null : (merged.get(id) ?? id);
  return {
    ...base,
    company: survivor(base.company),
    made: survivor(base.made),
    ...(base.primary === undefined ? {} : { primary: survivor(base.primary) }),
  };
}
