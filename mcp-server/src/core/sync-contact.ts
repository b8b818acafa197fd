/** One contact on its way through a sync: its sides, its plan, and what each answer of HubSpot means for it. */

import type { Company } from "./company.ts";
import type { Contact, ContactPatch, ContactStatus, ContactTextField } from "./contact.ts";
import { contactTextFields } from "./contact.ts";
import { type AppError, treatments } from "./errors.ts";
import type { FieldMap } from "./field-map.ts";
import { planRecord, type RecordPlan, type RunDirection } from "./plan.ts";
import type { CanonicalValue } from "./value-types.ts";

/** Document A: a contact whose sync failed is tried again after this. */
export const SYNC_RETRY_MS = 15 * 60_000;

/** Base entries that are no mapped fields: the company the contact is associated with, and the last note written. */
export const companyState = "@company";
export const noteState = "@note";

/** A contact with everything that a decision about it needs. `remote` null: HubSpot has no such contact. */
export interface ContactSides {
  readonly contact: Contact;
  readonly company: Company | null;
  readonly hubspotId: string | null;
  readonly remote: Readonly<Record<string, string | null>> | null;
  readonly base: Readonly<Record<string, CanonicalValue>>;
  readonly remoteAt: Readonly<Record<string, string>> | null;
}

/** The record that the field map's paths are read from. */
function localRecord(contact: Contact, company: Company | null): unknown {
  return { ...contact, company_record: company?.firmographics ?? null };
}

/** When a field's present value was stated, ISO-8601 UTC. */
export function statedAt(contact: Contact, field: string): string {
  return contact.provenance[field]?.at ?? contact.imported_at;
}

/** Plans a contact by the map. A contact that HubSpot knows under a secondary e-mail keeps both addresses as they are. */
export function planContact(map: FieldMap, sides: ContactSides, run: RunDirection): RecordPlan {
  const rules = ownsAsSecondary(sides)
    ? map.rules.filter((rule) => rule.field !== "email")
    : map.rules;
  return planRecord(
    rules,
    {
      local: localRecord(sides.contact, sides.company),
      remote: sides.remote,
      base: sides.base,
      localAt: (field) => statedAt(sides.contact, field),
      remoteAt: sides.remoteAt,
    },
    run,
  );
}

function ownsAsSecondary({ contact, remote }: ContactSides): boolean {
  const others = remote?.["hs_additional_emails"]?.toLowerCase().split(";") ?? [];
  return others.includes(contact.email);
}

/** The stored fields that a plan's pulls change, with who said so. Fields that are no plain contact fields are left out. */
export function pulledPatch(contact: Contact, plan: RecordPlan, now: string): ContactPatch {
  const texts: Partial<Record<ContactTextField, string | null>> = {};
  for (const field of contactTextFields) {
    const value = plan.pull[field];
    if (value !== undefined) texts[field] = value;
  }
  const email = plan.pull["email"];
  const set: ContactPatch = typeof email === "string" ? { ...texts, email } : texts;
  const changed = Object.keys(set);
  if (changed.length === 0) return {};
  const said = { source: "hubspot", at: now };
  return {
    ...set,
    provenance: { ...contact.provenance, ...Object.fromEntries(changed.map((f) => [f, said])) },
  };
}

/**
 * How a contact leaves a sync. `due_at` null: no further try until something about it changes. `again`: it is not done, and nobody's
 * failure; it goes back to the state it came from and stays due.
 */
export type SyncEnd =
  | { readonly kind: "synced" }
  | { readonly kind: "again" }
  | {
      readonly kind: "failed";
      readonly error: string;
      readonly code: string;
      readonly due_at: string | null;
    };

/** The end of a contact that failed. */
export type FailedEnd = Extract<SyncEnd, { kind: "failed" }>;

/** The end that a failure means: document B's table decides whether it is tried again, document A when. */
export function failedEnd(error: AppError, now: number, iso: (ms: number) => string): FailedEnd {
  const due_at = treatments[error.kind].retry ? iso(now + SYNC_RETRY_MS) : null;
  return { kind: "failed", error: error.message, code: error.code, due_at };
}

/** What an end sets on the contact. */
export function endPatch(
  contact: Contact,
  end: Exclude<SyncEnd, { kind: "again" }>,
  now: string,
): ContactPatch {
  if (end.kind === "synced") {
    return {
      status: "synced",
      synced_at: now,
      failed_stage: null,
      error: null,
      retry_at: null,
      attempts: 0,
    };
  }
  return {
    status: "failed",
    failed_stage: "sync",
    error: end.error,
    retry_at: end.due_at,
    attempts: contact.attempts + 1,
  };
}

/** The state that a contact goes back to when a sync leaves it as it was. @param came the state before it was marked `syncing` */
export function leftStatus(contact: Contact, came: ContactStatus): ContactStatus {
  if (came !== "syncing") return came;
  // A crash left it so. Enriching it once more would cost, and write a second note.
  return contact.enriched_at === null ? "imported" : "enriched";
}

/** A contact with the plan that its sides lead to. */
export interface PlannedContact {
  readonly sides: ContactSides;
  readonly plan: RecordPlan;
}

/** What writing did for one contact. `adopt`: HubSpot already had it under another address; it is linked now and must be read. */
export type RecordResult =
  | {
      readonly kind: "settled";
      readonly hubspotId: string;
      readonly outcome: "created" | "updated" | "pulled" | "linked" | "unchanged" | "conflict";
      readonly base: Readonly<Record<string, CanonicalValue>>;
    }
  | { readonly kind: "adopt" }
  | { readonly kind: "absent" }
  | { readonly kind: "ended"; readonly end: SyncEnd };
