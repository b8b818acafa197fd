/** The tables of records: contacts, customers and companies. */
import type { Generated } from "kysely";
import type { Contact, ContactStatus, ContactTextField, ImportSource } from "../core/contact.ts";
import type {
  CustomerJsonField,
  CustomerNumberField,
  CustomerTextField,
} from "../core/customer.ts";

/** JSON columns hold text in both engines; times are ISO-8601 UTC text; flags are 0 or 1. */
export interface ContactTable extends Record<ContactTextField, string | null> {
  id: Generated<number>;
  email: string;
  custom: string | null;
  email_status: Contact["email_status"];
  engagement_state: string | null;
  unsubscribed: number;
  status: ContactStatus;
  source: ImportSource;
  /** null stands for `{}`. */
  provenance: Generated<string | null>;
  intelligence: Generated<string | null>;
  quality_score: Generated<number | null>;
  quality_reasons: Generated<string | null>;
  enrichment_note: Generated<string | null>;
  failed_stage: Generated<Contact["failed_stage"]>;
  error: Generated<string | null>;
  retry_at: Generated<string | null>;
  attempts: Generated<number>;
  imported_at: string;
  enriched_at: Generated<string | null>;
  synced_at: Generated<string | null>;
  updated_at: string;
}

/** Other programs write here too, so JSON may be malformed and, in SQLite, a number may be text. */
export interface CustomerTable
  extends Record<CustomerTextField | CustomerJsonField, string | null>,
    Record<CustomerNumberField, number | string | null> {
  id: Generated<number>;
  ban: string;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

export interface CompanyTable {
  id: Generated<number>;
  domain: string;
  name: string | null;
  firmographics: string | null;
  summary: string | null;
  updated_at: string;
  merged_into: Generated<number | null>;
  hubspot_deleted_id: Generated<string | null>;
}
