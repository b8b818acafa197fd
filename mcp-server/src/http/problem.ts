/** Every HTTP refusal in one form: problem+json (RFC 9457), in our own words. */
import { type AppError, type ErrorKind, treatments } from "../core/errors.ts";

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Members beside the standard ones, e.g. `arguments`. */
  readonly more?: Readonly<Record<string, unknown>>;
}

const titles: Readonly<Record<ErrorKind, string>> = {
  input: "The request cannot be done as it is",
  "not-found": "Not found",
  stale: "Out of date",
  conflict: "In conflict with the present state",
  auth: "A provider refused our credentials",
  "no-credits": "A provider has no credits left",
  "rate-limited": "A provider asks to wait",
  unavailable: "Not available right now",
  "unknown-outcome": "It is not known whether it happened",
  cancelled: "Cancelled",
  bug: "Internal error",
};

/** A refusal as a response. */
export function problemResponse(problem: Problem): Response {
  const body = {
    type: `urn:hubspot-sync:problem:${problem.code.toLowerCase().replaceAll("_", "-")}`,
    title: problem.title,
    status: problem.status,
    detail: problem.detail,
    code: problem.code,
    ...problem.more,
  };
  return new Response(JSON.stringify(body), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", ...problem.headers },
  });
}

/** An AppError as a response; its cause stays behind. */
export function errorResponse(error: AppError): Response {
  const retryAfter = error.retryAfterMs === null ? null : Math.ceil(error.retryAfterMs / 1_000);
  return problemResponse({
    status: treatments[error.kind].status,
    code: error.code,
    title: titles[error.kind],
    detail: error.message,
    headers: retryAfter === null ? {} : { "retry-after": String(retryAfter) },
    more: {
      ...error.details,
      ...(retryAfter === null ? {} : { retry_after_seconds: retryAfter }),
    },
  });
}
