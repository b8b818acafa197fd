/** One HTTP exchange with HubSpot through its own client library, with the deadline that the library lacks. */
import type { Client } from "@hubspot/api-client";
import { AppError } from "../core/errors.ts";
import type { Effect } from "../core/retry-policy.ts";

export interface Exchange {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** A read may be dropped at any time; a write that is let finish for a moment has a known outcome. */
  readonly effect: Effect;
}

/**
 * `lost`: no whole answer came. `sent` is `no` only when the request certainly never left this machine. `isStopped`: the caller's signal ended the wait,
 * which says nothing about HubSpot.
 */
export type ExchangeResult =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly header: (name: string) => string | null;
      readonly text: string;
    }
  | {
      readonly kind: "lost";
      readonly sent: "no" | "maybe";
      readonly isStopped: boolean;
      readonly cause: unknown;
    };

/** `signal` ends the wait for an answer. */
export type Transport = (exchange: Exchange, signal?: AbortSignal) => Promise<ExchangeResult>;

// How long a write that is under way may still take when the work is stopped: its answer saves reading it back, and the whole stop must be over in 5 s.
const GRACE_MS = 2_000;

// Failures before the first byte: name, route, connection and certificate errors.
const NEVER_LEFT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

// A hundred records with every property filled stay far below this; an answer without an end would fill the memory.
const MAX_ANSWER_BYTES = 64_000_000;

/**
 * Exchanges over `apiRequest`, the library's only way to date-versioned paths. Its retries and its limiter stay off: the first ignores
 * Retry-After, the second is shared by all clients of a process.
 *
 * `apiRequest` takes no AbortSignal, so the deadline and a stop are a race: what is late is given up and its body is cancelled when it comes after
 * all; what never comes is ended by Node after its own 300 s. A write that was given up may still happen, which is what `maybe` says.
 *
 * @param options.timeoutMs from sending to the last byte of the answer
 * @param options.graceMs how long a write may go on after its signal; 2,000 by default
 */
export function createTransport(options: {
  readonly baseUrl: string;
  readonly accessToken: string;
  readonly timeoutMs: number;
  readonly graceMs?: number;
}): Transport {
  let loading: Promise<Client> | undefined;
  return async (exchange, signal) => {
    loading ??= loadClient(options);
    const client = await loading;
    const graceMs = exchange.effect === "once" ? (options.graceMs ?? GRACE_MS) : 0;
    const stop = stopAfter(signal, graceMs);
    const deadline = AbortSignal.any([AbortSignal.timeout(options.timeoutMs), stop.signal]);
    try {
      const response = await beforeDeadline(client.apiRequest(requestOf(exchange)), deadline);
      // The library follows redirects. HubSpot's API has none, so what comes from there is not HubSpot's answer.
      if (response.redirected) throw strayed(response);
      const text = await readText(response, deadline);
      const header = (name: string) => response.headers.get(name);
      return { kind: "answer", status: response.status, header, text };
    } catch (cause) {
      const sent = neverLeft(cause, 0) ? "no" : "maybe";
      return { kind: "lost", sent, isStopped: stop.signal.aborted, cause };
    } finally {
      stop.forget();
    }
  };
}

/** Aborts some time after the given signal does. `forget` ends its interest in that signal. */
function stopAfter(signal: AbortSignal | undefined, graceMs: number) {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => stop.abort(signal?.reason), graceMs);
  };
  if (signal?.aborted) begin();
  else signal?.addEventListener("abort", begin, { once: true });
  const forget = () => {
    signal?.removeEventListener("abort", begin);
    clearTimeout(timer);
  };
  return { signal: stop.signal, forget };
}

// Loading the library takes some 50 ms: not at start, and not for those who never use HubSpot.
async function loadClient(options: {
  readonly baseUrl: string;
  readonly accessToken: string;
}): Promise<Client> {
  // fetch quotes a header value that it refuses, so a damaged token must not reach it.
  if (!/^[\x21-\x7e]+$/.test(options.accessToken)) {
    throw new AppError(
      "auth",
      "The HubSpot access token is empty or holds characters that no token has. Copy it again into HUBSPOT_ACCESS_TOKEN.",
      { code: "HUBSPOT_TOKEN_UNREADABLE" },
    );
  }
  const library = await import("@hubspot/api-client");
  return new library.Client({
    accessToken: options.accessToken,
    basePath: options.baseUrl.replace(/\/+$/, ""),
    numberOfApiCallRetries: 0,
  });
}

function requestOf(exchange: Exchange) {
  return {
    method: exchange.method,
    path: exchange.path,
    ...(exchange.query === undefined ? {} : { qs: exchange.query }),
    ...(exchange.body === undefined ? {} : { body: exchange.body }),
  };
}

function beforeDeadline(pending: Promise<Response>, deadline: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(deadline.reason);
    deadline.addEventListener("abort", giveUp, { once: true });
    pending
      .then((response) => {
        if (deadline.aborted) discard(response);
        resolve(response);
      }, reject)
      .finally(() => deadline.removeEventListener("abort", giveUp));
  });
}

function discard(response: Response): void {
  // The answer is of no use: nobody reads it, and a failure to cancel it concerns nobody.
  response.body?.cancel().catch(() => undefined);
}

function strayed(response: Response): Error {
  discard(response);
  return new Error("the request was redirected");
}

async function readText(response: Response, deadline: AbortSignal): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const giveUp = () => {
    reader.cancel().catch(() => undefined);
  };
  deadline.addEventListener("abort", giveUp, { once: true });
  const decoder = new TextDecoder();
  let text = "";
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    received += value.byteLength;
    if (received > MAX_ANSWER_BYTES) {
      giveUp();
      throw new Error("the answer has no end");
    }
    text += decoder.decode(value, { stream: true });
  }
  deadline.removeEventListener("abort", giveUp);
  deadline.throwIfAborted();
  return text + decoder.decode();
}

function neverLeft(cause: unknown, depth: number): boolean {
  if (!(cause instanceof Error) || depth > 3) return false;
  if ("code" in cause && typeof cause.code === "string" && NEVER_LEFT.has(cause.code)) return true;
  // A name with several addresses fails with one error per address.
  if (cause instanceof AggregateError && cause.errors.length > 0) {
    return cause.errors.every((error) => neverLeft(error, depth + 1));
  }
  return neverLeft(cause.cause, depth + 1);
}
