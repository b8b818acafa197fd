/** What a contact is set to when HubSpot's people gave it another company, or took one away. */
import type { Contact, ContactPatch } from "./contact.ts";
import { emailDomain } from "./email.ts";
import { readCompanyDomain } from "./field-readers.ts";
import { isDisposableDomain } from "./mail-domains.ts";

/** A HubSpot company as far as a contact takes it over; null = it has none. `domain` is a company's own, never a mail provider's. */
export interface CompanyFacts {
  readonly domain: string | null;
  readonly name: string | null;
}

const HUBSPOT = "hubspot";

/** A HubSpot company's facts from its properties `domain` and `name`. */
export function companyFactsOf(properties: Readonly<Record<string, string | null>>): CompanyFacts {
  return {
    domain: readCompanyDomain(properties["domain"] ?? ""),
    name: properties["name"]?.trim() || null,
  };
}

/**
 * The contact with the company of HubSpot: its domain in any case, which is emptied when the company has none, and its name where the
 * contact's is free to change.
 *
 * @param name null: the contact's company name stays
 */
export function followedPatch(
  contact: Contact,
  { domain, name }: CompanyFacts,
  now: string,
): ContactPatch {
  return stated(
    contact,
    {
      ...(domain === contact.domain ? {} : { domain }),
      ...(name === null || name === contact.company ? {} : { company: name }),
    },
    now,
  );
}

/**
 * The contact whose company was taken away in HubSpot. A domain that it has from HubSpot goes with it, and what its e-mail says holds again. One
 * that it has from anywhere else stays: it says where the person works, not what HubSpot shows. The company's name goes the same way where it is
 * still the one that came with the domain.
 *
 * @param nameOf the known name of the company with a domain, null when none is known; null: the contact's company name stays
 */
export function partedPatch(
  contact: Contact,
  nameOf: ((domain: string | null) => string | null) | null,
  now: string,
): ContactPatch {
  if (contact.provenance["domain"]?.source !== HUBSPOT) return {};
  const domain = ownDomain(contact);
  if (domain === contact.domain) return {};
  const hasCome =
    contact.company !== null &&
    contact.company === nameOf?.(contact.domain) &&
    contact.provenance["company"]?.source === HUBSPOT;
  return stated(contact, { domain, ...(hasCome ? { company: nameOf(domain) } : {}) }, now);
}

/** The domain that a contact's e-mail says it works for; null: a mail provider's. */
export function ownDomain({ email }: Pick<Contact, "email">): string | null {
  const domain = emailDomain(email);
  return isDisposableDomain(domain) ? null : readCompanyDomain(domain);
}

function stated(
  contact: Contact,
  set: Pick<ContactPatch, "domain" | "company">,
  at: string,
): ContactPatch {
  const names = Object.keys(set);
  if (names.length === 0) return {};
  const said = Object.fromEntries(names.map((name) => [name, { source: HUBSPOT, at }]));
  return { ...set, provenance: { ...contact.provenance, ...said } };
}
