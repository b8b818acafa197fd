/** What to say when a request ended without a usable answer. */
import { AppError } from "../core/errors.ts";
import { LONGEST_WAIT_MS, type RequestFailure } from "../core/retry-policy.ts";
import { dailyLimit } from "./daily-budget.ts";

const UNREADABLE = "HUBSPOT_UNREADABLE";
const UNREACHABLE = "HUBSPOT_UNREACHABLE";
const UNAVAILABLE = "HUBSPOT_UNAVAILABLE";

/** A 2xx to a read that makes no sense is no answer: neither done nor empty. */
export function unreadable(cause: unknown): AppError {
  return new AppError(
    "unavailable",
    "HubSpot's answer could not be read; nothing was taken from it.",
    {
      code: UNREADABLE,
      cause,
    },
  );
}

/** A 2xx to a write that makes no sense: it may have been done. */
export function unclear(cause: unknown): AppError {
  return outcomeUnknown("HubSpot's answer could not be read", { code: UNREADABLE, cause });
}

/** A success that does not name what was to be written. */
export function silent(): AppError {
  return outcomeUnknown("HubSpot reported success without naming this", {
    code: "HUBSPOT_SILENT",
    cause: undefined,
  });
}

/** The error of a write whose answer did not come, or came from something between HubSpot and us. */
export function lostOutcome(failure: RequestFailure, cause: unknown): AppError {
  const more = { code: failureCode(failure), cause, ...longWait(failure) };
  return failure.kind === "network"
    ? outcomeUnknown("HubSpot did not answer in time or the connection broke", more)
    : outcomeUnknown(`HubSpot broke off with HTTP ${failure.status}`, more);
}

function outcomeUnknown(
  what: string,
  more: { readonly code: string; readonly cause: unknown; readonly retryAfterMs?: number },
): AppError {
  return new AppError(
    "unknown-outcome",
    `${what}, so nobody knows whether this was written. It is read back before it is written again.`,
    more,
  );
}

/** A word for the log and for whoever counts causes. */
export function failureCode(failure: RequestFailure): string {
  return failure.kind === "network" ? UNREACHABLE : UNAVAILABLE;
}

/** How long HubSpot wants to be left alone, in milliseconds, where that is longer than a request waits; null: it does not say, or was waited for. */
export function longWaitMs(failure: RequestFailure): number | null {
  const waitMs = failure.kind === "status" ? failure.retryAfterMs : null;
  return waitMs !== null && waitMs > LONGEST_WAIT_MS ? waitMs : null;
}

function longWait(failure: RequestFailure): { readonly retryAfterMs?: number } {
  const waitMs = longWaitMs(failure);
  return waitMs === null ? {} : { retryAfterMs: waitMs };
}

/** The error of a request that was given up and certainly did nothing. Its `retryAfterMs` is what is still to be waited for. */
export function failureError(failure: RequestFailure, cause: unknown): AppError {
  if (failure.kind === "network") {
    const message =
      failure.sent === "no"
        ? "HubSpot could not be reached. Check the network and HUBSPOT_BASE_URL."
        : "HubSpot did not answer in time or the connection broke.";
    return new AppError("unavailable", message, { code: UNREACHABLE, cause });
  }
  const wait = longWait(failure);
  if (failure.status !== 429) {
    return new AppError("unavailable", `HubSpot is not available now (HTTP ${failure.status}).`, {
      code: UNAVAILABLE,
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

// HubSpot docs, error handling: moving an account takes up to 24 hours (read 2026-04); nothing lasts longer.
const LONGEST_ASKED_MS = 24 * 3_600_000;

/** A Retry-After header in seconds or as a date, at most a day. null when absent or unreadable. */
export function retryAfterMs(header: string | null, now: number): number | null {
  const waitMs = askedWaitMs(header, now);
  return waitMs === null ? null : Math.min(waitMs, LONGEST_ASKED_MS);
}

function askedWaitMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+(\.\d+)?$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
