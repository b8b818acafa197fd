/** One request to HubSpot from permit to verdict: limits, deadline, retries, log, and what a failure means. */
import type { AppError } from "../core/errors.ts";
import {
  decideRetry,
  type Effect,
  mayHaveHappened,
  type RequestFailure,
  rateLimitPause,
} from "../core/retry-policy.ts";
import type { CrmCall } from "../ports/crm.ts";
import type { Clock, Log } from "../ports/world.ts";
import { failureError, retryAfterMs, stopped, unreadable } from "./failure.ts";
import type { Lane, Limiter, RateHints } from "./limiter.ts";
import type { Route } from "./paths.ts";
import { faultSchema, type Refusal, refusalError, refusalOf } from "./refusal.ts";
import type { ExchangeResult, Transport } from "./transport.ts";

export interface HubspotRequest {
  readonly method: "GET" | "POST";
  readonly route: Route;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly lane: Lane;
  readonly effect: Effect;
}

/**
 * How a request ended. `answered`: 2xx with a JSON body, or 204, whose body is null. `refused`: a verdict that repeating does not change. `failed`: certainly not
 * done. `unknown`: given up without knowing.
 */
export type Reply =
  | { readonly kind: "answered"; readonly body: unknown }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "failed"; readonly error: AppError }
  | { readonly kind: "unknown"; readonly error: AppError };

/** One try, as watchers see it: no values, no ids. */
export interface RequestSeen {
  readonly method: string;
  readonly route: string;
  readonly lane: Lane;
  /** null when no answer came. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly waitedMs: number;
}

/** Sends one request, as often as the policy allows. Throws only `auth`. */
export type Send = (request: HubspotRequest, call?: CrmCall) => Promise<Reply>;

export interface RequesterParts {
  readonly transport: Transport;
  readonly limiter: Limiter;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly onRequest: (seen: RequestSeen) => void;
}

type Verdict =
  | { readonly kind: "done"; readonly reply: Reply }
  | { readonly kind: "again"; readonly failure: RequestFailure; readonly cause: unknown };

interface Tries {
  readonly failures: number;
  readonly refusals: number;
  /** An earlier try may have done its work. */
  readonly uncertain: boolean;
}

const NO_HINTS: RateHints = { max: null, remaining: null, dailyRemaining: null };

export function createRequester(parts: RequesterParts): Send {
  return async (request, call = {}) => {
    let tries: Tries = { failures: 0, refusals: 0, uncertain: false };
    for (;;) {
      const verdict = await tryOnce(parts, request, call);
      if (verdict.kind === "done") return settled(verdict.reply, tries.uncertain);
      const { failure, cause } = verdict;
      tries = counted(tries, failure);
      const decision = decideRetry(failure, request.effect, tries, parts.random());
      if (decision.kind === "give-up") return givenUp(failure, tries.uncertain, cause);
      logRetry(parts.log, request, failure, decision.waitMs);
      try {
        await parts.clock.wait(decision.waitMs, call.signal);
      } catch (reason) {
        return settled({ kind: "failed", error: stopped(reason) }, tries.uncertain);
      }
    }
  };
}

async function tryOnce(
  parts: RequesterParts,
  request: HubspotRequest,
  call: CrmCall,
): Promise<Verdict> {
  const askedAt = parts.clock.now();
  let permit: Awaited<ReturnType<Limiter["acquire"]>>;
  try {
    permit = await parts.limiter.acquire(request.lane, call.lane ?? "interactive", call.signal);
  } catch (reason) {
    return { kind: "done", reply: { kind: "failed", error: stopped(reason) } };
  }
  const sentAt = parts.clock.now();
  let result: ExchangeResult | undefined;
  try {
    // The signal is not consulted in flight: a write that is let finish has a known outcome, and the deadline bounds the wait.
    result = await parts.transport({ path: request.route.path, ...request });
  } finally {
    permit.release(result === undefined ? NO_HINTS : hintsOf(result));
  }
  seen(parts, request, result, { askedAt, sentAt });
  return judge(parts, request, result);
}

function judge(parts: RequesterParts, request: HubspotRequest, result: ExchangeResult): Verdict {
  if (result.kind === "lost") {
    return {
      kind: "again",
      failure: { kind: "network", sent: result.sent },
      cause: result.cause,
    };
  }
  const body = jsonOf(result.text);
  if (result.status >= 200 && result.status < 300) return answered(result, body);
  // Error pages of gateways and of unknown paths are HTML.
  const fault = faultSchema.safeParse(body).data ?? { message: "" };
  const refusal = refusalOf(result.status, fault);
  if (result.status === 401 || result.status === 403) throw refusalError(refusal);
  const failure: RequestFailure = {
    kind: "status",
    status: result.status,
    policyName: fault.policyName ?? null,
    retryAfterMs: retryAfterMs(result.header("retry-after"), parts.clock.now()),
  };
  if (result.status === 429) {
    const pauseMs = rateLimitPause(failure.policyName, failure.retryAfterMs);
    parts.limiter.refused(request.lane, pauseMs);
  }
  if (isVerdict(result.status)) return { kind: "done", reply: { kind: "refused", refusal } };
  return { kind: "again", failure, cause: refusal.cause };
}

// What the retry table does not know is final: 4xx other than those that ask for patience.
function isVerdict(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 423, 429, 477].includes(status);
}

function answered(result: Extract<ExchangeResult, { kind: "answer" }>, body: unknown): Verdict {
  if (result.status === 204) return { kind: "done", reply: { kind: "answered", body: null } };
  if (body !== undefined) return { kind: "done", reply: { kind: "answered", body } };
  return { kind: "done", reply: { kind: "unknown", error: unreadable(result.status) } };
}

function counted(tries: Tries, failure: RequestFailure): Tries {
  const isRefusal = failure.kind === "status" && failure.status === 429;
  return {
    failures: tries.failures + (isRefusal ? 0 : 1),
    refusals: tries.refusals + (isRefusal ? 1 : 0),
    uncertain: tries.uncertain || mayHaveHappened(failure),
  };
}

/** Whatever ends a request after an uncertain try, short of an answer, leaves its outcome unknown. */
function settled(reply: Reply, uncertain: boolean): Reply {
  return reply.kind === "failed" && uncertain ? { kind: "unknown", error: reply.error } : reply;
}

function givenUp(failure: RequestFailure, uncertain: boolean, cause: unknown): Reply {
  const error = failureError(failure, cause);
  return uncertain ? { kind: "unknown", error } : { kind: "failed", error };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Callers tell what an unreadable body means: the status decides.
    return undefined;
  }
}

function hintsOf(result: ExchangeResult): RateHints {
  if (result.kind === "lost") return NO_HINTS;
  const count = (name: string) => {
    const value = result.header(name);
    return value !== null && /^\d+$/.test(value) ? Number(value) : null;
  };
  return {
    max: count("x-hubspot-ratelimit-max"),
    remaining: count("x-hubspot-ratelimit-remaining"),
    dailyMax: count("x-hubspot-ratelimit-daily"),
    dailyRemaining: count("x-hubspot-ratelimit-daily-remaining"),
  };
}

function seen(
  parts: RequesterParts,
  request: HubspotRequest,
  result: ExchangeResult,
  times: { readonly askedAt: number; readonly sentAt: number },
): void {
  const fields: RequestSeen = {
    method: request.method,
    route: request.route.shown,
    lane: request.lane,
    status: result.kind === "answer" ? result.status : null,
    durationMs: parts.clock.now() - times.sentAt,
    waitedMs: times.sentAt - times.askedAt,
  };
  parts.onRequest(fields);
  const correlationId = result.kind === "answer" ? result.header("x-hubspot-correlation-id") : null;
  parts.log.debug({ ...fields, correlationId }, "HubSpot request");
}

function logRetry(log: Log, request: HubspotRequest, failure: RequestFailure, waitMs: number) {
  const status = failure.kind === "status" ? failure.status : null;
  const route = request.route.shown;
  log.warn({ method: request.method, route, status, waitMs }, "HubSpot request is tried again");
}
