/** One contact on its way through a sync: its sides, its plan, and what each answer of HubSpot means for it. */
import { canonical } from "./canonical.ts";
import type { Company } from "./company.ts";
import type { Contact, ContactPatch, ContactStatus, ContactTextField } from "./contact.ts";
import { contactTextFields } from "./contact.ts";
import { type AppError, treatments } from "./errors.ts";
import { type FieldMap, type FieldRule, readPath } from "./field-map.ts";
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

/** The record that the field map's paths are read from. A custom field that the contact lacks is empty, not unsaid. */
function localRecord(map: FieldMap, contact: Contact, company: Company | null): unknown {
  const keys = map.rules.flatMap(({ path }) => (path[0] === "custom" ? path.slice(1) : []));
  const custom = { ...Object.fromEntries(keys.map((key) => [key, null])), ...contact.custom };
  return {
    ...contact,
    ...(keys.length > 0 ? { custom } : {}),
    company_record: company?.firmographics ?? null,
  };
}

/** When a field's present value was stated, ISO-8601 UTC. @param name as provenance names it: a column, or `custom.key` */
function statedAt(contact: Contact, name: string): string {
  return contact.provenance[name]?.at ?? contact.imported_at;
}

/** Plans a contact by the map. A contact that HubSpot knows under a secondary e-mail keeps both addresses as they are. */
export function planContact(map: FieldMap, sides: ContactSides, run: RunDirection): RecordPlan {
  const rules = ownsAsSecondary(sides)
    ? map.rules.filter((rule) => rule.field !== "email")
    : map.rules;
  return planRecord(
    rules,
    {
      local: localRecord(map, sides.contact, sides.company),
      remote: sides.remote,
      base: sides.base,
      localAt: (name) => statedAt(sides.contact, name),
      remoteAt: sides.remoteAt,
    },
    run,
  );
}

function ownsAsSecondary({ contact, remote }: ContactSides): boolean {
  const others = remote?.["hs_additional_emails"]?.toLowerCase().split(";") ?? [];
  return others.includes(contact.email);
}

/** Whether a field now holds what was neither planned on nor agreed: an edit made meanwhile, which still has to travel. */
export function hasMovedSince(
  map: FieldMap,
  sides: ContactSides,
  now: Contact,
  base: ContactSides["base"],
): boolean {
  const then = localRecord(map, sides.contact, sides.company);
  const present = localRecord(map, now, sides.company);
  return map.rules.some(({ field, type, path, direction }) => {
    const [before, after] = [readPath(then, path), readPath(present, path)];
    if (direction === "NONE" || before === after) return false;
    const value = canonical(type, after);
    return value !== canonical(type, before) && value !== base[field];
  });
}

/** What a mapped field of the stored contact holds, in canonical form. */
export function localValue(map: FieldMap, contact: Contact, rule: FieldRule): CanonicalValue {
  return canonical(rule.type, readPath(localRecord(map, contact, null), rule.path)) ?? null;
}

/** A value on its way from HubSpot into a stored contact. */
export interface Pull {
  readonly rule: FieldRule;
  readonly value: CanonicalValue;
}

/** The stored fields that pulls change, with who said so. The field map lets only plain and custom fields be pulled. */
export function pulledPatch(contact: Contact, pulls: readonly Pull[], now: string): ContactPatch {
  if (pulls.length === 0) return {};
  const texts: Partial<Record<ContactTextField, string | null>> = {};
  const provenance = { ...contact.provenance };
  let { email, custom } = contact;
  for (const { rule, value } of pulls) {
    const [column = "", key] = rule.path;
    const text = contactTextFields.find((name) => name === column);
    if (text) texts[text] = value;
    else if (column === "email") email = value ?? email;
    else if (key !== undefined) custom = withCustom(custom, key, value);
    provenance[rule.path.join(".")] = { source: "hubspot", at: now };
  }
  return {
    ...texts,
    ...(email === contact.email ? {} : { email }),
    ...(custom === contact.custom ? {} : { custom }),
    provenance,
  };
}

function withCustom(custom: Contact["custom"], key: string, value: CanonicalValue) {
  const others = Object.entries(custom ?? {}).filter(([name]) => name !== key);
  const all = value === null ? others : [...others, [key, value] as const];
  return all.length === 0 ? null : Object.fromEntries(all);
}

/**
 * How a contact leaves a sync. `due_at` null: no further try until something about it changes. `again`: it is not done, and nobody's
 * failure; it goes back to the state it came from and stays due. `left`: a run that only pulls did its part; the contact goes back likewise,
 * so that what has to go out stays due by its state.
 */
export type SyncEnd =
  | { readonly kind: "synced" }
  | { readonly kind: "again" }
  | { readonly kind: "left" }
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
  end: Exclude<SyncEnd, { kind: "again" | "left" }>,
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

/** The end of a contact that was equal, or made equal, as far as the run's direction allows. */
export function doneEnd(contact: Contact, run: RunDirection): SyncEnd {
  return run === "pull" && contact.status !== "synced" ? { kind: "left" } : { kind: "synced" };
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
      /** Why it is not wholly done although it was written; null when it is. */
      readonly failure: AppError | null;
    }
  | { readonly kind: "adopt"; readonly hubspotId: string }
  | { readonly kind: "absent" }
  | { readonly kind: "ended"; readonly end: SyncEnd };
