/** One telling: a process says what it holds, wants and heard, and gets what slots there are for it. */
import type { DayNews } from "./daily-budget.ts";
import { askDays, type Days, daysAfter } from "./limit-days.ts";
import { shareOut, takenIn } from "./limit-grants.ts";
import { capacityOf, learn, pauseLeft, type WindowNews } from "./limit-lessons.ts";
import { type Others, othersOf, rivalsOf } from "./limit-others.ts";
import {
  byLane,
  byWindow,
  type DayName,
  type Demand,
  LANES,
  type Lane,
  type LimitPlan,
  PRIORITIES,
  type Priority,
  WINDOWS,
  WINDOWS_OF,
  type WindowName,
} from "./limit-plan.ts";
import {
  cooledDown,
  heldIn,
  holdingOf,
  type Moment,
  nextCooledAt,
  type OwnShare,
} from "./own-share.ts";
import {
  type Holder,
  look,
  newHolder,
  type SharedLimits,
  type Sightings,
} from "./shared-limits.ts";

/** What a process brings. */
export interface Asking {
  /** Its name among the holders. */
  readonly me: string;
  readonly plan: LimitPlan;
  readonly moment: Moment;
  readonly own: OwnShare;
  /** What it would send now beyond its unused slots. */
  readonly wants: Demand;
  /** Lanes, the one first whose oldest request waits longest. */
  readonly order: readonly Lane[];
  readonly news: {
    readonly windows: Readonly<Record<WindowName, WindowNews>>;
    readonly days: Readonly<Record<DayName, DayNews>>;
  };
  readonly seen: Sightings;
}

/** What it takes home. */
export interface Answer {
  readonly state: SharedLimits;
  readonly seen: Sightings;
  readonly grants: Demand;
  /** What it did not get. */
  readonly unmet: Demand;
  /** When asking again may help though nothing happens here; Infinity when only something here helps. */
  readonly againInMs: number;
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

/** Decides; the caller stores `state` and only then uses `grants`. */
export function askForSlots(before: SharedLimits, asking: Asking): Answer {
  const { me, plan, moment, order } = asking;
  const ground = groundOf(before, asking);
  const { own, others, windows, seen, days } = ground;
  const wants = byLane((lane) => (days.refused[lane] ? noAmounts : asking.wants[lane]));
  const mine = before.holders[me] ?? newHolder(moment.wall);
  const { grants, run } = shareOut({
    plan,
    order,
    wants,
    free: ground.free,
    run: byWindow((name) => windows[name].run),
    dayRoom: days.room,
    rivals: rivalsOf(others.fresh, mine, { me, free: ground.free, turn: before.turn }),
  });
  const unmet = lessThan(wants, grants);
  const hasOthers = others.fresh.length > 0 || WINDOWS.some((name) => others.held[name] > 0);
  const known = byWindow((name) => ({
    held: others.held[name] + heldIn(own, name) + takenIn(grants, name),
    taken: windows[name].taken + takenIn(grants, name),
  }));
  const waits = waitsSince(mine, { unmet, grants, turn: before.turn });
  const state: SharedLimits = {
    version: 1,
    at: moment.wall,
    turn: before.turn + 1,
    holders: { ...others.kept, [me]: telling(ground, asking, { before, grants, unmet, waits }) },
    windows: byWindow((name) => ({
      ...windows[name],
      run: run[name],
      taken: known[name].taken,
    })),
    days: daysAfter(days, grants),
  };
  return {
    state,
    seen: look(state, seen, moment.now),
    grants,
    unmet,
    againInMs: againIn({ unmet, own, windows, seen, now: moment.now, hasOthers }),
    refused: days.refused,
    waitsForAnswer: days.waitsForAnswer,
    hasOthers,
    known,
  };
}

/** What a decision stands on. */
interface Ground {
  readonly own: OwnShare;
  readonly others: Others;
  readonly windows: SharedLimits["windows"];
  readonly seen: Sightings;
  readonly days: Days;
  /** Slots that nobody holds. */
  readonly free: Readonly<Record<WindowName, number>>;
}

function groundOf(before: SharedLimits, asking: Asking): Ground {
  const { me, plan, moment, news, wants } = asking;
  const { now, wall } = moment;
  const firstLook = look(before, asking.seen, now);
  const others = othersOf(before, { me, plan, now, seen: firstLook });
  const windows = learn(before, news.windows, { plan, seen: firstLook, now });
  const seen = look({ ...before, windows }, firstLook, now);
  const own = cooledDown(asking.own, plan, now);
  const elsewhere = {
    objects: others.open.burst + others.open.search,
    associations: others.open.associations,
  };
  const days = askDays(before.days, { plan, own, wants, news: news.days, elsewhere, wall });
  const free = byWindow((name) => {
    if (pauseLeft(windows[name], name, seen, now) > 0) return 0;
    const capacity = capacityOf(windows[name], plan.windows[name].limit);
    return capacity - others.held[name] - heldIn(own, name);
  });
  return { own, others, windows, seen, days, free };
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

function againIn(at: {
  readonly unmet: Demand;
  readonly own: OwnShare;
  readonly windows: SharedLimits["windows"];
  readonly seen: Sightings;
  readonly now: number;
  readonly hasOthers: boolean;
}): number {
  const waits = LANES.flatMap((lane) =>
    PRIORITIES.filter((priority) => at.unmet[lane][priority] > 0).flatMap((priority) =>
      WINDOWS_OF[lane].map((name) => {
        const paused = pauseLeft(at.windows[name], name, at.seen, at.now);
        if (paused > 0) return paused;
        const theirs = at.hasOthers ? LOOK_AGAIN_MS[priority] : Number.POSITIVE_INFINITY;
        return Math.min(nextCooledAt(at.own, name) - at.now, theirs);
      }),
    ),
  );
  return Math.min(...waits, Number.POSITIVE_INFINITY);
}
