/** What a company is: one row per registrable domain, with what providers know of it. */

/** Firmographics in our own names; null = the provider does not know. Ranges are the provider's own labels. */
export interface Firmographics {
  readonly name: string | null;
  readonly description: string | null;
  readonly website: string | null;
  readonly country: string | null;
  readonly region: string | null;
  readonly city: string | null;
  readonly industry: string | null;
  readonly employees_range: string | null;
  readonly revenue_range: string | null;
  readonly linkedin_url: string | null;
  readonly technologies: readonly string[];
}

/** A numbered statement about a company that generated text may cite, e.g. `{ id: "F1", text: "…" }`. */
export interface Fact {
  readonly id: string;
  readonly text: string;
}

/** A company as the store keeps it; `domain` is its key. */
export interface Company {
  readonly id: number;
  readonly domain: string;
  readonly name: string | null;
  readonly firmographics: Firmographics | null;
  readonly summary: string | null;
  readonly updated_at: string;
  /** The local company that its HubSpot company was merged into, when that one has the link; null: it was not. */
  readonly merged_into: number | null;
  /** The HubSpot company of this one that people deleted; null: none was, or HubSpot has the company again. */
  readonly hubspot_deleted_id: string | null;
}
