/** Counts what was asked of HubSpot. */
import type { Lane } from "./limiter.ts";
import type { RequestSeen } from "./requester.ts";

export interface RequestCounts {
  readonly requests: number;
  readonly byLane: Readonly<Record<Lane, number>>;
  /** Answers of 429. */
  readonly refusedForRate: number;
  /** Tries that ended without an answer or with 5xx. */
  readonly failed: number;
  /** Time that requests waited for the limits, summed. */
  readonly waitedMs: number;
}

/** Nothing counted yet. */
export const noRequests: RequestCounts = {
  requests: 0,
  byLane: { objects: 0, search: 0, associations: 0 },
  refusedForRate: 0,
  failed: 0,
  waitedMs: 0,
};

/** The counts with one more try. */
export function countRequest(counts: RequestCounts, seen: RequestSeen): RequestCounts {
  const isFailure = seen.status === null || seen.status >= 500;
  return {
    requests: counts.requests + 1,
    byLane: { ...counts.byLane, [seen.lane]: counts.byLane[seen.lane] + 1 },
    refusedForRate: counts.refusedForRate + (seen.status === 429 ? 1 : 0),
    failed: counts.failed + (isFailure ? 1 : 0),
    waitedMs: counts.waitedMs + seen.waitedMs,
  };
}
