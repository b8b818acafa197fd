/** What the program asks of the enrichment providers. */
import type { Fact, Firmographics } from "../core/company.ts";
import type { ContactIntelligence } from "../core/contact.ts";
import type { AppError } from "../core/errors.ts";

export type CompanyLookup =
  | { readonly kind: "found"; readonly firmographics: Firmographics }
  | { readonly kind: "not-found" }
  | { readonly kind: "failed"; readonly error: AppError };

/** Company data by domain (Explorium). */
export interface CompanyData {
  /** One answer per domain. Throws `auth` or `no-credits`: the run must stop asking. `credits` is what it cost. */
  lookup(
    companies: readonly { readonly domain: string; readonly name: string | null }[],
    signal: AbortSignal,
  ): Promise<{ readonly results: ReadonlyMap<string, CompanyLookup>; readonly credits: number }>;
}

/** What the model may see of a contact: nothing else ever leaves for it. `key` is opaque. */
export interface BriefContact {
  readonly key: string;
  readonly first_name: string | null;
  readonly job_title: string | null;
  readonly country: string | null;
  readonly engagement_state: string | null;
}

/** One company's request: its facts and up to eight of its contacts, all sanitised. */
export interface CompanyBrief {
  /** Opaque, `[A-Za-z0-9_-]{1,64}`, no contact data; names the brief in a batch. */
  readonly id: string;
  readonly facts: readonly Fact[];
  readonly contacts: readonly BriefContact[];
}

/** Tokens used and their price in US dollars by the configured price list; also for refused and cut answers. */
export interface ModelUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
}

export type BriefAnswer =
  | {
      readonly kind: "written";
      readonly company_summary: string;
      readonly contacts: ReadonlyMap<string, ContactIntelligence>;
      readonly usage: ModelUsage;
    }
  | { readonly kind: "refused"; readonly usage: ModelUsage }
  | { readonly kind: "failed"; readonly error: AppError; readonly usage: ModelUsage };

/** Claude, asked per company. */
export interface Intelligence {
  readonly model: string;
  /** Changes whenever model, prompt or schema change: part of every cache key. */
  readonly version: string;
  /**
   * One answer per brief id. Few briefs are asked directly, many through Message Batches: `onBatch` is told the provider's batch id
   * so that it can be saved, and `resumeBatch` picks such a batch up again. Throws `auth` and `no-credits`.
   */
  write(
    briefs: readonly CompanyBrief[],
    run: {
      readonly signal: AbortSignal;
      readonly resumeBatch?: string;
      readonly onBatch?: (batchId: string) => Promise<void>;
    },
  ): Promise<ReadonlyMap<string, BriefAnswer>>;
}
