/** What one exchange with HubSpot means: done, refused, to be tried again, or nobody knows. */
import type { AppError } from "../core/errors.ts";
import { type Effect, mayHaveHappened, type RequestFailure } from "../core/retry-policy.ts";
import {
  failureError,
  longWaitMs,
  lostOutcome,
  retryAfterMs,
  stopped,
  unclear,
  unreadable,
} from "./failure.ts";
import { faultSchema, type Refusal, refusalError, refusalOf } from "./refusal.ts";
import type { ExchangeResult } from "./transport.ts";

/**
 * How a request ended. `answered`: 2xx with a JSON body, or 204, whose body is null. `refused`: a verdict that repeating does not change. `failed`: it
 * certainly changed nothing. `unknown`: a write that may have been done; what it wrote must be read back before it is sent again.
 */
export type Reply =
  | { readonly kind: "answered"; readonly body: unknown }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "failed"; readonly error: AppError }
  | { readonly kind: "unknown"; readonly error: AppError };

/** What one try came to. `barred`: HubSpot refused the token or its scopes, which ends more than this request. */
export type Verdict =
  | { readonly kind: "done"; readonly reply: Reply }
  | { readonly kind: "again"; readonly failure: RequestFailure; readonly cause: unknown }
  | { readonly kind: "barred"; readonly status: 401 | 403; readonly error: AppError };

type Answer = Extract<ExchangeResult, { kind: "answer" }>;
type Lost = Extract<ExchangeResult, { kind: "lost" }>;

/** The verdict of an exchange that nobody stopped. */
export function verdictOf(result: ExchangeResult, effect: Effect, now: number): Verdict {
  if (result.kind === "lost") {
    const { sent, cause } = result;
    return { kind: "again", failure: { kind: "network", sent }, cause };
  }
  const { status } = result;
  const body = jsonOf(result.text);
  if (status >= 200 && status < 300) return { kind: "done", reply: success(status, effect, body) };
  // Error pages of gateways and of unknown paths are HTML.
  const fault = faultSchema.safeParse(body).data ?? { message: "" };
  const refusal = refusalOf(status, fault);
  if (status === 401 || status === 403)
    return { kind: "barred", status, error: refusalError(refusal) };
  if (isFinal(status)) return { kind: "done", reply: { kind: "refused", refusal } };
  const failure = failureOf(result, fault.policyName ?? null, now);
  return { kind: "again", failure, cause: refusal.cause };
}

function failureOf(answer: Answer, policyName: string | null, now: number): RequestFailure {
  const askedMs = retryAfterMs(answer.header("retry-after"), now);
  return { kind: "status", status: answer.status, policyName, retryAfterMs: askedMs };
}

// What the retry table does not know is final: 4xx other than those that ask for patience.
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 423, 429, 477].includes(status);
}

function success(status: number, effect: Effect, body: unknown): Reply {
  if (status === 204) return { kind: "answered", body: null };
  if (body !== undefined) return { kind: "answered", body };
  return effect === "once"
    ? { kind: "unknown", error: unclear(status) }
    : { kind: "failed", error: unreadable(status) };
}

/** The work was stopped while the request was under way. */
export function brokenOff({ sent, cause }: Lost, effect: Effect, reason: unknown): Reply {
  const failure: RequestFailure = { kind: "network", sent };
  return effect === "once" && mayHaveHappened(failure)
    ? { kind: "unknown", error: lostOutcome(failure, cause) }
    : { kind: "failed", error: stopped(reason) };
}

/** The policy allows no further try. */
export function givenUp(failure: RequestFailure, effect: Effect, cause: unknown): Reply {
  return effect === "once" && mayHaveHappened(failure)
    ? { kind: "unknown", error: lostOutcome(failure, cause) }
    : { kind: "failed", error: failureError(failure, cause) };
}

/** Nothing answered, a server failed, or the whole account is away for long (HubSpot docs, error handling: 477, read 2026-04). */
export function isAbsence(failure: RequestFailure): boolean {
  if (failure.kind === "network" || failure.status >= 500) return true;
  return failure.status === 477 && longWaitMs(failure) !== null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Callers tell what an unreadable body means: the status decides.
    return undefined;
  }
}
