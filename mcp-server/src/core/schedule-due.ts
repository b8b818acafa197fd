/** When scheduled work is due, by when it was done last. */

/** The next time after a given one, both in milliseconds since the epoch; null = never. */
export type Schedule = (after: number) => number | null;

/** For work that nobody ever wants done by itself. */
export const never: Schedule = () => null;

/** Whether a time of the schedule has passed since the work was done last; several that passed are one. */
export function isDue(schedule: Schedule, lastAt: number, now: number): boolean {
  const next = schedule(lastAt);
  return next !== null && next <= now;
}

/**
 * As isDue, for work that is heavy: what was missed while the program did not run waits a while after its start, so that a machine that was just
 * switched on belongs to the person at it first.
 */
export function isHeavyDue(
  schedule: Schedule,
  lastAt: number,
  { now, startedAt, graceMs }: Readonly<Record<"now" | "startedAt" | "graceMs", number>>,
): boolean {
  const next = schedule(lastAt);
  if (next === null || next > now) return false;
  return next >= startedAt || now >= startedAt + graceMs;
}
