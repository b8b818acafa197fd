/** What a contact is: the fields people and sources say of it, its states, and its record in the store. */

/** Document A's states, in the order a contact passes them. */
export const contactStatuses = [
  "imported",
  "enriching",
  "enriched",
  "syncing",
  "synced",
  "failed",
] as const;
export type ContactStatus = (typeof contactStatuses)[number];

/** Where records come from; `records` are rows an agent or person typed in through a tool. */
export const importSources = ["csv", "lemlist", "hubspot", "records"] as const;
export type ImportSource = (typeof importSources)[number];

/** The plain text fields of a contact that imports, enrichment and sync may set. Order is the order of columns. */
export const contactTextFields = [
  "first_name",
  "last_name",
  "company",
  "domain",
  "job_title",
  "phone",
  "country",
  "city",
  "website",
  "linkedin_url",
] as const;
export type ContactTextField = (typeof contactTextFields)[number];

/**
 * The fields of a contact as a source states them, normalised. null = known to be empty.
 * `email` lower-case; `domain` the registrable company domain (never a free-mail domain); `phone` E.164, with
 * `;ext=N` when it has an extension; `country` ISO 3166-1 alpha-2; `custom` unknown columns by their own names.
 */
export interface ContactFields extends Record<ContactTextField, string | null> {
  readonly email: string;
  readonly custom: Readonly<Record<string, string>> | null;
  /** Lemlist's e-mail verdict or null when nobody said. */
  readonly email_status: "deliverable" | "risky" | "undeliverable" | null;
  /** Last known outreach state, e.g. Lemlist's `interested`; null when nobody said. */
  readonly engagement_state: string | null;
  /** True when the person objected to outreach; it never goes back to false by an import. */
  readonly unsubscribed: boolean;
}

/** Why the data-quality score is not 100: points_lost over all reasons sum to 100 − score. */
export interface QualityReason {
  readonly code: string;
  readonly field: string | null;
  readonly points_lost: number;
  readonly message: string;
  readonly fix: string;
}

/** Who said a field's present value and when (ISO-8601 UTC). */
export interface FieldProvenance {
  readonly source: string;
  readonly at: string;
}

/** What Claude wrote for one contact, checked; evidence ids point into the company's facts. */
export interface ContactIntelligence {
  readonly summary: string;
  readonly pain_points: readonly string[];
  readonly personalization_hooks: readonly string[];
  /** 0..1, capped by how much was known. */
  readonly confidence: number;
  readonly evidence_ids: readonly string[];
  readonly model: string;
}

/** A contact as the store keeps it. Times are ISO-8601 UTC; null = has not happened. */
export interface Contact extends ContactFields {
  /** Local id; never changes and is never used again, whatever happens to the e-mail. */
  readonly id: number;
  /** Another program filled `custom` with something that is no JSON object: nothing may be concluded from it. */
  readonly custom_unreadable?: true;
  readonly status: ContactStatus;
  readonly source: ImportSource;
  /** Only fields whose value did not come with the first import are listed; the rest is `source` at `imported_at`. */
  readonly provenance: Readonly<Record<string, FieldProvenance>>;
  readonly intelligence: ContactIntelligence | null;
  readonly quality_score: number | null;
  readonly quality_reasons: readonly QualityReason[] | null;
  /** Why a step was passed over, e.g. "no EXPLORIUM_API_KEY"; null when nothing was. */
  readonly enrichment_note: string | null;
  readonly failed_stage: "enrich" | "sync" | null;
  readonly error: string | null;
  readonly retry_at: string | null;
  readonly attempts: number;
  readonly imported_at: string;
  readonly enriched_at: string | null;
  readonly synced_at: string | null;
  readonly updated_at: string;
}

/** The fields that can be set on a stored contact; id and status changes go through their own verbs. */
export type ContactPatch = Partial<Omit<Contact, "id" | "custom_unreadable">>;

/** What a contact is set to when it has to pass enrichment and sync again; when it was enriched is kept, so that caches and notes go on from there. */
export const startingAgain = {
  status: "imported",
  failed_stage: null,
  error: null,
  retry_at: null,
  attempts: 0,
} as const satisfies ContactPatch;
