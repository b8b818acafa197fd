/** HubSpot's daily limit, shared by all apps of an account and known only from the headers of its answers. */
import { AppError } from "../core/errors.ts";

/** What the headers said last, and whether the day is spent. */
export interface DailyBudget {
  /** Requests left for the account today; null until a header says so. */
  readonly remaining: number | null;
  readonly inFlight: number;
  /** Nothing is asked before this time, ms since the epoch. */
  readonly spentUntil: number;
}

// The day ends at midnight of the account's time zone, or earlier for an account whose limit is raised: ask again this often.
const PROBE_MS = 15 * 60_000;

/** A day nothing is known of. */
export const unknownDay: DailyBudget = { remaining: null, inFlight: 0, spentUntil: 0 };

/** `wait` when only requests in flight stand between us and the limit. */
export function dailyAnswer(day: DailyBudget, now: number): "go" | "wait" | "spent" {
  if (day.spentUntil > now) return "spent";
  if (day.remaining === null || day.remaining - day.inFlight > 0) return "go";
  return day.inFlight > 0 ? "wait" : "spent";
}

export function dayTake(day: DailyBudget): DailyBudget {
  return { ...day, inFlight: day.inFlight + 1 };
}

/** @param remaining the header's number, null when there was none */
export function daySettle(day: DailyBudget, remaining: number | null): DailyBudget {
  return {
    ...day,
    inFlight: Math.max(0, day.inFlight - 1),
    remaining: remaining ?? day.remaining,
  };
}

/** The limit is reached: rest, then let requests find out. */
export function daySpent(day: DailyBudget, now: number): DailyBudget {
  if (day.spentUntil > now) return day;
  return { ...day, remaining: null, spentUntil: now + PROBE_MS };
}

/** The account has no requests left today. */
export function dailyLimit(retryAfterMs: number): AppError {
  return new AppError(
    "rate-limited",
    "HubSpot's daily request limit of this account is used up. It is tried again from time to time until the account's midnight.",
    { code: "DAILY_LIMIT", retryAfterMs },
  );
}
