/** Rate limits as token buckets that refill steadily, and the headers that report them. */

/** Limits per minute. */
export type RateLimits = {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

const KINDS = ["requests", "inputTokens", "outputTokens"] as const;
type Kind = (typeof KINDS)[number];
const HEADER_NAMES = {
  requests: "requests",
  inputTokens: "input-tokens",
  outputTokens: "output-tokens",
} as const;

const MINUTE_MS = 60_000;

/** What one key used lately. */
export class RateBuckets {
  #missing: Record<Kind, number> = { requests: 0, inputTokens: 0, outputTokens: 0 };
  #at = 0;

  /** Seconds to wait before another request, or null when one may go now. */
  waitSeconds(limits: RateLimits, now: number): number | null {
    this.#refill(limits, now);
    const waits = KINDS.map((kind) => {
      const over = this.#missing[kind] + 1 - limits[kind];
      return over <= 0 ? 0 : Math.ceil((over / limits[kind]) * 60);
    });
    const longest = Math.max(...waits);
    return longest === 0 ? null : longest;
  }

  /** Takes what a request used. */
  take(used: RateLimits, limits: RateLimits, now: number): void {
    this.#refill(limits, now);
    for (const kind of KINDS) this.#missing[kind] += used[kind];
  }

  /** The rate headers of a response. */
  headers(limits: RateLimits, now: number): Record<string, string> {
    this.#refill(limits, now);
    const headers: Record<string, string> = {};
    for (const kind of KINDS) this.#describe(headers, kind, { limits, now });
    const tokens = limits.inputTokens + limits.outputTokens;
    const missing = this.#missing.inputTokens + this.#missing.outputTokens;
    write(headers, "tokens", { limit: tokens, missing, now });
    return headers;
  }

  /** Forgets everything used. */
  clear(): void {
    this.#missing = { requests: 0, inputTokens: 0, outputTokens: 0 };
  }

  #describe(
    headers: Record<string, string>,
    kind: Kind,
    at: { limits: RateLimits; now: number },
  ): void {
    const limit = at.limits[kind];
    write(headers, HEADER_NAMES[kind], { limit, missing: this.#missing[kind], now: at.now });
  }

  #refill(limits: RateLimits, now: number): void {
    const elapsed = Math.max(0, now - this.#at);
    for (const kind of KINDS) {
      const back = (limits[kind] * elapsed) / MINUTE_MS;
      this.#missing[kind] = Math.max(0, this.#missing[kind] - back);
    }
    this.#at = now;
  }
}

function write(
  headers: Record<string, string>,
  name: string,
  state: { limit: number; missing: number; now: number },
): void {
  const fullAt = state.now + (state.missing / state.limit) * MINUTE_MS;
  headers[`anthropic-ratelimit-${name}-limit`] = String(state.limit);
  const remaining = Math.max(0, Math.floor(state.limit - state.missing));
  headers[`anthropic-ratelimit-${name}-remaining`] = String(remaining);
  headers[`anthropic-ratelimit-${name}-reset`] = `${new Date(fullAt).toISOString().slice(0, 19)}Z`;
}
