/** What all processes on one database know together of an account's limits: who holds slots, what was learnt, what the day has left. */
import { z } from "zod";
import {
  byLane,
  byWindow,
  type LimitPlan,
  lanesIn,
  type Priority,
  type WindowName,
} from "./limit-plan.ts";

const count = z.number().nonnegative();
const amounts = z.object({ interactive: count, backfill: count });
/** `cooling`: pairs of (milliseconds after it was told, slots that are free then), ascending. */
const holding = z.object({ open: count, cooling: z.array(z.tuple([count, count])) });
const holder = z.object({
  /** Grows each time the process tells. */
  beat: z.number(),
  /** When it told last, by its own clock; for figures only. */
  at: z.number(),
  windows: z.object({ burst: holding, search: holding, associations: holding }),
  /** What it would send now if it had slots. */
  wants: z.object({ objects: amounts, search: amounts, associations: amounts }),
  /** Since which turn it waits. */
  waitsSince: z.object({ interactive: z.number().nullable(), backfill: z.number().nullable() }),
});
const lessons = z.object({
  limit: z.number(),
  /** What the headers say the limit is; null while they said nothing. */
  ceiling: z.number().nullable(),
  /** Share of the ceiling in use. */
  pace: z.number(),
  /** The last change of the pace, and how long nothing is sent from then on. */
  pause: z.object({ mark: z.number(), forMs: count }),
  /** Slots that somebody else was seen to use. */
  others: z.object({ mark: z.number(), count }),
  /** Grows with each telling of headers. */
  heard: z.number(),
  /** Grows whenever interactive work takes a slot. */
  calls: z.number(),
  /** Slots taken since the beginning, by all. */
  taken: count,
  /** Interactive slots taken since backfill got one. */
  run: count,
});
const day = z.object({
  limit: z.number().nullable(),
  remaining: z.number().nullable(),
  /** When one request may find out whether there is more; null while there is enough. */
  probeAt: z.number().nullable(),
  /** Percent that was kept for others when it stopped; null while there is enough. */
  keptPercent: z.number().nullable(),
});
const stateSchema = z.object({
  version: z.literal(1),
  at: z.number(),
  /** Grows with each telling, by whomever. */
  turn: z.number(),
  holders: z.record(z.string(), holder),
  windows: z.object({ burst: lessons, search: lessons, associations: lessons }),
  days: z.object({ objects: day, associations: day }),
});

export type SharedLimits = z.infer<typeof stateSchema>;
export type Holder = z.infer<typeof holder>;
export type Holding = z.infer<typeof holding>;
export type Lessons = z.infer<typeof lessons>;
export type Day = z.infer<typeof day>;

/**
 * When a process first saw a mark, by its own clock that nobody sets. Ages are counted from there and not from the writer's time, so
 * two machines need not agree on the time, and a clock that jumps neither frees slots early nor holds them for ever. What is seen late
 * is held a little longer: a process that starts counts the slots of one that died long ago for as long as if it had just died.
 */
export type Sightings = ReadonlyMap<string, { readonly mark: number; readonly at: number }>;

// A process may use slots that it has told of for this long; then it tells again first.
export const LEASE_MS = 5_000;
// Who waits tells so again and again; one that has not for this long has died or has given up.
const FRESH_MS = 2_000;
// Clocks are read in whole milliseconds and drift: give slots back this much late. Early would be a 429.
export const GUARD_MS = 20;

/** The name of an account's shared value. */
export function limitsName(accountKey: string): string {
  return `limits:${accountKey}`;
}

/** Reads the stored text; what cannot be read, or was never written, is a beginning. @param wall ms since the epoch */
export function readLimits(text: string | null, plan: LimitPlan, wall: number): SharedLimits {
  return (text === null ? null : parse(text)) ?? beginning(plan, wall);
}

/** The stored text as it stands; null when it cannot be read. */
export function storedLimits(text: string): SharedLimits | null {
  return parse(text);
}

function parse(text: string): SharedLimits | null {
  try {
    return stateSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // Not JSON: as good as never written. What HubSpot counts comes back with the first headers.
    return null;
  }
}

function beginning(plan: LimitPlan, wall: number): SharedLimits {
  const nothing: Day = { limit: null, remaining: null, probeAt: null, keptPercent: null };
  return {
    version: 1,
    at: wall,
    turn: 0,
    holders: {},
    windows: byWindow((name) => ({
      limit: plan.windows[name].limit,
      ceiling: null,
      pace: 1,
      pause: { mark: 0, forMs: 0 },
      others: { mark: 0, count: 0 },
      heard: 0,
      calls: 0,
      taken: 0,
      run: 0,
    })),
    days: { objects: nothing, associations: nothing },
  };
}

/** Adds what is new in the state to what was seen, and forgets what is not in it any more. */
export function look(state: SharedLimits, seen: Sightings, now: number): Sightings {
  const marks: [string, number][] = [
    ...Object.entries(state.holders).map(([id, { beat }]): [string, number] => [
      `holder:${id}`,
      beat,
    ]),
    ...Object.entries(state.windows).flatMap(
      ([name, { pause, others, calls, heard, taken }]): [string, number][] => [
        [`pause:${name}`, pause.mark],
        [`heard:${name}`, heard],
        [`taken:${name}`, taken],
        [`others:${name}`, others.mark],
        [`calls:${name}`, calls],
      ],
    ),
  ];
  return new Map(
    marks.map(([key, mark]) => {
      const before = seen.get(key);
      return [key, before?.mark === mark ? before : { mark, at: now }];
    }),
  );
}

/** Milliseconds since a mark was first seen. */
export function ageOf(seen: Sightings, key: string, now: number): number {
  return Math.max(0, now - (seen.get(key)?.at ?? now));
}

/** Slots that a process may hold, at most, when its telling is so old. @param ageMs since the telling was seen, or later */
export function heldAt(
  { open, cooling }: Holding,
  ageMs: number,
  plan: LimitPlan,
  name: WindowName,
): number {
  const { windowMs } = plan.windows[name];
  let held = ageMs < LEASE_MS + plan.requestMs + windowMs + GUARD_MS ? open : 0;
  for (const [freeAfterMs, slots] of cooling) if (freeAfterMs > ageMs) held += slots;
  return held;
}

/** Whether a telling of that age still speaks for a living process. */
export function isFresh(ageMs: number): boolean {
  return ageMs < FRESH_MS;
}

/** What a process would send in a window if it had slots there; an association that has no slot of its own needs none of the burst. */
export function wantedIn(
  { wants }: Pick<Holder, "wants">,
  name: WindowName,
  priority: Priority,
  free: Readonly<Record<WindowName, number>>,
): number {
  let wanted = 0;
  for (const lane of lanesIn(name)) {
    const own = wants[lane][priority];
    wanted +=
      lane === "associations" && name === "burst"
        ? Math.min(own, Math.max(0, free.associations))
        : own;
  }
  return wanted;
}

/** A holder that has told nothing yet. */
export function newHolder(wall: number): Holder {
  return {
    beat: 0,
    at: wall,
    windows: byWindow(() => ({ open: 0, cooling: [] })),
    wants: byLane(() => ({ interactive: 0, backfill: 0 })),
    waitsSince: { interactive: null, backfill: null },
  };
}
