/** HubSpot's daily limit, shared by all apps of an account: known from headers, counted between them, with a share kept for others. */
import type { Day } from "./shared-limits.ts";

/** What answers said of a day since the last telling. */
export interface DayNews {
  readonly limit: number | null;
  /** The header's number, less our requests that it may not have counted; null when no answer said it. */
  readonly remaining: number | null;
  /** HubSpot refused a request for the day. */
  readonly isSpent: boolean;
}

export const noDayNews: DayNews = { limit: null, remaining: null, isSpent: false };

/** Whether requests may leave: so many, after answers that are under way, or not before a later time. */
export type DayAnswer =
  | { readonly kind: "go"; readonly room: number; readonly day: Day }
  | { readonly kind: "wait"; readonly day: Day }
  | {
      readonly kind: "spent";
      readonly isReserve: boolean;
      readonly retryAfterMs: number;
      readonly day: Day;
    };

// The day ends at midnight of the account's time zone, or earlier for an account whose limit is raised: one request finds out this often.
const PROBE_MS = 15 * 60_000;

/** Requests of the daily limit that are left to other apps. */
export function reserveOf({ limit }: Pick<Day, "limit">, percent: number): number {
  return limit === null ? 0 : Math.ceil((limit * percent) / 100);
}

const goesOn = { probeAt: null, keptPercent: null };

/** The day with the news learnt. @param elsewhere requests of other processes that the header may not have counted */
export function learnDay(day: Day, news: DayNews, elsewhere: number, wall: number): Day {
  const limit = news.limit ?? day.limit;
  const isHeard = news.remaining !== null;
  const remaining = isHeard ? news.remaining - elsewhere : day.remaining;
  if (news.isSpent) {
    const probeAt = wall + PROBE_MS;
    return { ...day, limit, remaining: Math.min(0, remaining ?? 0), probeAt };
  }
  const stop = isHeard ? goesOn : { probeAt: day.probeAt, keptPercent: day.keptPercent };
  return { limit, remaining, ...stop };
}

/** What a day is asked with. */
export interface DayAsking {
  /** Our own requests whose answers will say more. */
  readonly inFlight: number;
  /** Requests that other apps were seen to send in a while. */
  readonly others: number;
  /** Ms since the epoch. */
  readonly wall: number;
}

/** What the day allows. @param percent of the limit that is left to other apps */
export function askDay(
  known: Day,
  percent: number,
  { inFlight, others, wall }: DayAsking,
): DayAnswer {
  // What other apps send before our next answer comes out of the same day.
  const kept = percent === 0 ? 0 : reserveOf(known, percent) + others;
  const room = known.remaining === null ? Number.POSITIVE_INFINITY : known.remaining - kept;
  // Once there was too little only an answer shows that there is more: meanwhile other apps went on.
  if (room > 0 && known.probeAt === null) return { kind: "go", room, day: known };
  if (inFlight > 0) return { kind: "wait", day: known };
  const next = wall + PROBE_MS;
  // A clock set back must not put the next try off for as long as it jumped.
  const probeAt = Math.min(known.probeAt ?? next, next);
  // A reserve that was lowered since it stopped may have freed something: one request finds out at once.
  const isLowered = room > 0 && percent < (known.keptPercent ?? percent);
  const stopped = { ...known, keptPercent: percent };
  if (probeAt <= wall || isLowered) {
    return { kind: "go", room: 1, day: { ...stopped, probeAt: next } };
  }
  const isReserve = (known.remaining ?? 0) > 0;
  return { kind: "spent", isReserve, retryAfterMs: probeAt - wall, day: { ...stopped, probeAt } };
}

/** The day after so many requests were let go. */
export function takeFromDay(day: Day, requests: number): Day {
  return day.remaining === null ? day : { ...day, remaining: day.remaining - requests };
}
