/** What Claude's tokens cost, and what one answer therefore cost. */
import type { ModelUsage } from "../ports/enrichment.ts";

/** US dollars per million tokens. `cacheWrite` is the five-minute cache. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  readonly cacheWrite: number;
  readonly cacheRead: number;
}

/** `asOf` is the day the prices were read; models are named without their date. */
export interface PriceList {
  readonly asOf: string;
  readonly models: Readonly<Record<string, ModelPrice>>;
}

/** Anthropic's published prices (models and pricing pages). Prompts stay far below the size where Haiku costs more. */
export const PRICE_LIST: PriceList = {
  asOf: "2026-11-21",
  models: {
    "claude-haiku-5-5": { input: 0.1, output: 0.5, cacheWrite: 0.125, cacheRead: 0.01 },
    "claude-haiku-4-5": { input: 1, output: 5, cacheWrite: 1.25, cacheRead: 0.1 },
    "claude-sonnet-5-5": { input: 2, output: 10, cacheWrite: 2.5, cacheRead: 0.1 },
    "claude-opus-5-5": { input: 4, output: 20, cacheWrite: 5, cacheRead: 0.4 },
    "claude-fable-5-1": { input: 10, output: 50, cacheWrite: 12.5, cacheRead: 1 },
  },
};

/** Message Batches cost half (batch processing page, read 2026-11). */
const BATCH_SHARE = 0.5;
const MILLION = 1_000_000;

/** How an answer was asked for; it decides the price. */
export type Tier = "direct" | "batch";

/** Tokens of one answer as the API reports them. */
export interface ReportedTokens {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
}

/** Reported tokens with their cost; input counts cached tokens too. Cost is null for a model that the list lacks. */
export function pricedUsage(
  tokens: ReportedTokens,
  by: { readonly model: string; readonly tier: Tier; readonly prices: PriceList },
): ModelUsage {
  const written = tokens.cache_creation_input_tokens ?? 0;
  const read = tokens.cache_read_input_tokens ?? 0;
  const price = by.prices.models[by.model] ?? by.prices.models[by.model.replace(/-\d{8}$/, "")];
  const share = by.tier === "batch" ? BATCH_SHARE : 1;
  const dollars = price
    ? tokens.input_tokens * price.input +
      tokens.output_tokens * price.output +
      written * price.cacheWrite +
      read * price.cacheRead
    : null;
  return {
    input_tokens: tokens.input_tokens + written + read,
    output_tokens: tokens.output_tokens,
    cost_usd: dollars === null ? null : (dollars * share) / MILLION,
  };
}

/** Nothing used yet. */
export const NO_USAGE: ModelUsage = { input_tokens: 0, output_tokens: 0, cost_usd: 0 };

/** Two usages together; a cost that is unknown stays unknown. */
export function addUsage(a: ModelUsage, b: ModelUsage): ModelUsage {
  const known = a.cost_usd !== null && b.cost_usd !== null;
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cost_usd: known ? (a.cost_usd ?? 0) + (b.cost_usd ?? 0) : null,
  };
}
