/** What the program asks of the enrichment providers. */
import type { BriefedPerson } from "../core/brief.ts";
import type { Fact, Firmographics } from "../core/company.ts";
import type { ContactIntelligence } from "../core/contact.ts";
import type { AppError } from "../core/errors.ts";

export type CompanyLookup =
  | { readonly kind: "found"; readonly firmographics: Firmographics }
  | { readonly kind: "not-found" }
  | { readonly kind: "failed"; readonly error: AppError };

/**
 * What was answered before the provider stopped us, if it did. `stopped` is `auth`, `no-credits` or `input` (a model that
 * does not exist): the run must stop asking. What is missing in `results` was not asked or not paid for.
 */
export interface CompanyLookups {
  readonly results: ReadonlyMap<string, CompanyLookup>;
  readonly credits: number;
  readonly stopped: AppError | null;
}

/** Company data by domain (Explorium). */
export interface CompanyData {
  /** What one company that is found costs, in credits; for estimates. */
  readonly creditsPerCompany: number;
  /** Asks for each domain once. Throws only the signal's reason. */
  lookup(
    companies: readonly { readonly domain: string; readonly name: string | null }[],
    signal: AbortSignal,
  ): Promise<CompanyLookups>;
}

/** What the model may see of a contact: nothing else ever leaves for it. `key` is opaque. */
export interface BriefContact extends BriefedPerson {
  readonly key: string;
}

/** One company's request: its facts and up to eight of its contacts, all sanitised. */
export interface CompanyBrief {
  /** Opaque, `[A-Za-z0-9_-]{1,64}`, no contact data; names the brief in a batch. */
  readonly id: string;
  readonly facts: readonly Fact[];
  readonly contacts: readonly BriefContact[];
  /** Texts kept from the model because they look like instructions; an answer that repeats one is refused. */
  readonly withheld: readonly string[];
}

/** Tokens used and their price in US dollars by the price list, null for a model it lacks; also for refused and cut answers. */
export interface ModelUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number | null;
}

/** What became of one contact's text. `refused`: the model declined, and asking again would not help. */
export type ContactText =
  | { readonly kind: "written"; readonly intelligence: ContactIntelligence }
  | { readonly kind: "refused" }
  | { readonly kind: "failed"; readonly error: AppError };

/** A brief's answer: one text per contact key. `company_summary` is null when none passed the checks. */
export interface BriefAnswer {
  readonly company_summary: string | null;
  readonly contacts: ReadonlyMap<string, ContactText>;
  readonly usage: ModelUsage;
}

/** What was written before the provider stopped us, if it did (see CompanyLookups). Briefs without an answer were not asked. */
export interface BriefAnswers {
  readonly answers: ReadonlyMap<string, BriefAnswer>;
  readonly stopped: AppError | null;
}

/** Claude, asked per company. */
export interface Intelligence {
  readonly model: string;
  /** Hex SHA-256 of the value and of everything that shapes an answer (model, prompt, schema): a name for briefs and cache entries. */
  digest(value: unknown): string;
  /** What writing that many briefs for that many contacts would use, roughly; asks nobody. */
  estimate(size: { readonly briefs: number; readonly contacts: number }): ModelUsage;
  /**
   * One answer per brief id. Few briefs are asked directly, many through Message Batches: `onBatch` is told the provider's batch id
   * before waiting for it, so that it can be saved, and `resumeBatch` picks such a batch up again. Throws only
   * the signal's reason and what `onBatch` throws.
   */
  write(
    briefs: readonly CompanyBrief[],
    run: {
      readonly signal: AbortSignal;
      readonly resumeBatch?: string;
      readonly onBatch?: (batchId: string) => Promise<void>;
    },
  ): Promise<BriefAnswers>;
  /** Cancels a batch that still runs and deletes one that has ended; a batch that is gone already is fine. */
  discardBatch(batchId: string): Promise<void>;
}
