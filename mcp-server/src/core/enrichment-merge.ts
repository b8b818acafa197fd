/** What an enrichment does to one contact: fill what is empty, take the text, score, and say what was passed over. */
import type { Firmographics } from "./company.ts";
import type { Contact, ContactIntelligence, ContactPatch, FieldProvenance } from "./contact.ts";
import { type QualityInput, qualityScore, type Uniqueness } from "./quality-score.ts";

/** The provider's answer about the contact's company and when it was fetched (ISO-8601 UTC). */
export interface CompanyAnswer {
  readonly firmographics: Firmographics;
  readonly at: string;
}

/** `kept`: whatever text there is stays; `cleared`: there must be none. */
export type TextOutcome =
  | { readonly kind: "written"; readonly intelligence: ContactIntelligence; readonly at: string }
  | { readonly kind: "kept" }
  | { readonly kind: "cleared" };

/** Everything an enrichment found out about a contact. */
export interface Findings {
  readonly company: CompanyAnswer | null;
  readonly text: TextOutcome;
  readonly uniqueness: Uniqueness;
  /** Why a step was passed over, for a person to read. */
  readonly notes: readonly string[];
}

/** When this is, as text for the record and as ms since the epoch for the score. */
export interface Moment {
  readonly iso: string;
  readonly ms: number;
}

/** Who fills fields here, as provenance names it. Anyone else's value is never touched. */
export const COMPANY_SOURCE = "explorium";
export const TEXT_SOURCE = "claude";
const SCORE_SOURCE = "hubspot-sync";

/**
 * The contact after its enrichment. A contact that was imported anew meanwhile keeps that state, so that it is enriched
 * once more with what is new.
 *
 * @param verifiedAt when somebody last verified the contact, in ms since the epoch; null = unknown
 */
export function enrichedPatch(
  contact: Contact,
  found: Findings,
  at: { readonly now: Moment; readonly verifiedAt: number | null },
): ContactPatch {
  const filled = filledFields(contact, found.company);
  const provenance = {
    ...withoutText(contact.provenance, found.text),
    ...filled.provenance,
    ...textProvenance(found.text),
    quality_score: { source: SCORE_SOURCE, at: at.now.iso },
  };
  const input = qualityInput({ ...contact, ...filled.fields, provenance }, found, at.verifiedAt);
  const quality = qualityScore(input, at.now.ms);
  return {
    ...filled.fields,
    ...textFields(found.text),
    provenance,
    quality_score: quality.score,
    quality_reasons: quality.reasons,
    enrichment_note: found.notes.length === 0 ? null : found.notes.join(" "),
    enriched_at: at.now.iso,
    ...(contact.status === "imported" ? {} : SETTLED),
  };
}

const SETTLED = {
  status: "enriched",
  failed_stage: null,
  error: null,
  retry_at: null,
  attempts: 0,
} as const satisfies ContactPatch;

/** A contact whose enrichment failed; null when it was imported anew meanwhile and is due at once anyway. */
export function failedPatch(contact: Contact, error: string, retryAt: string): ContactPatch | null {
  if (contact.status === "imported") return null;
  return {
    status: "failed",
    failed_stage: "enrich",
    error,
    retry_at: retryAt,
    attempts: contact.attempts + 1,
  };
}

interface Filled {
  readonly fields: { readonly company?: string; readonly website?: string };
  readonly provenance: Readonly<Record<string, FieldProvenance>>;
}

/** Only facts about the company are taken over; its country and city need not be the person's. */
function filledFields(contact: Contact, answer: CompanyAnswer | null): Filled {
  if (answer === null) return { fields: {}, provenance: {} };
  const said = { source: COMPANY_SOURCE, at: answer.at };
  const fields: { company?: string; website?: string } = {};
  const provenance: Record<string, FieldProvenance> = {};
  const offered = { company: answer.firmographics.name, website: answer.firmographics.website };
  for (const field of ["company", "website"] as const) {
    const value = offered[field];
    if (value === null || value === contact[field] || !isOurs(contact, field)) continue;
    fields[field] = value;
    provenance[field] = said;
  }
  return { fields, provenance };
}

function isOurs(contact: Contact, field: "company" | "website"): boolean {
  return contact[field] === null || contact.provenance[field]?.source === COMPANY_SOURCE;
}

function textFields(text: TextOutcome): ContactPatch {
  if (text.kind === "written") return { intelligence: text.intelligence };
  return text.kind === "cleared" ? { intelligence: null } : {};
}

function textProvenance(text: TextOutcome): Readonly<Record<string, FieldProvenance>> {
  return text.kind === "written" ? { intelligence: { source: TEXT_SOURCE, at: text.at } } : {};
}

function withoutText(provenance: Contact["provenance"], text: TextOutcome): Contact["provenance"] {
  if (text.kind !== "cleared") return provenance;
  return Object.fromEntries(
    Object.entries(provenance).filter(([field]) => field !== "intelligence"),
  );
}

function qualityInput(contact: Contact, found: Findings, verifiedAt: number | null): QualityInput {
  const known = found.company?.firmographics ?? null;
  // A name that came from the provider would agree with the provider.
  const isOwnName = contact.provenance["company"]?.source !== COMPANY_SOURCE;
  return {
    ...contact,
    bounced: contact.engagement_state === "emailsBounced",
    verifiedAt,
    // Explorium's people data is not asked for, so nobody can tell.
    employerChanged: false,
    provider: {
      company: isOwnName ? (known?.name ?? null) : null,
      country: known?.country ?? null,
    },
    uniqueness: found.uniqueness,
  };
}

/** When somebody last verified the contact, ISO-8601 UTC: Lemlist's verdict on its address. null = nobody did. */
export function lastVerifiedAt(contact: Contact): string | null {
  if (contact.email_status === null) return null;
  return contact.provenance["email_status"]?.at ?? contact.imported_at;
}

/** The ids of contacts that share first name, last name and domain with another one of the list. */
export function probableDuplicates(contacts: readonly Contact[]): ReadonlySet<number> {
  const groups = Map.groupBy(contacts, personKey);
  const shared = [...groups].filter(([key, group]) => key !== null && group.length > 1);
  return new Set(shared.flatMap(([, group]) => group.map((contact) => contact.id)));
}

function personKey({ first_name, last_name, domain }: Contact): string | null {
  if (first_name === null || last_name === null || domain === null) return null;
  return JSON.stringify([first_name.toLowerCase(), last_name.toLowerCase(), domain]);
}
