/** HubSpot's limits by name: which a request counts against, how large they are, and what is kept for others. */

/** What kind of request it is, which says what limits it counts against. */
export type Lane = "objects" | "search" | "associations";
/** Interactive: somebody waits for it. Backfill: nobody does. */
export type Priority = "interactive" | "backfill";
export type WindowName = "burst" | "search" | "associations";
export type DayName = "objects" | "associations";
/** Requests by priority. */
export type Amounts = Readonly<Record<Priority, number>>;
/** Requests by lane and priority. */
export type Demand = Readonly<Record<Lane, Amounts>>;

/** At most `limit` requests in any `windowMs`. */
export interface WindowPlan {
  readonly limit: number;
  readonly windowMs: number;
}

/** What one process believes of the account's limits before HubSpot says anything. */
export interface LimitPlan {
  readonly windows: Readonly<Record<WindowName, WindowPlan>>;
  /** How long a request can be under way at most. */
  readonly requestMs: number;
  /** Percent of the daily limit that is left to other apps. */
  readonly dailyReserve: number;
}

export const LANES: readonly Lane[] = ["objects", "associations", "search"];
export const WINDOWS: readonly WindowName[] = ["burst", "search", "associations"];
export const PRIORITIES: readonly Priority[] = ["interactive", "backfill"];
export const DAYS: readonly DayName[] = ["objects", "associations"];

// Search has its own limit and its answers carry no burst headers, so it counts there only. Associations are documented with their own
// limits beside the burst and the day; whether they count in both is not said, so they take of each (usage guidelines, read 2026-11).
// The first of each list is the one that the headers of the lane's answers speak of.
export const WINDOWS_OF: Readonly<Record<Lane, readonly WindowName[]>> = {
  objects: ["burst"],
  search: ["search"],
  associations: ["associations", "burst"],
};
export const DAYS_OF: Readonly<Record<Lane, readonly [DayName, ...DayName[]]>> = {
  objects: ["objects"],
  search: ["objects"],
  associations: ["associations", "objects"],
};

const BURST_WINDOW_MS = 10_000;
const SEARCH_PER_SECOND = 5;
const ASSOCIATIONS_PER_BURST = 100;
// Part of the burst that backfill leaves alone, so that a tool call finds a slot at once; more while calls keep coming.
const INTERACTIVE_SHARE = 0.02;
const CALLS_SHARE = 0.12;
// At HubSpot's real limits every slot is asked for by itself. Far above them asking would cost more than sending, so there they come in
// blocks of this part of the limit.
const BLOCK_SHARE = 0.01;

/** The limits of a private app (usage guidelines, read 2026-11). */
export function hubspotLimits(options: {
  readonly burstLimit: number;
  readonly requestMs: number;
  readonly dailyReserve: number;
}): LimitPlan {
  return {
    windows: {
      burst: { limit: options.burstLimit, windowMs: BURST_WINDOW_MS },
      search: { limit: SEARCH_PER_SECOND, windowMs: 1_000 },
      associations: { limit: ASSOCIATIONS_PER_BURST, windowMs: BURST_WINDOW_MS },
    },
    requestMs: options.requestMs,
    dailyReserve: options.dailyReserve,
  };
}

/** Slots of the burst that backfill leaves to interactive work. @param hasCalls whether there was any a short while ago */
export function interactiveReserve(plan: LimitPlan, hasCalls: boolean): number {
  return Math.floor(plan.windows.burst.limit * (hasCalls ? CALLS_SHARE : INTERACTIVE_SHARE));
}

/** How many slots of a lane are asked for together, at least one. */
export function blockOf(plan: LimitPlan, lane: Lane): number {
  return Math.min(
    ...WINDOWS_OF[lane].map((name) =>
      Math.max(1, Math.floor(plan.windows[name].limit * BLOCK_SHARE)),
    ),
  );
}

/** The lanes whose requests count in a window. */
export function lanesIn(window: WindowName): readonly Lane[] {
  return LANES.filter((lane) => WINDOWS_OF[lane].includes(window));
}

/** One value for each window. */
export function byWindow<T>(make: (name: WindowName) => T): Readonly<Record<WindowName, T>> {
  return { burst: make("burst"), search: make("search"), associations: make("associations") };
}

/** One value for each lane. */
export function byLane<T>(make: (lane: Lane) => T): Readonly<Record<Lane, T>> {
  return { objects: make("objects"), search: make("search"), associations: make("associations") };
}

/** Nobody wants or holds anything. */
export const noDemand: Demand = byLane(() => ({ interactive: 0, backfill: 0 }));
