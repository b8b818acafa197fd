/** The slots that this process holds: granted and unused, under way, and cooling down. */
import type { Moment } from "./clock-step.ts";
import {
  byLane,
  byWindow,
  type Demand,
  type Lane,
  type LimitPlan,
  lanesIn,
  noDemand,
  type Priority,
  WINDOWS_OF,
  type WindowName,
} from "./limit-plan.ts";
import { GUARD_MS, type Holding, LEASE_MS } from "./shared-limits.ts";

/** Slots that come free together. */
interface Cooled {
  readonly first: number;
  readonly until: number;
  readonly slots: number;
}

/**
 * A slot is taken from before its request leaves until one window after its answer arrived. Whenever HubSpot counts a request inside its
 * own window, that request left before and was answered no longer than a window ago, so it still holds its slot: HubSpot can never count
 * more than all processes hold together, whatever the latency.
 */
export interface OwnShare {
  readonly spare: Demand;
  readonly inFlight: Demand;
  readonly cooling: Readonly<Record<WindowName, readonly Cooled[]>>;
  /** When the others were told of the spare ones; null when never. */
  readonly toldAt: Moment | null;
}

// Time between looking at the lease and the request's first byte.
const LEASE_MARGIN_MS = 500;
// A machine that slept wakes with a clock that did not count: then the lease is not to be trusted.
const CLOCKS_AGREE_MS = 1_000;
// Slots that come free within this part of a window are counted together, as free with the last: a list of thousands is slow.
const COOLING_GRAIN = 200;
const TOLD_GRAIN = 25;

export const emptyShare: OwnShare = {
  spare: noDemand,
  inFlight: noDemand,
  cooling: byWindow(() => []),
  toldAt: null,
};

/** Whether unused slots may still be used without telling first. */
export function spareStands({ toldAt }: OwnShare, { now, wall }: Moment): boolean {
  if (toldAt === null) return false;
  const age = now - toldAt.now;
  const drift = Math.abs(wall - toldAt.wall - age);
  return age >= 0 && age < LEASE_MS - LEASE_MARGIN_MS && drift < CLOCKS_AGREE_MS;
}

/** Gives back unused slots beyond these. */
export function keepSpare(own: OwnShare, most: Demand): OwnShare {
  return {
    ...own,
    spare: byLane((lane) => ({
      interactive: Math.min(own.spare[lane].interactive, most[lane].interactive),
      backfill: Math.min(own.spare[lane].backfill, most[lane].backfill),
    })),
  };
}

export function addSpare(own: OwnShare, grants: Demand, toldAt: Moment): OwnShare {
  return { ...own, toldAt, spare: byLane((lane) => sum(own.spare[lane], grants[lane])) };
}

/** Uses an unused slot; the caller knows that there is one. Interactive work takes backfill's when it has none. */
export function useSlot(own: OwnShare, lane: Lane, priority: Priority): OwnShare {
  const from =
    priority === "interactive" && own.spare[lane].interactive > 0 ? priority : "backfill";
  return {
    ...own,
    spare: shifted(own.spare, lane, from, -1),
    inFlight: shifted(own.inFlight, lane, priority, 1),
  };
}

/** The request was answered or failed: its slots cool down for one window. */
export function settleSlot(
  own: OwnShare,
  { lane, priority }: { readonly lane: Lane; readonly priority: Priority },
  plan: LimitPlan,
  now: number,
): OwnShare {
  return {
    ...own,
    inFlight: shifted(own.inFlight, lane, priority, -1),
    cooling: byWindow((name) =>
      WINDOWS_OF[lane].includes(name)
        ? cooled(own.cooling[name], plan.windows[name].windowMs, now)
        : own.cooling[name],
    ),
  };
}

function cooled(cooling: readonly Cooled[], windowMs: number, now: number): readonly Cooled[] {
  const until = now + windowMs + GUARD_MS;
  const rest = stillCooling(cooling, windowMs, now);
  const last = rest.at(-1);
  if (last !== undefined && until - last.first < windowMs / COOLING_GRAIN) {
    return [...rest.slice(0, -1), { first: last.first, until, slots: last.slots + 1 }];
  }
  return [...rest, { first: until, until, slots: 1 }];
}

function stillCooling(cooling: readonly Cooled[], windowMs: number, now: number): Cooled[] {
  // A clock set back would hold slots for as long as it jumped; none cools longer than one window.
  const latest = now + windowMs + GUARD_MS;
  return cooling
    .filter(({ until }) => until > now)
    .map((one) => (one.until > latest ? { ...one, until: latest, first: latest } : one));
}

/** The share with slots that have cooled down taken out. */
export function cooledDown(own: OwnShare, plan: LimitPlan, now: number): OwnShare {
  return {
    ...own,
    cooling: byWindow((name) => stillCooling(own.cooling[name], plan.windows[name].windowMs, now)),
  };
}

/** How the others are told of a window's slots; call `cooledDown` before. */
export function holdingOf(own: OwnShare, plan: LimitPlan, name: WindowName, now: number): Holding {
  const grain = plan.windows[name].windowMs / TOLD_GRAIN;
  const cooling: [number, number][] = [];
  let first = Number.NEGATIVE_INFINITY;
  for (const { until, slots } of own.cooling[name]) {
    const last = cooling.at(-1);
    if (last !== undefined && until - first < grain) {
      cooling[cooling.length - 1] = [until - now, last[1] + slots];
    } else {
      cooling.push([until - now, slots]);
      first = until;
    }
  }
  return { open: openIn(own, name), cooling };
}

/** Slots of a window that are unused or under way. */
export function openIn(own: OwnShare, name: WindowName): number {
  return lanesIn(name).reduce(
    (open, lane) => open + total(own.spare[lane]) + total(own.inFlight[lane]),
    0,
  );
}

/** Slots of a window in all. */
export function heldIn(own: OwnShare, name: WindowName): number {
  return own.cooling[name].reduce((held, { slots }) => held + slots, openIn(own, name));
}

/** When the next slot of a window is free again; Infinity when none cools. */
export function nextCooledAt(own: OwnShare, name: WindowName): number {
  return own.cooling[name][0]?.until ?? Number.POSITIVE_INFINITY;
}

/** Both priorities together. */
export function total({ interactive, backfill }: Demand[Lane]): number {
  return interactive + backfill;
}

function sum(a: Demand[Lane], b: Demand[Lane]): Demand[Lane] {
  return { interactive: a.interactive + b.interactive, backfill: a.backfill + b.backfill };
}

function shifted(demand: Demand, lane: Lane, priority: Priority, by: number): Demand {
  const amounts = demand[lane];
  return { ...demand, [lane]: { ...amounts, [priority]: Math.max(0, amounts[priority] + by) } };
}
