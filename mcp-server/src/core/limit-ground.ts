/** What a process brings to a decision about slots, and what the decision stands on. */
import type { Moment } from "./clock-step.ts";
import type { DayNews } from "./daily-budget.ts";
import { askDays, type Days } from "./limit-days.ts";
import {
  capacityOf,
  hasCalls,
  learn,
  pauseLeft,
  SILENCE_MS,
  type WindowNews,
} from "./limit-lessons.ts";
import { type Others, othersOf } from "./limit-others.ts";
import {
  byWindow,
  type DayName,
  type Demand,
  interactiveReserve,
  type Lane,
  type LimitPlan,
  type WindowName,
} from "./limit-plan.ts";
import { cooledDown, heldIn, type OwnShare } from "./own-share.ts";
import { ageOf, type Lessons, look, type SharedLimits, type Sightings } from "./shared-limits.ts";
import { type Smoothing, smoothing } from "./smoothing.ts";

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
  /** When its next backfill is due while others are there, by a clock that nobody sets. */
  readonly dueAt: number;
}

// An answer takes less, as a rule.
const SCOUT_MS = 500;

/** What a decision stands on. */
export interface Ground {
  readonly own: OwnShare;
  readonly others: Others;
  readonly windows: SharedLimits["windows"];
  readonly seen: Sightings;
  readonly days: Days;
  /** Slots that nobody holds. */
  readonly free: Readonly<Record<WindowName, number>>;
  /** Slots that backfill leaves to interactive work. */
  readonly reserve: Readonly<Record<WindowName, number>>;
  /** How evenly the backfill goes; null while nobody else is there to be hindered. */
  readonly pace: Smoothing | null;
  /** Requests of the burst go one by one, because nobody knows what others send now; null while somebody does. */
  readonly scout: { readonly dueInMs: number } | null;
}

/** Learns the news and reckons what there is. */
export function groundOf(before: SharedLimits, asking: Asking): Ground {
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
  const days = askDays(before.days, {
    plan,
    own,
    wants,
    news: news.days,
    elsewhere,
    others: windows.burst.others.count,
    wall,
  });
  const capacity = byWindow((name) => capacityOf(windows[name], plan.windows[name].limit));
  const left = byWindow((name) => capacity[name] - others.held[name] - heldIn(own, name));
  const scout = scoutOf(
    windows.burst,
    { left: left.burst, capacity: capacity.burst },
    { heardMs: ageOf(seen, "heard:burst", now), takenMs: ageOf(seen, "taken:burst", now) },
  );
  const free = byWindow((name) => {
    if (pauseLeft(windows[name], name, seen, now) > 0) return 0;
    if (!(scout && name === "burst")) return left[name];
    return Math.min(left[name], scout.dueInMs > 0 ? 0 : 1);
  });
  const isCalled = hasCalls(windows.burst, seen, now);
  // However little there is, one slot is the backfill's to have.
  const burstReserve = Math.min(interactiveReserve(plan, isCalled), capacity.burst - 1);
  // The one that finds out is the backfill's only where it leaves as much as ever.
  const scoutReserve = left.burst > burstReserve ? 0 : 1;
  const reserve = { burst: scout ? scoutReserve : burstReserve, search: 0, associations: 0 };
  const isSmooth = isCalled || windows.burst.others.count > 0;
  const { windowMs } = plan.windows.burst;
  const pace = isSmooth ? smoothing(asking.dueAt, capacity.burst, windowMs) : null;
  return { own, others, windows, seen, days, free, reserve, pace, scout };
}

/**
 * After a silence in a window that is well used the first request finds out whether others came meanwhile; the rest waits for its answer,
 * or for a while.
 */
function scoutOf(
  { heard }: Lessons,
  { left, capacity }: { readonly left: number; readonly capacity: number },
  ages: { readonly heardMs: number; readonly takenMs: number },
): Ground["scout"] {
  const isWellUsed = left < capacity / 2;
  if (heard === 0 || !isWellUsed || ages.heardMs < SILENCE_MS) return null;
  return { dueInMs: SCOUT_MS - ages.takenMs };
}
