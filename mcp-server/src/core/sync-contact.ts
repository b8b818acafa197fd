/** What only contacts have of a sync: their company and note, a second e-mail, and the states they pass. */
import type { Company } from "./company.ts";
import type { Contact, ContactPatch, ContactStatus } from "./contact.ts";
import type { FieldMap, FieldRule } from "./field-map.ts";
import { contactRecord, contactStated } from "./mapped-record.ts";
import type { RunDirection } from "./plan.ts";
import {
  type LocalSide,
  type PendingChange,
  type Sides,
  SYNC_RETRY_MS,
  type SyncEnd,
} from "./sync-record.ts";

/** Base entries that are no mapped fields: the company the contact is associated with, and a digest of the last note's marker. */
export const companyState = "@company";
export const noteState = "@note";

/** A contact's local side with everything that a decision about it needs. */
export interface ContactSide extends LocalSide {
  readonly contact: Contact;
  readonly company: Company | null;
}

/** Both sides of a contact. */
export type ContactSides = Sides<ContactSide>;

/** A contact as its local side. */
export function contactSide(
  map: FieldMap,
  { contact, company }: { readonly contact: Contact; readonly company: Company | null },
  changes: readonly PendingChange[],
): ContactSide {
  return {
    object: "contacts",
    id: contact.id,
    key: contact.email,
    local: contactRecord(map, contact, company),
    changes,
    stated: (rule) => contactStated(contact, rule),
    contact,
    company,
  };
}

/** The fields that are planned: a contact that HubSpot knows under a secondary e-mail keeps both addresses as they are. */
export function contactRules(map: FieldMap, { key, remote }: Sides): readonly FieldRule[] {
  const others = remote?.["hs_additional_emails"]?.toLowerCase().split(";") ?? [];
  return others.includes(key) ? map.rules.filter(({ path }) => path[0] !== "email") : map.rules;
}

/** What an end sets on the contact. */
export function endPatch(
  contact: Contact,
  end: Extract<SyncEnd, { kind: "synced" | "failed" }>,
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

/** Whether a run leaves a contact to a later one although it did its own part: a pull-only run ends no state. */
export function isLeft(contact: Contact, run: RunDirection): boolean {
  return run === "pull" && contact.status !== "synced";
}

/** When a contact that is left as it was comes due again, ISO-8601 UTC; null when its state alone says whether it is. */
export function leftDueAt(
  contact: Contact,
  now: number,
  iso: (ms: number) => string,
): string | null {
  if (contact.status !== "failed" || contact.failed_stage !== "sync") return null;
  if (contact.retry_at === null) return null;
  // Never at once: the very run that leaves it would take it again.
  return contact.retry_at > iso(now) ? contact.retry_at : iso(now + SYNC_RETRY_MS);
}

/** The state that a contact goes back to when a sync leaves it as it was. @param came the state before it was marked `syncing` */
export function leftStatus(contact: Contact, came: ContactStatus): ContactStatus {
  if (came !== "syncing") return came;
  // A crash left it so. Enriching it once more would cost, and write a second note.
  return contact.enriched_at === null ? "imported" : "enriched";
}
