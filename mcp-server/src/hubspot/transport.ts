/** One HTTP exchange with HubSpot through its own client library, with the deadline that the library lacks. */
import type { Client } from "@hubspot/api-client";
import { AppError } from "../core/errors.ts";

export interface Exchange {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** `lost`: no whole answer came. `sent` is `no` only when the request certainly never left this machine. */
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
      readonly timedOut: boolean;
      readonly cause: unknown;
    };

export type Transport = (exchange: Exchange) => Promise<ExchangeResult>;

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

/**
 * Exchanges over `apiRequest`, the library's only way to date-versioned paths. Its retries and its limiter stay off: the first ignores
 * Retry-After, the second is shared by all clients of a process.
 *
 * `apiRequest` takes no AbortSignal, so the deadline is a race: what is late is given up and its body is cancelled when it comes after
 * all; what never comes is ended by Node after its own 300 s. A write that was given up may still happen, which is what `maybe` says.
 *
 * @param options.timeoutMs from sending to the last byte of the answer
 */
export function createTransport(options: {
  readonly baseUrl: string;
  readonly accessToken: string;
  readonly timeoutMs: number;
}): Transport {
  let loading: Promise<Client> | undefined;
  return async (exchange) => {
    loading ??= loadClient(options);
    const client = await loading;
    const deadline = AbortSignal.timeout(options.timeoutMs);
    try {
      const response = await beforeDeadline(client.apiRequest(requestOf(exchange)), deadline);
      const text = await readText(response, deadline);
      const header = (name: string) => response.headers.get(name);
      return { kind: "answer", status: response.status, header, text };
    } catch (cause) {
      const sent = neverLeft(cause, 0) ? "no" : "maybe";
      return { kind: "lost", sent, timedOut: deadline.aborted, cause };
    }
  };
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
  // The answer came after its deadline: nobody reads it, and a failure to cancel it concerns nobody.
  response.body?.cancel().catch(() => undefined);
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
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
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
