/** Contacts as rows and rows as contacts: flags as 0 or 1, lists and maps as JSON text. */
import type { Selectable } from "kysely";
import type { Contact, ContactPatch } from "../core/contact.ts";
import type { NewContact } from "../ports/contact-store.ts";
import type { ColumnTypes, RowOf } from "./engine.ts";
import { fromForeignJson } from "./json-text.ts";
import type { ContactTable } from "./record-tables.ts";

/** Columns that an insert gives; the others begin empty. */
export const newContactColumns = {
  email: "text",
  first_name: "text",
  last_name: "text",
  company: "text",
  domain: "text",
  job_title: "text",
  phone: "text",
  country: "text",
  city: "text",
  website: "text",
  linkedin_url: "text",
  custom: "text",
  email_status: "text",
  engagement_state: "text",
  unsubscribed: "integer",
  source: "text",
  imported_at: "text",
} as const satisfies ColumnTypes;

/** Columns that a patch may set. */
export const contactColumns = {
  ...newContactColumns,
  status: "text",
  provenance: "text",
  intelligence: "text",
  quality_score: "real",
  quality_reasons: "text",
  enrichment_note: "text",
  failed_stage: "text",
  error: "text",
  retry_at: "text",
  attempts: "integer",
  enriched_at: "text",
  synced_at: "text",
  updated_at: "text",
} as const satisfies ColumnTypes;

type Cell = string | number | null;

/** The row that a new contact becomes. */
export function newContactRow(contact: NewContact): RowOf<typeof newContactColumns> {
  const { fields } = contact;
  return {
    ...fields,
    email: fields.email.toLowerCase(),
    custom: fields.custom === null ? null : JSON.stringify(fields.custom),
    unsubscribed: fields.unsubscribed ? 1 : 0,
    source: contact.source,
    imported_at: contact.imported_at,
  };
}

/** The columns that a patch sets, `updated_at` included. */
export function patchColumns(patch: ContactPatch, now: string): Readonly<Record<string, Cell>> {
  const cells = Object.entries(patch).map(([field, value]): [string, Cell] => [
    field,
    toCell(field, value),
  ]);
  return { ...Object.fromEntries(cells), updated_at: now };
}

function toCell(field: string, value: Exclude<ContactPatch[keyof ContactPatch], undefined>): Cell {
  if (field === "provenance" && value !== null && Object.keys(value).length === 0) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return field === "email" && typeof value === "string" ? value.toLowerCase() : value;
}

/** The contact that a row stands for. */
export function toContact(row: Selectable<ContactTable>): Contact {
  const custom = fromForeignJson<NonNullable<Contact["custom"]>>(row.custom);
  const isReadable = custom !== undefined && !Array.isArray(custom);
  return {
    ...row,
    custom: isReadable ? custom : null,
    ...(isReadable ? {} : { custom_unreadable: true as const }),
    provenance: fromForeignJson<Contact["provenance"]>(row.provenance) ?? {},
    intelligence: fromForeignJson<NonNullable<Contact["intelligence"]>>(row.intelligence) ?? null,
    quality_reasons:
      fromForeignJson<NonNullable<Contact["quality_reasons"]>>(row.quality_reasons) ?? null,
    unsubscribed: row.unsubscribed === 1,
  };
}
