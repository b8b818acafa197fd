/** Requests to Lemlist: its limit kept, what is safe tried again, its texts translated into our own words. */
import { bounded } from "../core/byte-limit.ts";
import { AppError } from "../core/errors.ts";
import type { Clock, Log } from "../ports/world.ts";

// Lemlist docs, rate limit: 20 requests per 2 s and key over all routes (read 2026-11).
const REQUESTS = 20;
const WINDOW_MS = 2_000;
const MAX_TRIES = 3;
// A refusal is no fault of the request; others who share the key can use the limit up several times in a row.
const MAX_REFUSALS = 8;
const FIRST_DELAY_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
// The export of a large campaign is written while it is sent.
const TIMEOUT_MS = 120_000;
// A hundred thousand leads with all their variables; an answer without an end would fill the memory.
const MAX_ANSWER_BYTES = 256_000_000;

export interface LemlistOptions {
  readonly apiKey: string;
  /** Ends in `/api`. */
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1; spreads retries. */
  readonly random: () => number;
}

/** How a request failed; `retryAfterMs` null = the other side did not say. */
interface Failure {
  readonly error: AppError;
  readonly retry: "never" | "fault" | "refusal";
  readonly retryAfterMs: number | null;
}

/** Only reads: each may be sent again. */
export class LemlistClient {
  readonly #options: LemlistOptions;
  readonly #sentAt: number[] = [];

  constructor(options: LemlistOptions) {
    this.#options = options;
  }

  /**
   * Sends a GET and reads its answer; both are done again after a refusal, a fault, or a connection that broke while
   * reading. Throws `auth`, `not-found`, `rate-limited` or `unavailable`.
   */
  async get<T>(
    path: string,
    read: (response: Response) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const tries = { fault: 0, refusal: 0, never: 0 };
    for (;;) {
      const outcome = await this.#attempt(path, read, signal);
      if (outcome.kind === "done") return outcome.value;
      const { failure } = outcome;
      tries[failure.retry] += 1;
      const waitMs = failure.retryAfterMs ?? this.#backoff(tries.fault);
      if (isHopeless(tries) || waitMs > LONGEST_WAIT_MS) throw failure.error;
      this.#options.log.warn({ code: failure.error.code, waitMs }, "asking Lemlist again");
      await this.#options.clock.wait(waitMs, signal);
    }
  }

  async #attempt<T>(
    path: string,
    read: (response: Response) => Promise<T>,
    signal: AbortSignal,
  ): Promise<{ kind: "done"; value: T } | { kind: "failed"; failure: Failure }> {
    await this.#slot(signal);
    try {
      const response = await this.#send(path, signal);
      if (!response.ok) return { kind: "failed", failure: await this.#refused(response) };
      return { kind: "done", value: await read(response) };
    } catch (cause) {
      signal.throwIfAborted();
      return { kind: "failed", failure: brokenOff(cause) };
    }
  }

  /** Waits until one more request fits into the last two seconds. */
  async #slot(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const oldest = this.#sentAt.at(-REQUESTS);
    const waitMs = oldest === undefined ? 0 : oldest + WINDOW_MS - clock.now();
    if (waitMs > 0) await clock.wait(waitMs, signal);
    this.#sentAt.push(clock.now());
    if (this.#sentAt.length > REQUESTS) this.#sentAt.shift();
  }

  async #send(path: string, signal: AbortSignal): Promise<Response> {
    const { apiKey, baseUrl } = this.#options;
    // Lemlist docs, authentication: Basic with an empty user and the key as password (read 2026-11).
    const credential = Buffer.from(`:${apiKey}`).toString("base64");
    const response = await fetch(`${baseUrl.replace(/\/+$/, "")}${path}`, {
      headers: { authorization: `Basic ${credential}`, accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return bounded(response, MAX_ANSWER_BYTES);
  }

  async #refused(response: Response): Promise<Failure> {
    const text = (await response.text().catch(() => "")).slice(0, 500);
    const error = explain(response.status, text);
    if (response.status === 429) {
      return { error, retry: "refusal", retryAfterMs: this.#retryAfter(response.headers) };
    }
    if (response.status < 500) return { error, retry: "never", retryAfterMs: null };
    return { error, retry: "fault", retryAfterMs: asked(response.headers) };
  }

  /** The wait that a refusal asks for; its reset header is a date as people write it, not a number. */
  #retryAfter(headers: Headers): number {
    const askedMs = asked(headers);
    if (askedMs !== null) return askedMs;
    const resetAt = Date.parse((headers.get("x-ratelimit-reset") ?? "").replace(/\s*\(.*\)$/, ""));
    if (Number.isNaN(resetAt)) return WINDOW_MS;
    return Math.max(1, resetAt - this.#options.clock.now());
  }

  #backoff(faults: number): number {
    return FIRST_DELAY_MS * 2 ** Math.max(0, faults - 1) * (1 + this.#options.random() / 4);
  }
}

/** In seconds; null when it does not say. */
function asked(headers: Headers): number | null {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.max(1, seconds * 1_000) : null;
}

function isHopeless(tries: Readonly<Record<Failure["retry"], number>>): boolean {
  return tries.never > 0 || tries.fault >= MAX_TRIES || tries.refusal >= MAX_REFUSALS;
}

function brokenOff(cause: unknown): Failure {
  if (cause instanceof AppError) return { error: cause, retry: "never", retryAfterMs: null };
  const error = new AppError(
    "unavailable",
    "Lemlist could not be reached, or its answer broke off. Try again later.",
    {
      code: "LEMLIST_UNREACHABLE",
      cause,
    },
  );
  return { error, retry: "fault", retryAfterMs: null };
}

/** Lemlist answers with plain texts; they stay in the cause. */
function explain(status: number, text: string): AppError {
  const cause = new Error(`Lemlist answered ${status}: ${text}`);
  const isKey = status === 401 || status === 403 || /api key/i.test(text);
  if (isKey) {
    return new AppError(
      "auth",
      "Lemlist refused the API key. Check LEMLIST_API_KEY and its user.",
      {
        code: "LEMLIST_AUTH",
        cause,
      },
    );
  }
  if (status === 429) {
    return new AppError(
      "rate-limited",
      "Lemlist is busy with other requests of this key. Try again in a minute.",
      {
        code: "LEMLIST_RATE_LIMITED",
        cause,
      },
    );
  }
  if (status === 404 || status === 400) {
    return new AppError(
      "not-found",
      "Lemlist does not know what was asked for. Check campaign_id.",
      {
        code: "LEMLIST_NOT_FOUND",
        cause,
      },
    );
  }
  return new AppError("unavailable", "Lemlist has a problem of its own. Try again later.", {
    code: "LEMLIST_UNAVAILABLE",
    cause,
  });
}
