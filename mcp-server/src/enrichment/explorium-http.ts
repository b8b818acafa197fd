/** Sends requests to Explorium: key, timeout, quota, retries, and refusals translated into our own errors. */
import type { z } from "zod";
import { bounded } from "../core/byte-limit.ts";
import { AppError } from "../core/errors.ts";
import type { RateHeaders } from "../core/rate-window.ts";
import { decideRetry, type RequestFailure, rateLimitPause } from "../core/retry-policy.ts";
import type { Clock, Log } from "../ports/world.ts";
import type { EntityBudget } from "./entity-budget.ts";

export interface ExploriumHttpOptions {
  readonly apiKey: string;
  /** With the version, e.g. `https://api.explorium.ai/v1`. */
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** 0 to 1; spreads retries. */
  readonly random: () => number;
  readonly log: Log;
  readonly budget: EntityBudget;
  readonly weigh: (entities: number) => number;
  readonly onAnswer?: (status: number | null) => void;
}

export interface ExploriumRequest<Answer extends z.ZodType> {
  readonly path: string;
  readonly body: unknown;
  readonly entities: number;
  readonly answer: Answer;
  readonly signal: AbortSignal;
}

// Fifty companies have some hundred kilobytes.
const MAX_ANSWER_BYTES = 32_000_000;
// One refusal holds up everybody: a longer wait is for the run that met it.
const LONGEST_PAUSE_MS = 60_000;

type Attempt<Answer> =
  | { readonly kind: "answered"; readonly value: Answer }
  | { readonly kind: "refused"; readonly error: AppError }
  | { readonly kind: "failed"; readonly failure: RequestFailure; readonly cause?: unknown };

/** POSTs and parses. Throws AppErrors: `auth`, `no-credits`, `input`, or `rate-limited`/`unavailable` when retries are spent. */
export async function postExplorium<Answer extends z.ZodType>(
  options: ExploriumHttpOptions,
  request: ExploriumRequest<Answer>,
): Promise<z.infer<Answer>> {
  const tries = { failures: 0, refusals: 0 };
  for (;;) {
    const attempt = await attemptOnce(options, request);
    if (attempt.kind === "answered") return attempt.value;
    if (attempt.kind === "refused") throw attempt.error;
    const { failure } = attempt;
    const limited = failure.kind === "status" && failure.status === 429;
    if (limited) tries.refusals++;
    else tries.failures++;
    // A lookup changes nothing over there, so it may always be sent again.
    const decision = decideRetry(failure, "read", tries, options.random());
    if (decision.kind === "give-up") throw givenUp(limited, attempt.cause);
    options.log.debug({ path: request.path, ...tries, waitMs: decision.waitMs }, "explorium retry");
    await options.clock.wait(decision.waitMs, request.signal);
  }
}

async function attemptOnce<Answer extends z.ZodType>(
  options: ExploriumHttpOptions,
  request: ExploriumRequest<Answer>,
): Promise<Attempt<z.infer<Answer>>> {
  const permit = await options.budget.take(options.weigh(request.entities), request.signal);
  let headers: RateHeaders | null = null;
  try {
    const response = await send(options, request);
    headers = rateHeaders(response.headers);
    const text = await bounded(response, MAX_ANSWER_BYTES).text();
    return response.ok ? parsed(text, request.answer) : refusal(response, text, options.budget);
  } catch (cause) {
    request.signal.throwIfAborted();
    return { kind: "failed", failure: { kind: "network", sent: "maybe" }, cause };
  } finally {
    permit.settle(headers);
  }
}

async function send<Answer extends z.ZodType>(
  { baseUrl, apiKey, timeoutMs, onAnswer }: ExploriumHttpOptions,
  { path, body, signal }: ExploriumRequest<Answer>,
): Promise<Response> {
  let status: number | null = null;
  try {
    const response = await fetch(`${baseUrl}${path}`, {
      method: "POST",
      headers: { api_key: apiKey, "content-type": "application/json", "credit-usage": "true" },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    status = response.status;
    return response;
  } finally {
    onAnswer?.(status);
  }
}

function parsed<Answer extends z.ZodType>(text: string, answer: Answer): Attempt<z.infer<Answer>> {
  const result = answer.safeParse(JSON.parse(text));
  if (result.success) return { kind: "answered", value: result.data };
  // An answer in another form is an accident on the way (a proxy's page, half a body) until three in a row say otherwise.
  return { kind: "failed", failure: { kind: "network", sent: "maybe" }, cause: result.error };
}

function refusal(response: Response, text: string, budget: EntityBudget): Attempt<never> {
  const { status } = response;
  if (status === 429) {
    const retryAfterMs = retryAfter(response.headers);
    budget.pause(Math.min(LONGEST_PAUSE_MS, rateLimitPause(null, retryAfterMs) ?? 0));
    return { kind: "failed", failure: { kind: "status", status, policyName: null, retryAfterMs } };
  }
  if (status >= 500 || status === 408) {
    const retryAfterMs = retryAfter(response.headers);
    const failure = { kind: "status", status, policyName: null, retryAfterMs } as const;
    return { kind: "failed", failure, cause: upstream(status, text) };
  }
  return { kind: "refused", error: refusalError(status, text) };
}

// Explorium says "out of credits" with 403 (error handling page, read 2026-11), like a forbidden key.
function refusalError(status: number, text: string): AppError {
  const cause = upstream(status, text);
  if (status === 402 || (status === 403 && /credit/i.test(text))) {
    const message = "Explorium has no credits left. Buy credits, then run enrich again.";
    return new AppError("no-credits", message, { cause, code: "EXPLORIUM_NO_CREDITS" });
  }
  if (status === 401 || status === 403) {
    const message = "Explorium refused the key. Check EXPLORIUM_API_KEY.";
    return new AppError("auth", message, { cause, code: "EXPLORIUM_AUTH" });
  }
  const message = "Explorium could not read the request.";
  return new AppError("input", message, { cause, code: "EXPLORIUM_INPUT" });
}

function givenUp(limited: boolean, cause: unknown): AppError {
  return limited
    ? new AppError("rate-limited", "Explorium's rate limit stayed exhausted.", { cause })
    : new AppError("unavailable", "Explorium did not answer.", { cause });
}

function upstream(status: number, text: string): Error {
  return new Error(`Explorium answered ${status}: ${text.slice(0, 500)}`);
}

function rateHeaders(headers: Headers): RateHeaders {
  return {
    max: whole(headers.get("x-ratelimit-limit")),
    remaining: whole(headers.get("x-ratelimit-remaining")),
  };
}

function retryAfter(headers: Headers): number | null {
  const seconds = whole(headers.get("retry-after"));
  return seconds === null ? null : seconds * 1_000;
}

function whole(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;
}
