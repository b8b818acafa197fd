/** One request to HubSpot from permit to verdict: limits, deadline, retries, log, and what a failure means. */
import {
  decideRetry,
  type Effect,
  LONGEST_WAIT_MS,
  type RequestFailure,
  rateLimitPause,
} from "../core/retry-policy.ts";
import type { CrmCall } from "../ports/crm.ts";
import type { Clock, Log } from "../ports/world.ts";
import type { CircuitGate, Pass } from "./circuit-gate.ts";
import { failureCode, longWaitMs, stopped } from "./failure.ts";
import type { Lane, Limiter, RateHints } from "./limiter.ts";
import type { Route } from "./paths.ts";
import type { ExchangeResult, Transport } from "./transport.ts";
import { brokenOff, givenUp, isAbsence, type Reply, type Verdict, verdictOf } from "./verdict.ts";

export interface HubspotRequest {
  readonly method: "GET" | "POST";
  readonly route: Route;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly lane: Lane;
  readonly effect: Effect;
}

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

/** Sends one request, as often as the policy allows; a write that may have been done is never sent again. Throws only `auth`. */
export type Send = (request: HubspotRequest, call?: CrmCall) => Promise<Reply>;

export interface RequesterParts {
  readonly transport: Transport;
  readonly limiter: Limiter;
  readonly circuit: CircuitGate;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly onRequest: (seen: RequestSeen) => void;
}

interface Tries {
  readonly failures: number;
  readonly refusals: number;
}

const NO_HINTS: RateHints = { max: null, remaining: null, dailyRemaining: null };

export function createRequester(parts: RequesterParts): Send {
  return async (request, call = {}) => {
    let tries: Tries = { failures: 0, refusals: 0 };
    for (;;) {
      const verdict = await tryOnce(parts, request, call);
      if (verdict.kind === "done") return verdict.reply;
      const { failure, cause } = verdict;
      tries = counted(tries, failure);
      const decision = decideRetry(failure, request.effect, tries, parts.random());
      if (decision.kind === "give-up") return givenUp(failure, request.effect, cause);
      logRetry(parts.log, request, failure, decision.waitMs);
      try {
        await parts.clock.wait(decision.waitMs, call.signal);
      } catch (reason) {
        return { kind: "failed", error: stopped(reason) };
      }
    }
  };
}

async function tryOnce(
  parts: RequesterParts,
  request: HubspotRequest,
  call: CrmCall,
): Promise<Exclude<Verdict, { kind: "barred" }>> {
  const askedAt = parts.clock.now();
  let leave: Leave;
  try {
    leave = await allowed(parts, request, call);
  } catch (reason) {
    return unsent(reason);
  }
  const { permit, pass } = leave;
  const sentAt = parts.clock.now();
  let result: ExchangeResult | undefined;
  try {
    result = await parts.transport({ path: request.route.path, ...request }, call.signal);
  } finally {
    permit.release(result === undefined ? NO_HINTS : hintsOf(result));
  }
  seen(parts, request, result, { askedAt, sentAt });
  if (result.kind === "lost" && result.isStopped) {
    const reply = brokenOff(result, request.effect, call.signal?.reason);
    return { kind: "done", reply };
  }
  const verdict = verdictOf(result, request.effect, parts.clock.now());
  await note(parts, { request, pass, verdict });
  if (verdict.kind === "barred") throw verdict.error;
  return verdict;
}

/** What lets a request go. */
interface Leave {
  readonly permit: Awaited<ReturnType<Limiter["acquire"]>>;
  readonly pass: Pass;
}

/** Both the circuit and the limits must; whoever would only wait for a permit in vain hears so at once. */
async function allowed(
  { circuit, limiter }: RequesterParts,
  { lane }: HubspotRequest,
  call: CrmCall,
): Promise<Leave> {
  await circuit.check();
  const permit = await limiter.acquire(lane, call.lane ?? "interactive", call.signal);
  try {
    return { permit, pass: await circuit.enter() };
  } catch (reason) {
    permit.release(NO_HINTS);
    throw reason;
  }
}

function unsent(reason: unknown): Extract<Verdict, { kind: "done" }> {
  const error = stopped(reason);
  if (error.kind === "auth") throw error;
  return { kind: "done", reply: { kind: "failed", error } };
}

/** Tells the circuit whether HubSpot is there, and the limits that one was reached. */
async function note(
  { circuit, limiter }: RequesterParts,
  {
    request,
    pass,
    verdict,
  }: { readonly request: HubspotRequest; readonly pass: Pass; readonly verdict: Verdict },
): Promise<void> {
  if (verdict.kind === "barred" && verdict.status === 401)
    return circuit.refused(verdict.error.code);
  if (verdict.kind !== "again") return circuit.answered(pass);
  const { failure } = verdict;
  if (isAbsence(failure)) return circuit.failed(pass, failureCode(failure), longWaitMs(failure));
  if (failure.kind === "status" && failure.status === 429) {
    // One refusal holds up everybody: a longer wait is for the job that met it.
    const pauseMs = rateLimitPause(failure.policyName, failure.retryAfterMs);
    limiter.refused(request.lane, pauseMs && Math.min(pauseMs, LONGEST_WAIT_MS));
  }
  return circuit.answered(pass);
}

function counted({ failures, refusals }: Tries, failure: RequestFailure): Tries {
  const isRefusal = failure.kind === "status" && failure.status === 429;
  return isRefusal ? { failures, refusals: refusals + 1 } : { failures: failures + 1, refusals };
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
