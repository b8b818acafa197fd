/** Which failed requests are sent again, and after how long: document B's table with HubSpot's own waits. */

/**
 * What repeating a request does. `once`: it may do a second thing, or undo what a person did since the first try; so it is sent again only when it
 * certainly did nothing. Every write is such a one, upserts by a unique value included.
 */
export type Effect = "read" | "once";

/** How a request failed. `sent` is `no` only when it certainly never left. */
export type RequestFailure =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly policyName: string | null;
      readonly retryAfterMs: number | null;
    }
  | { readonly kind: "network"; readonly sent: "no" | "maybe" };

export type RetryDecision =
  | { readonly kind: "retry"; readonly waitMs: number }
  | { readonly kind: "give-up" };

/** Tries so far: `failures` for faults, `refusals` for rate limits, which are no fault and have their own allowance. */
export interface TriesMade {
  readonly failures: number;
  readonly refusals: number;
}

/** Document B: three tries in all, 1 s doubling to 30 s. */
export const MAX_TRIES = 3;
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;

// A limit shared with other apps can refuse several times in a row; after this many the account is too busy to go on waiting inside.
const MAX_REFUSALS = 6;
// Longer waits (a daily limit, a migration of up to 24 h) belong to the job queue, not to a held request.
export const LONGEST_WAIT_MS = 60_000;
// HubSpot holds its lock for 2 s (error handling page).
const LOCKED_MS = 2_000;
// "Pause a few seconds" (error handling page).
const GATEWAY_MS = 3_000;
const JITTER = 0.2;

const GATEWAY = new Set([502, 503, 504, 521, 522, 523, 524]);

/** Whether the request's work may have been done although it failed. */
export function mayHaveHappened(failure: RequestFailure): boolean {
  if (failure.kind === "network") return failure.sent === "maybe";
  return failure.status >= 500 || failure.status === 408;
}

/**
 * Whether and when to send again. A request of effect `once` is sent again only when it certainly did nothing.
 *
 * @param tries those made, this one included
 * @param random 0 to 1, spreads retries of many requests
 */
export function decideRetry(
  failure: RequestFailure,
  effect: Effect,
  tries: TriesMade,
  random: number,
): RetryDecision {
  if (effect === "once" && mayHaveHappened(failure)) return { kind: "give-up" };
  const waitMs = isRateLimit(failure)
    ? refusalWait(failure, tries)
    : failureWait(failure, tries.failures);
  if (waitMs === null || waitMs > LONGEST_WAIT_MS) return { kind: "give-up" };
  return { kind: "retry", waitMs: spread(waitMs, random) };
}

/**
 * After how long a record is read again whose write has an unknown outcome, in milliseconds; null: its quick tries are spent, and it is parked.
 * Each time that it comes due after that, it has them anew.
 *
 * @param tries earlier ones since the record was last settled
 * @param random 0 to 1, spreads retries of many runs
 */
export function quickRetryMs(tries: number, random: number): number | null {
  const failures = (tries % MAX_TRIES) + 1;
  return failures < MAX_TRIES ? spread(backoff(failures), random) : null;
}

function spread(waitMs: number, random: number): number {
  return Math.round(waitMs * (1 + JITTER * random));
}

function backoff(failures: number): number {
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1));
}

/** How long a lane rests after a 429: as asked, or by the policy's window. null for the daily limit, which no pause mends. */
export function rateLimitPause(
  policyName: string | null,
  retryAfterMs: number | null,
): number | null {
  if (policyName === "DAILY") return null;
  if (retryAfterMs !== null) return retryAfterMs;
  return policyName === "SECONDLY" ? 1_000 : 10_000;
}

function isRateLimit(
  failure: RequestFailure,
): failure is Extract<RequestFailure, { kind: "status" }> {
  return failure.kind === "status" && failure.status === 429;
}

function refusalWait(
  failure: Extract<RequestFailure, { kind: "status" }>,
  tries: TriesMade,
): number | null {
  if (tries.refusals >= MAX_REFUSALS) return null;
  return rateLimitPause(failure.policyName, failure.retryAfterMs);
}

function failureWait(failure: RequestFailure, failures: number): number | null {
  if (failures >= MAX_TRIES) return null;
  const waitMs = backoff(failures);
  if (failure.kind === "network") return waitMs;
  const least = leastWait(failure.status, failure.retryAfterMs);
  return least === null ? null : Math.max(least, waitMs);
}

function leastWait(status: number, retryAfterMs: number | null): number | null {
  if (status === 423) return retryAfterMs ?? LOCKED_MS;
  if (status === 477) return retryAfterMs ?? GATEWAY_MS;
  if (GATEWAY.has(status)) return retryAfterMs ?? GATEWAY_MS;
  if (status >= 500 || status === 408) return retryAfterMs ?? 0;
  return null;
}
