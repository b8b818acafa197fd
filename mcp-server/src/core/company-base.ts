/** What both sides held last of a contact's company, packed beside the bases of its fields. */
import { digest } from "./digest.ts";
import { companyState } from "./sync-contact.ts";
import type { CanonicalValue } from "./value-types.ts";

/** HubSpot's property for a contact's primary company, by id; read along with the mapped ones. */
export const primaryCompanyProperty = "associatedcompanyid";

// Companions of `@company`, only where they say something of their own: another primary company, and another company that we associated.
const primaryKey = `${companyState}@primary`;
const madeKey = `${companyState}@made`;

/**
 * A contact's company after the last sync, by HubSpot ids; null = none. `company` is the one that the local domain stood for, `primary` the one
 * that HubSpot showed: they differ where people chose another one. `mark` is the domain's, see `domainMark`. `made` is a company that we associated
 * ourselves and may part again. Earlier versions knew only `company`: `primary` and `mark` are undefined then.
 */
export interface CompanyBase {
  readonly company: string | null;
  readonly primary: string | null | undefined;
  readonly mark: string | null | undefined;
  readonly made: string | null;
}

type Base = Readonly<Record<string, CanonicalValue>>;

// Companions that are null are dropped from a base, so that "none" is an empty text.
const NONE = "";
// Long enough to tell a contact's next domain from its last one (41 bits), short enough to be kept for every contact.
const MARK_LENGTH = 8;

/** A short form of a contact's domain that only tells whether it is still the same; null for none. */
export function domainMark(domain: string | null): string | null {
  return domain === null ? null : digest(domain.toLowerCase()).slice(-MARK_LENGTH);
}

/** What a record's base says of its company; null when nothing was ever agreed. */
export function readCompanyBase(base: Base): CompanyBase | null {
  const packed = base[companyState] ?? null;
  if (packed === null) return null;
  const [, id, isMade, mark] = /^([^*#]*)(\*?)(?:#(.*))?$/.exec(packed) ?? [];
  const company = id || null;
  const made = isMade ? company : base[madeKey] || null;
  if (mark === undefined) return { company, primary: undefined, mark, made };
  const primary = (base[primaryKey] ?? company) || null;
  return { company, primary, mark: mark || null, made };
}

/** The entries that make a record's base say this; none when it says so already. A companion that is null is dropped with the next sync. */
export function companyEntries(base: Base, next: CompanyBase): Base {
  const { company, primary, mark, made } = next;
  const isWhole = primary !== undefined && mark !== undefined;
  const isOurs = made !== null && made === company;
  const wanted: Base = {
    [companyState]: `${company ?? NONE}${isOurs ? "*" : ""}${isWhole ? `#${mark ?? NONE}` : ""}`,
    [madeKey]: isOurs ? null : made,
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
  return known.mark !== undefined && known.mark !== domainMark(domain);
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
