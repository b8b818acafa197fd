/** Shares free slots out: to this process or left for another, interactive work first, backfill never stopped. */
import {
  blockOf,
  type Demand,
  type Lane,
  type LimitPlan,
  lanesIn,
  noDemand,
  type Priority,
  WINDOWS_OF,
  type WindowName,
} from "./limit-plan.ts";

/** What another process that waits would take. */
export interface Rival {
  readonly wants: Readonly<Record<WindowName, Readonly<Record<Priority, number>>>>;
  /** Whether it waits longer than we do. */
  readonly isOlder: Readonly<Record<Priority, boolean>>;
}

export interface Sharing {
  readonly plan: LimitPlan;
  /** What this process wants beyond the slots that it has, the lane first whose oldest waits longest. */
  readonly wants: Demand;
  readonly order: readonly Lane[];
  /** Slots that nobody holds; below one when there are none. */
  readonly free: Readonly<Record<WindowName, number>>;
  /** Slots that backfill leaves to interactive work. */
  readonly reserve: Readonly<Record<WindowName, number>>;
  /** Interactive slots taken since backfill got one. */
  readonly run: Readonly<Record<WindowName, number>>;
  /** What the day has left for a lane. */
  readonly dayRoom: Readonly<Record<Lane, number>>;
  readonly rivals: readonly Rival[];
}

export interface Shared {
  readonly grants: Demand;
  readonly run: Readonly<Record<WindowName, number>>;
}

// For so many interactive slots the backfill may take one, out of what it leaves otherwise, too: slowed down, never stopped.
const INTERACTIVE_RUN = 4;
// What the backfill did not want in time it does not want all at once later.
const LONGEST_RUN = 3 * INTERACTIVE_RUN;

/** What this process may take now. */
export function shareOut(sharing: Sharing): Shared {
  let shared: Shared & { readonly taken: number } = {
    grants: noDemand,
    run: sharing.run,
    taken: 0,
  };
  const give = (lane: Lane, priority: Priority, wanted: number, room: RoomOf) => {
    const most = Math.min(
      wanted,
      sharing.dayRoom[lane] - shared.taken,
      ...WINDOWS_OF[lane].map((name) => room(name) - takenIn(shared.grants, name)),
    );
    if (most > 0) shared = given(shared, lane, priority, Math.floor(most));
  };
  for (const lane of sharing.order) {
    const wanted = sharing.wants[lane];
    const turns = Math.min(...WINDOWS_OF[lane].map((name) => turnsOf(shared.run[name])));
    give(lane, "backfill", Math.min(turns, wanted.backfill), roomInTurn(sharing));
  }
  for (const lane of sharing.order) {
    give(lane, "interactive", sharing.wants[lane].interactive, roomForInteractive(sharing));
  }
  for (const lane of sharing.order) {
    const wanted = sharing.wants[lane].backfill - shared.grants[lane].backfill;
    give(lane, "backfill", wanted, roomForBackfill(sharing));
  }
  for (const lane of sharing.order) {
    const [priority, wanted] = blockBeyond(sharing, shared.grants, lane);
    give(lane, priority, wanted, roomForBlock(sharing));
  }
  return shared;
}

type RoomOf = (name: WindowName) => number;

function given(
  { grants, run, taken }: Shared & { readonly taken: number },
  lane: Lane,
  priority: Priority,
  slots: number,
): Shared & { readonly taken: number } {
  const amounts = grants[lane];
  const next = { ...run };
  for (const name of WINDOWS_OF[lane]) {
    next[name] =
      priority === "interactive"
        ? Math.min(LONGEST_RUN, next[name] + slots)
        : Math.max(0, next[name] - slots * INTERACTIVE_RUN);
  }
  return {
    grants: { ...grants, [lane]: { ...amounts, [priority]: amounts[priority] + slots } },
    run: next,
    taken: taken + slots,
  };
}

/** Slots that are the backfill's after so many interactive ones. */
function turnsOf(run: number): number {
  return Math.floor(run / INTERACTIVE_RUN);
}

function roomInTurn({ free, rivals }: Sharing): RoomOf {
  return (name) => free[name] - olderWants(rivals, name, "backfill");
}

/** Leaves the backfill of other processes its turns. */
function roomForInteractive({ free, rivals, run }: Sharing): RoomOf {
  return (name) => {
    const open = free[name] - olderWants(rivals, name, "interactive");
    const turns = Math.floor((run[name] + open) / (INTERACTIVE_RUN + 1));
    return open - Math.max(0, Math.min(turns, wantsOf(rivals, name, "backfill")));
  };
}

function roomForBackfill({ reserve, free, rivals }: Sharing): RoomOf {
  return (name) =>
    free[name] -
    reserve[name] -
    wantsOf(rivals, name, "interactive") -
    olderWants(rivals, name, "backfill");
}

function roomForBlock({ reserve, free, rivals }: Sharing): RoomOf {
  return (name) =>
    free[name] -
    reserve[name] -
    wantsOf(rivals, name, "interactive") -
    wantsOf(rivals, name, "backfill");
}

/** What fills up a block when everything wanted was granted. */
function blockBeyond({ plan, wants }: Sharing, grants: Demand, lane: Lane): [Priority, number] {
  const wanted = wants[lane];
  const got = grants[lane];
  const isAll = got.interactive === wanted.interactive && got.backfill === wanted.backfill;
  const sum = got.interactive + got.backfill;
  if (!isAll || sum === 0) return ["backfill", 0];
  return [wanted.backfill > 0 ? "backfill" : "interactive", blockOf(plan, lane) - sum];
}

function wantsOf(rivals: readonly Rival[], name: WindowName, priority: Priority): number {
  return rivals.reduce((sum, { wants }) => sum + wants[name][priority], 0);
}

function olderWants(rivals: readonly Rival[], name: WindowName, priority: Priority): number {
  return wantsOf(
    rivals.filter(({ isOlder }) => isOlder[priority]),
    name,
    priority,
  );
}

/** Slots of a window that grants take. */
export function takenIn(grants: Demand, name: WindowName): number {
  return lanesIn(name).reduce(
    (sum, lane) => sum + grants[lane].interactive + grants[lane].backfill,
    0,
  );
}
