/** What the other processes hold and want, as far as this one can tell from what they told. */
import type { Rival } from "./limit-grants.ts";
import { byWindow, type LimitPlan, type Priority, WINDOWS, type WindowName } from "./limit-plan.ts";
import {
  ageOf,
  type Holder,
  heldAt,
  isFresh,
  type SharedLimits,
  type Sightings,
  wantedIn,
} from "./shared-limits.ts";

export interface Others {
  /** What they hold, at most. */
  readonly held: Readonly<Record<WindowName, number>>;
  /** What is unused or under way. */
  readonly open: Readonly<Record<WindowName, number>>;
  readonly fresh: readonly (readonly [string, Holder])[];
  /** Those that still hold or may still live. */
  readonly kept: Readonly<Record<string, Holder>>;
}

/** Everybody but `me`. */
export function othersOf(
  state: SharedLimits,
  at: {
    readonly me: string;
    readonly plan: LimitPlan;
    readonly now: number;
    readonly seen: Sightings;
  },
): Others {
  const all = Object.entries(state.holders).filter(([id]) => id !== at.me);
  const held = (id: string, holder: Holder, name: WindowName) =>
    heldAt(holder.windows[name], ageOf(at.seen, `holder:${id}`, at.now), at.plan, name);
  const fresh = all.filter(([id]) => isFresh(ageOf(at.seen, `holder:${id}`, at.now)));
  const kept = all.filter(
    ([id, holder]) =>
      fresh.some(([other]) => other === id) || WINDOWS.some((name) => held(id, holder, name) > 0),
  );
  return {
    held: byWindow((name) => all.reduce((sum, [id, holder]) => sum + held(id, holder, name), 0)),
    open: byWindow((name) => kept.reduce((sum, [, holder]) => sum + holder.windows[name].open, 0)),
    fresh,
    kept: Object.fromEntries(kept),
  };
}

/** What those that live and wait would take, seen from `mine`. */
export function rivalsOf(
  fresh: Others["fresh"],
  mine: Holder,
  at: {
    readonly me: string;
    readonly free: Readonly<Record<WindowName, number>>;
    readonly turn: number;
  },
): readonly Rival[] {
  return fresh.map(([id, holder]) => {
    const isOlder = (priority: Priority) => {
      const [theirs, ours] = [holder.waitsSince[priority], mine.waitsSince[priority] ?? at.turn];
      return theirs !== null && (theirs < ours || (theirs === ours && id < at.me));
    };
    return {
      wants: byWindow((name) => ({
        interactive: wantedIn(holder, name, "interactive", at.free),
        backfill: wantedIn(holder, name, "backfill", at.free),
      })),
      isOlder: { interactive: isOlder("interactive"), backfill: isOlder("backfill") },
    };
  });
}
