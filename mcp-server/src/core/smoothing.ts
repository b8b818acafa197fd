/** Spreads the backfill of one process over the window while it is not alone, so that slots come free evenly for everybody. */
import { byLane, type Demand, type Lane, WINDOWS_OF } from "./limit-plan.ts";

/** The pace of a process's backfill; `dueAt` is by a clock that nobody sets. In milliseconds. */
export interface Smoothing {
  readonly dueAt: number;
  readonly spacingMs: number;
}

/** Nothing was sent yet. */
export const RESTED = Number.NEGATIVE_INFINITY;

// A little faster than the window allows, so that what was missed is made up for.
const FASTER = 1.2;
// So many may go at once after a rest.
const AT_ONCE = 3;

/** The pace that uses a window of so many slots evenly. */
export function smoothing(dueAt: number, capacity: number, windowMs: number): Smoothing {
  return { dueAt, spacingMs: windowMs / capacity / FASTER };
}

/** How many slots are due now. */
export function slotsDue({ dueAt, spacingMs }: Smoothing, now: number): number {
  // Slots that were not used are not saved up.
  return Math.max(0, Math.floor(AT_ONCE - Math.max(0, dueAt - now) / spacingMs));
}

/** Milliseconds until a slot is due; 0 or less when one is. */
export function dueInMs({ dueAt, spacingMs }: Smoothing, now: number): number {
  return dueAt - now - (AT_ONCE - 1) * spacingMs;
}

/** When the next slot is due after so many were taken. */
export function dueAfter({ dueAt, spacingMs }: Smoothing, slots: number, now: number): number {
  return Math.max(dueAt, now) + slots * spacingMs;
}

/** The wants with no more backfill of the burst than is due. */
export function dueOf(wants: Demand, order: readonly Lane[], due: number): Demand {
  let left = due;
  let smoothed = wants;
  for (const lane of order) {
    if (!isSmoothed(lane)) continue;
    const backfill = Math.min(wants[lane].backfill, left);
    left -= backfill;
    smoothed = { ...smoothed, [lane]: { ...wants[lane], backfill } };
  }
  return smoothed;
}

/** Backfill that was let go out of the burst. */
export function smoothedIn(grants: Demand): number {
  const backfill = byLane((lane) => (isSmoothed(lane) ? grants[lane].backfill : 0));
  return backfill.objects + backfill.associations + backfill.search;
}

/** Whether requests of a lane draw on the burst. */
export function isSmoothed(lane: Lane): boolean {
  return WINDOWS_OF[lane].includes("burst");
}
