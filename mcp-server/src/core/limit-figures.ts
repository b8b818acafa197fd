/** The limits' state in figures, for whoever watches. */
import { reserveOf } from "./daily-budget.ts";
import { WINDOWS, type WindowName } from "./limit-plan.ts";
import { LEASE_MS, type SharedLimits, storedLimits } from "./shared-limits.ts";

/** One limit of so many requests in a rolling time. */
export interface WindowFigures {
  /** What HubSpot allows, or what was configured if that is less. */
  readonly limit: number;
  /** Slots that our processes hold. */
  readonly used: number;
  /** Slots that other apps were seen to use, a while ago at most. */
  readonly others: number;
}

/** The day of an account. Numbers of requests; `usedShare` of the part that is not kept for others, 0 to 1 and above. */
export interface DayFigures {
  readonly limit: number;
  readonly remaining: number;
  readonly reserve: number;
  readonly usedShare: number;
}

export interface LimitsFigures {
  readonly burst: WindowFigures;
  readonly search: WindowFigures;
  readonly associations: WindowFigures;
  /** null until HubSpot told the limit, which it does not for OAuth apps. */
  readonly daily: DayFigures | null;
}

/**
 * Figures of the shared value `limits:<account>`.
 *
 * @param stateJson the stored text; null when there is none
 * @param now ms since the epoch; figures are of the writers' clocks and rough where those differ
 * @param dailyReserve percent of the daily limit that is kept for others
 * @returns null when nothing was sent yet
 */
export function limitsFigures(
  stateJson: string | null,
  now: number,
  dailyReserve: number,
): LimitsFigures | null {
  const state = stateJson === null ? null : storedLimits(stateJson);
  if (state === null) return null;
  const [burst, search, associations] = WINDOWS.map((name) => windowFigures(state, name, now));
  if (!(burst && search && associations)) return null;
  return { burst, search, associations, daily: dayFigures(state, dailyReserve) };
}

function windowFigures(state: SharedLimits, name: WindowName, now: number): WindowFigures {
  const { limit, ceiling, others } = state.windows[name];
  let used = 0;
  for (const { at, windows } of Object.values(state.holders)) {
    const { open, cooling } = windows[name];
    const ageMs = Math.max(0, now - at);
    if (ageMs < LEASE_MS) used += open;
    for (const [freeAfterMs, slots] of cooling) if (freeAfterMs > ageMs) used += slots;
  }
  return { limit: Math.min(limit, ceiling ?? limit), used, others: others.count };
}

function dayFigures({ days }: SharedLimits, dailyReserve: number): DayFigures | null {
  const { limit, remaining } = days.objects;
  if (limit === null || remaining === null || limit === 0) return null;
  const reserve = reserveOf({ limit }, dailyReserve);
  const usedShare = limit > reserve ? (limit - remaining) / (limit - reserve) : 1;
  return { limit, remaining, reserve, usedShare };
}
