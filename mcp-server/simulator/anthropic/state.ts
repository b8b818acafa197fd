/** What the Anthropic stand-in keeps between requests, and the settings that tests change. */

import type { Batch } from "./batches.ts";
import { Behaviours } from "./behaviours.ts";
import { RateBuckets, type RateLimits } from "./rate-limits.ts";
import { PromptCache } from "./tokens.ts";

/** Behaviour that can be changed while the stand-in runs. */
export type AnthropicSettings = {
  /** Limits per minute; the real ones depend on the account. */
  readonly rateLimits: RateLimits;
  /** Seconds that an injected 429 asks for. */
  readonly retryAfterSeconds: number;
  /** Milliseconds until a batch has ended. */
  readonly batchDelayMs: number;
};

/** Numbers of one request, without its text. */
export type UsageEntry = {
  readonly model: string;
  readonly tier: "standard" | "batch";
  readonly stopReason: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

/** The state of one stand-in. */
export class AnthropicState {
  readonly now: () => number;
  readonly behaviours = new Behaviours();
  readonly cache = new PromptCache();
  readonly buckets = new RateBuckets();
  readonly batches = new Map<string, Batch>();
  readonly usage: UsageEntry[] = [];
  readonly #initial: AnthropicSettings;
  #settings: AnthropicSettings;

  constructor(now: () => number, settings: AnthropicSettings) {
    this.now = now;
    this.#initial = settings;
    this.#settings = settings;
  }

  /** The settings in force. */
  get settings(): AnthropicSettings {
    return this.#settings;
  }

  /** Changes some settings. */
  configure(patch: Partial<AnthropicSettings>): void {
    this.#settings = { ...this.#settings, ...patch };
  }

  /** Forgets batches, cache, limits, usage and behaviours, and restores the settings. */
  reset(): void {
    this.#settings = this.#initial;
    this.behaviours.clear();
    this.cache.clear();
    this.buckets.clear();
    this.batches.clear();
    this.usage.length = 0;
  }
}
