/** Talks to Anthropic's API: one retry policy, one shared pause, and refusals translated into our own errors. */
import Anthropic, { APIConnectionError, APIError } from "@anthropic-ai/sdk";
import { bounded } from "../core/byte-limit.ts";
import { AppError } from "../core/errors.ts";
import { decideRetry, type RequestFailure } from "../core/retry-policy.ts";
import type { Clock, Log } from "../ports/world.ts";

export interface ClaudeClientOptions {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1; spreads retries. */
  readonly random: () => number;
  readonly timeoutMs: number;
  /** Hears of every try: the answer's status, null when none came. */
  readonly onAnswer?: (status: number | null) => void;
}

/** A call's signal, and whether sending it twice would do something twice. */
export interface CallOptions {
  readonly signal: AbortSignal;
  readonly repeatable: boolean;
}

// What a user-set spend limit says comes as a plain 400 (errors page, read 2026-11).
const SPENT = /usage limits|spend(ing)? limit|credit balance/i;

// Results of a batch are the longest answers.
const MAX_ANSWER_BYTES = 256_000_000;

/** The library's own way of fetching follows redirects, and would take the key along to wherever they lead. */
async function fetchDirectly(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  return bounded(await fetch(input, { ...init, redirect: "error" }), MAX_ANSWER_BYTES);
}

/** A fetch that tells what came of it. */
function heardBy(onAnswer: ClaudeClientOptions["onAnswer"]): typeof fetchDirectly {
  return async (input, init) => {
    let status: number | null = null;
    try {
      const response = await fetchDirectly(input, init);
      status = response.status;
      return response;
    } finally {
      onAnswer?.(status);
    }
  };
}

/** The API behind one key. Calls wait together when one of them was told to. */
export class ClaudeClient {
  readonly #api: Anthropic;
  readonly #o: ClaudeClientOptions;
  #pausedUntil = 0;

  constructor(options: ClaudeClientOptions) {
    this.#o = options;
    this.#api = new Anthropic({
      apiKey: options.apiKey,
      baseURL: options.baseUrl,
      timeout: options.timeoutMs,
      fetch: heardBy(options.onAnswer),
      // Retries follow our own policy and clock; the library's log could show contact data.
      maxRetries: 0,
      logLevel: "off",
      openTelemetry: false,
    });
  }

  get baseUrl(): string {
    return this.#o.baseUrl;
  }

  /**
   * Makes a call, again if the policy says so. Throws AppErrors: `auth`, `no-credits`, `not-found`, `input`,
   * `rate-limited` or `unavailable`; and the signal's reason.
   */
  async call<T>(
    make: (api: Anthropic, options: { signal: AbortSignal }) => PromiseLike<T>,
    { signal, repeatable }: CallOptions,
  ): Promise<T> {
    const tries = { failures: 0, refusals: 0 };
    for (;;) {
      await this.#waitForPause(signal);
      try {
        return await make(this.#api, { signal });
      } catch (thrown) {
        signal.throwIfAborted();
        const failure = failureOf(thrown);
        if (isRateLimit(failure)) tries.refusals++;
        else tries.failures++;
        await this.#waitOrGiveUp(thrown, failure, { tries, signal, repeatable });
      }
    }
  }

  async #waitForPause(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const pause = this.#pausedUntil - this.#o.clock.now();
    if (pause > 0) await this.#o.clock.wait(pause, signal);
  }

  async #waitOrGiveUp(
    thrown: unknown,
    failure: RequestFailure,
    call: CallOptions & { readonly tries: { failures: number; refusals: number } },
  ): Promise<void> {
    const refusal = refusalError(thrown);
    if (refusal !== null) throw refusal;
    // A cut connection leaves open whether the work was begun; what must not happen twice is given up.
    const open = failure.kind === "network" && !call.repeatable;
    const decision = decideRetry(failure, open ? "once" : "read", call.tries, this.#o.random());
    if (decision.kind === "give-up") throw givenUp(failure, thrown);
    this.#o.log.debug({ ...call.tries, waitMs: decision.waitMs }, "anthropic retry");
    const until = this.#o.clock.now() + decision.waitMs;
    if (isRateLimit(failure)) this.#pausedUntil = Math.max(this.#pausedUntil, until);
    await this.#o.clock.wait(decision.waitMs, call.signal);
  }
}

function isRateLimit(failure: RequestFailure): boolean {
  return failure.kind === "status" && failure.status === 429;
}

function failureOf(thrown: unknown): RequestFailure {
  if (thrown instanceof APIError && typeof thrown.status === "number") {
    const retryAfterMs = retryAfter(thrown);
    return { kind: "status", status: thrown.status, policyName: null, retryAfterMs };
  }
  return { kind: "network", sent: "maybe" };
}

function retryAfter(error: APIError): number | null {
  const seconds = Number.parseFloat(error.headers?.get("retry-after") ?? "");
  return Number.isFinite(seconds) ? seconds * 1_000 : null;
}

/** An error that no waiting mends; null when the policy may decide. */
function refusalError(thrown: unknown): AppError | null {
  if (thrown instanceof APIConnectionError) return null;
  if (thrown instanceof APIError) return statusError(thrown);
  // Half a body, or no JSON at all: as good as a cut connection.
  return thrown instanceof TypeError || thrown instanceof SyntaxError ? null : unknownError(thrown);
}

function statusError(cause: APIError): AppError | null {
  const { status = 0 } = cause;
  if (isSpent(cause)) {
    const message = "Anthropic's spend limit is reached. Raise it, then run enrich again.";
    return new AppError("no-credits", message, { cause, code: "ANTHROPIC_NO_CREDITS" });
  }
  if (status === 401 || status === 403) {
    const message = "Anthropic refused the key. Check ANTHROPIC_API_KEY.";
    return new AppError("auth", message, { cause, code: "ANTHROPIC_AUTH" });
  }
  if (status === 404) {
    const message = "Anthropic does not know what was asked for. Check ANTHROPIC_MODEL.";
    return new AppError("not-found", message, { cause, code: "ANTHROPIC_NOT_FOUND" });
  }
  if (status < 400 || status >= 500 || status === 408 || status === 429) return null;
  const message = "Anthropic could not read the request.";
  return new AppError("input", message, { cause, code: "ANTHROPIC_INPUT" });
}

function isSpent(error: APIError): boolean {
  if (error.status === 402) return true;
  // A monthly cap is a 429 too, but without a time to wait for (errors page, read 2026-11).
  if (error.status === 429) return retryAfter(error) === null;
  return error.status === 400 && SPENT.test(error.message);
}

function unknownError(thrown: unknown): AppError {
  const message = "Anthropic's answer could not be read.";
  return new AppError("unavailable", message, { cause: thrown, code: "ANTHROPIC_ANSWER" });
}

function givenUp(failure: RequestFailure, cause: unknown): AppError {
  return isRateLimit(failure)
    ? new AppError("rate-limited", "Anthropic's rate limit stayed exhausted.", { cause })
    : new AppError("unavailable", "Anthropic did not answer.", { cause });
}
