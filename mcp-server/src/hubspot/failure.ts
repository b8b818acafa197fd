/** What to say when a request ended without a usable answer. */
import { AppError } from "../core/errors.ts";
import type { RequestFailure } from "../core/retry-policy.ts";
import { dailyLimit } from "./daily-budget.ts";

/** A 2xx that makes no sense is no answer: neither done nor empty. */
export function unreadable(cause: unknown): AppError {
  return new AppError(
    "unavailable",
    "HubSpot's answer could not be read; nothing was taken from it.",
    {
      code: "HUBSPOT_UNREADABLE",
      cause,
    },
  );
}

/** The error of a request that was given up. */
export function failureError(failure: RequestFailure, cause: unknown): AppError {
  if (failure.kind === "network") {
    const message =
      failure.sent === "no"
        ? "HubSpot could not be reached. Check the network and HUBSPOT_BASE_URL."
        : "HubSpot did not answer in time or the connection broke.";
    return new AppError("unavailable", message, { code: "HUBSPOT_UNREACHABLE", cause });
  }
  const wait = failure.retryAfterMs === null ? {} : { retryAfterMs: failure.retryAfterMs };
  if (failure.status !== 429) {
    return new AppError("unavailable", `HubSpot is not available now (HTTP ${failure.status}).`, {
      code: "HUBSPOT_UNAVAILABLE",
      cause,
      ...wait,
    });
  }
  if (failure.policyName === "DAILY") return dailyLimit(failure.retryAfterMs ?? 15 * 60_000);
  return new AppError(
    "rate-limited",
    "HubSpot refuses more requests for now; other apps may be using its limit.",
    {
      code: "HUBSPOT_RATE_LIMITED",
      cause,
      ...wait,
    },
  );
}

/** Why a request was not sent: the signal's reason, or the limiter's refusal. */
export function stopped(reason: unknown): AppError {
  if (reason instanceof AppError) return reason;
  return new AppError("cancelled", "The work was stopped before this request was sent.", {
    cause: reason,
  });
}

/** A Retry-After header in seconds or as a date. null when absent or unreadable. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+(\.\d+)?$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
