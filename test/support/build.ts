/** Builders for what tests are about: empty or as freshly imported, but for what the test says. */
import type { Firmographics } from "../../mcp-server/src/core/company.ts";
import type { Contact, ContactFields } from "../../mcp-server/src/core/contact.ts";
import type { NewContact } from "../../mcp-server/src/ports/contact-store.ts";

/** What a test says of a person; the e-mail is what makes it one. */
export type GivenFields = Partial<ContactFields> & { readonly email: string };

/** The fields of a contact of whom nothing is known but what is given. */
export function contactFields(given: GivenFields): ContactFields {
  return {
    first_name: null,
    last_name: null,
    company: null,
    domain: null,
    job_title: null,
    phone: null,
    country: null,
    city: null,
    website: null,
    linkedin_url: null,
    custom: null,
    email_status: null,
    engagement_state: null,
    unsubscribed: false,
    ...given,
  };
}

/** A contact as the store keeps it right after its import from a file; `updated_at` is the import's time unless given. */
export function contactRecord(given: Partial<Contact> & { readonly email: string }): Contact {
  const { imported_at = "2026-11-01T00:00:00.000Z" } = given;
  return {
    ...contactFields({ email: given.email }),
    id: 1,
    status: "imported",
    source: "csv",
    provenance: {},
    intelligence: null,
    quality_score: null,
    quality_reasons: null,
    enrichment_note: null,
    failed_stage: null,
    error: null,
    retry_at: null,
    attempts: 0,
    imported_at,
    enriched_at: null,
    synced_at: null,
    updated_at: imported_at,
    ...given,
  };
}

/** A contact to insert, imported at the given time (ISO-8601 UTC). */
export function newContactAt(
  imported_at: string,
  fields: GivenFields,
  source: NewContact["source"] = "csv",
): NewContact {
  return { source, imported_at, fields: contactFields(fields) };
}

/** What a provider says of a company: its name, and nothing else but what is given. */
export function firmographics(given: Partial<Firmographics>): Firmographics {
  return {
    name: "Acme",
    description: null,
    website: null,
    country: null,
    region: null,
    city: null,
    industry: null,
    employees_range: null,
    revenue_range: null,
    linkedin_url: null,
    technologies: [],
    ...given,
  };
}
