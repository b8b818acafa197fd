/** What HubSpot's time of a change is taken for, when it is told here. All times in milliseconds since the epoch. */

// HubSpot notifies again for 24 hours (webhooks guide, read 2026-11); an older time comes from a clock or a sender that is wrong.
const OLDEST_MS = 2 * 24 * 60 * 60_000;

/** Never after it was seen, for clocks of two hosts differ. What is no time (NaN) is the one when it was seen. */
export function notAfter(said: number, seen: number): number {
  return Number.isNaN(said) ? seen : Math.min(said, seen);
}

/** Likewise of a notification, which cannot tell of what is older than HubSpot goes on notifying. */
export function notifiedSince(occurredAt: number, receivedAt: number): number {
  return Math.max(notAfter(occurredAt, receivedAt), receivedAt - OLDEST_MS);
}
