/** What is said when the daily limit of an account leaves nothing for us. */
import { AppError } from "../core/errors.ts";

/** The account has no requests left today. */
export function dailyLimit(retryAfterMs: number): AppError {
  return new AppError(
    "rate-limited",
    "HubSpot's daily request limit of this account is used up. It is tried again from time to time until the account's midnight.",
    { code: "DAILY_LIMIT", retryAfterMs },
  );
}

/** What is left of the account's day is kept for its other apps. @param percent of the daily limit */
export function dailyReserve(retryAfterMs: number, percent: number): AppError {
  const minutes = Math.max(1, Math.ceil(retryAfterMs / 60_000));
  return new AppError(
    "rate-limited",
    `The last ${percent} % of HubSpot's daily request limit are kept for the account's other apps (HUBSPOT_DAILY_RESERVE). It is tried again in ${minutes} min, and goes on after the account's midnight.`,
    { code: "DAILY_RESERVE", retryAfterMs },
  );
}
