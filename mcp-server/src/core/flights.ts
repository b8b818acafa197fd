/** How many requests of one process fly at once, and how many slots that needs. */
import { byLane, type Demand, LANES, type Priority } from "./limit-plan.ts";
import type { OwnShare } from "./own-share.ts";

const MAX_IN_FLIGHT = 12;
// Backfill leaves two flights to interactive work, so that a tool call need not wait for it.
const MAX_BACKFILL_IN_FLIGHT = 10;

/** Requests under way. */
export function flying({ inFlight }: OwnShare, priority: Priority): number {
  return LANES.reduce((sum, lane) => sum + inFlight[lane][priority], 0);
}

/** How many requests of that priority may join those under way. */
export function flightsLeft(own: OwnShare, priority: Priority): number {
  const interactive = flying(own, "interactive");
  const backfill = flying(own, "backfill");
  const left = MAX_IN_FLIGHT - interactive - backfill;
  return priority === "interactive" ? left : Math.min(left, MAX_BACKFILL_IN_FLIGHT - backfill);
}

/** Unused slots that interactive work may use: its own, and those of the backfill that no backfill waits for. */
export function interactiveSpare(own: OwnShare, waiting: Demand, lane: keyof Demand): number {
  const { interactive, backfill } = own.spare[lane];
  return interactive + Math.max(0, backfill - waiting[lane].backfill);
}

/** Slots that would be used now beyond the unused ones. */
export function needsOf(own: OwnShare, waiting: Demand): Demand {
  const room = flightsLeft(own, "interactive");
  const backfillRoom = flightsLeft(own, "backfill");
  return byLane((lane) => ({
    interactive: Math.max(
      0,
      Math.min(waiting[lane].interactive, room) - interactiveSpare(own, waiting, lane),
    ),
    backfill: Math.max(
      0,
      Math.min(waiting[lane].backfill, backfillRoom) - own.spare[lane].backfill,
    ),
  }));
}
