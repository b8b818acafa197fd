/** Whether the time of day was set back between two moments. */

/** Two readings of one instant: a clock that nobody sets, and the time of day. Both in milliseconds. */
export interface Moment {
  readonly now: number;
  readonly wall: number;
}

// Clocks that are put right little by little, and timers that end a moment early, are not meant.
const NOTICED_MS = 1_000;

/** How far, in milliseconds; 0 when it was not, or by less than a second. A clock set forward is none: what was due then is due all the more. */
export function setBackMs(before: Moment, after: Moment): number {
  const backMs = after.now - before.now - (after.wall - before.wall);
  return backMs > NOTICED_MS ? Math.round(backMs) : 0;
}
