/** A contact as query-contacts shows it: the chosen fields, cleaned. */
import { type Contact, contactTextFields } from "../core/contact.ts";
import { withoutInvisible } from "../core/untrusted.ts";

/** Every field that may be asked for; `email` is always there. */
export const contactViewFields = [
  "id",
  "email",
  ...contactTextFields,
  "status",
  "source",
  "email_status",
  "engagement_state",
  "unsubscribed",
  "custom",
  "quality_score",
  "quality_reasons",
  "intelligence",
  "enrichment_note",
  "failed_stage",
  "error",
  "retry_at",
  "hubspot_id",
  "imported_at",
  "enriched_at",
  "synced_at",
  "updated_at",
] as const;
export type ContactViewField = (typeof contactViewFields)[number];

/** What a list shows when nobody chose. */
export const defaultViewFields: readonly ContactViewField[] = [
  "email",
  "first_name",
  "last_name",
  "company",
  "job_title",
  "phone",
  "status",
  "source",
  "quality_score",
  "imported_at",
  "enriched_at",
  "synced_at",
];

/** The chosen fields of a contact in the given order, e-mail first. */
export function viewContact(
  contact: Contact,
  fields: readonly ContactViewField[],
  hubspotId: string | null,
): { email: string; [field: string]: unknown } {
  const chosen = fields.map((field) => [
    field,
    field === "hubspot_id" ? hubspotId : withoutInvisible(contact[field]),
  ]);
  return { email: contact.email, ...Object.fromEntries(chosen) };
}
