/** One telling: a process says what it holds, wants and heard, and gets what slots there are for it. */
import { type Days, daysAfter } from "./limit-days.ts";
import { shareOut, takenIn } from "./limit-grants.ts";
import { type Asking, type Ground, groundOf } from "./limit-ground.ts";
import { pauseLeft } from "./limit-lessons.ts";
import { rivalsOf } from "./limit-others.ts";
import {
  byLane,
  byWindow,
  type Demand,
  LANES,
  lanesIn,
  PRIORITIES,
  type Priority,
  WINDOWS,
  WINDOWS_OF,
  type WindowName,
} from "./limit-plan.ts";
import { heldIn, holdingOf, nextCooledAt, openIn } from "./own-share.ts";
import {
  type Holder,
  look,
  newHolder,
  type SharedLimits,
  type Sightings,
} from "./shared-limits.ts";
import { dueAfter, dueInMs, dueOf, slotsDue, smoothedIn } from "./smoothing.ts";

/** What it takes home. */
export interface Answer {
  readonly state: SharedLimits;
  readonly seen: Sightings;
  readonly grants: Demand;
  /** What it did not get. */
  readonly unmet: Demand;
  /** When asking again may help though nothing happens here; Infinity when only something here helps. */
  readonly againInMs: number;
  readonly dueAt: number;
  /** Lanes on which the day has nothing left for us. */
  readonly refused: Days["refused"];
  /** Only an answer that is under way can show whether the day has more. */
  readonly waitsForAnswer: boolean;
  /** Whether other processes hold or want anything. */
  readonly hasOthers: boolean;
  /** Slots held by all, this process included, and slots taken since the beginning: what HubSpot may count. */
  readonly known: Readonly<Record<WindowName, { readonly held: number; readonly taken: number }>>;
}

// Somebody else's slots come free without our hearing of it.
const LOOK_AGAIN_MS: Readonly<Record<Priority, number>> = { interactive: 100, backfill: 250 };

// What was learnt of others is forgotten only when somebody asks.
const LONGEST_REST_MS = 10_000;

/** Decides; the caller stores `state` and only then uses `grants`. */
export function askForSlots(before: SharedLimits, asking: Asking): Answer {
  const { me, plan, moment, order } = asking;
  const ground = groundOf(before, asking);
  const { others, windows, seen, days } = ground;
  const allowed = byLane((lane) => (days.refused[lane] ? noAmounts : asking.wants[lane]));
  const { pace } = ground;
  const wants = pace ? dueOf(allowed, order, slotsDue(pace, moment.now)) : allowed;
  const mine = before.holders[me] ?? newHolder(moment.wall);
  const { grants, run } = shareOut({
    plan,
    order,
    wants,
    free: ground.free,
    reserve: ground.reserve,
    run: byWindow((name) => windows[name].run),
    dayRoom: days.room,
    rivals: rivalsOf(others.fresh, mine, { me, free: ground.free, turn: before.turn }),
  });
  const unmet = lessThan(allowed, grants);
  const dueAt = pace ? dueAfter(pace, smoothedIn(grants), moment.now) : asking.dueAt;
  const hasOthers = others.fresh.length > 0 || WINDOWS.some((name) => others.held[name] > 0);
  const known = knownAfter(ground, grants);
  const waits = waitsSince(mine, { unmet, grants, turn: before.turn });
  const state: SharedLimits = {
    version: 1,
    at: moment.wall,
    turn: before.turn + 1,
    holders: {
      ...others.kept,
      [me]: telling(ground, asking, {
        before,
        grants,
        unmet: lessThan(wants, grants),
        waits,
      }),
    },
    windows: byWindow((name) => ({
      ...windows[name],
      run: run[name],
      calls: windows[name].calls + interactiveIn(grants, name),
      taken: known[name].taken,
    })),
    days: daysAfter(days, grants),
  };
  return {
    state,
    seen: look(state, seen, moment.now),
    grants,
    unmet,
    againInMs: againIn(ground, { unmet, now: moment.now, hasOthers, dueAt }),
    dueAt,
    refused: days.refused,
    waitsForAnswer: days.waitsForAnswer || ground.scout !== null,
    hasOthers,
    known,
  };
}

function knownAfter({ own, others, windows }: Ground, grants: Demand): Answer["known"] {
  return byWindow((name) => ({
    held: others.held[name] + heldIn(own, name) + takenIn(grants, name),
    taken: windows[name].taken + takenIn(grants, name),
  }));
}

/** What the others are told of this process. */
function telling(
  { own }: Ground,
  { plan, moment }: Asking,
  now: {
    readonly before: SharedLimits;
    readonly grants: Demand;
    readonly unmet: Demand;
    readonly waits: Holder["waitsSince"];
  },
): Holder {
  return {
    beat: now.before.turn + 1,
    at: moment.wall,
    windows: byWindow((name) => {
      const { open, cooling } = holdingOf(own, plan, name, moment.now);
      return { open: open + takenIn(now.grants, name), cooling };
    }),
    wants: now.unmet,
    waitsSince: now.waits,
  };
}

const noAmounts = { interactive: 0, backfill: 0 };

function lessThan(wants: Demand, grants: Demand): Demand {
  return byLane((lane) => ({
    interactive: Math.max(0, wants[lane].interactive - grants[lane].interactive),
    backfill: Math.max(0, wants[lane].backfill - grants[lane].backfill),
  }));
}

/** Whoever got something waits anew, so that processes take turns. */
function waitsSince(
  mine: Holder,
  {
    unmet,
    grants,
    turn,
  }: { readonly unmet: Demand; readonly grants: Demand; readonly turn: number },
): Holder["waitsSince"] {
  const since = (priority: Priority) => {
    const some = (demand: Demand) => LANES.some((lane) => demand[lane][priority] > 0);
    if (!some(unmet)) return null;
    return some(grants) ? turn : (mine.waitsSince[priority] ?? turn);
  };
  return { interactive: since("interactive"), backfill: since("backfill") };
}

function interactiveIn(grants: Demand, name: WindowName): number {
  return lanesIn(name).reduce((sum, lane) => sum + grants[lane].interactive, 0);
}

function againIn(
  ground: Ground,
  at: {
    readonly unmet: Demand;
    readonly now: number;
    readonly hasOthers: boolean;
    readonly dueAt: number;
  },
): number {
  const { own, windows, seen, pace } = ground;
  const waitIn = (name: WindowName, priority: Priority) => {
    const paused = pauseLeft(windows[name], name, seen, at.now);
    const due =
      pace && name === "burst" && priority === "backfill"
        ? dueInMs({ ...pace, dueAt: at.dueAt }, at.now)
        : 0;
    const scout = name === "burst" && ground.scout ? ground.scout.dueInMs : 0;
    if (paused > 0 || due > 0 || scout > 0) return Math.max(paused, due, scout);
    const theirs = at.hasOthers ? LOOK_AGAIN_MS[priority] : Number.POSITIVE_INFINITY;
    return Math.min(nextCooledAt(own, name) - at.now, theirs);
  };
  const waits = LANES.flatMap((lane) =>
    PRIORITIES.filter((priority) => at.unmet[lane][priority] > 0).flatMap((priority) =>
      WINDOWS_OF[lane].map((name) => waitIn(name, priority)),
    ),
  );
  const isSomebodyWaiting = waits.length > 0 && WINDOWS.every((name) => openIn(own, name) === 0);
  return Math.min(...waits, isSomebodyWaiting ? LONGEST_REST_MS : Number.POSITIVE_INFINITY);
}
