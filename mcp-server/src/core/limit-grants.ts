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

// After so many interactive slots the next one is the backfill's, out of what it leaves otherwise, too: slowed down, never stopped.
export const INTERACTIVE_RUN = 4;

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
    if (isBackfillsTurn(sharing, lane)) {
      give(lane, "backfill", Math.min(1, wanted.backfill), roomInTurn(sharing));
    }
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
    next[name] = priority === "interactive" ? next[name] + slots : 0;
  }
  return {
    grants: { ...grants, [lane]: { ...amounts, [priority]: amounts[priority] + slots } },
    run: next,
    taken: taken + slots,
  };
}

function isBackfillsTurn({ run, wants }: Sharing, lane: Lane): boolean {
  return wants[lane].backfill > 0 && WINDOWS_OF[lane].every((name) => run[name] >= INTERACTIVE_RUN);
}

function roomInTurn({ free, rivals }: Sharing): RoomOf {
  return (name) => free[name] - olderWants(rivals, name, "backfill");
}

/** Leaves a slot to the backfill of another process when it is its turn. */
function roomForInteractive({ free, rivals, run }: Sharing): RoomOf {
  return (name) => {
    const owed = run[name] >= INTERACTIVE_RUN && wantsOf(rivals, name, "backfill") > 0 ? 1 : 0;
    return free[name] - olderWants(rivals, name, "interactive") - owed;
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
