/** Explorium's error bodies: the gateway's own shape, FastAPI's for 422, and two kinds of 429. */

import { randomUUID } from "node:crypto";

/** One problem as FastAPI lists it. */
export type FieldProblem = {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
  readonly ctx?: Readonly<Record<string, unknown>>;
};

/** An HTTP answer before it is sent. */
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** The documented sentence of a 403: credits, not permissions. */
export const OUT_OF_CREDITS =
  "You have insufficient credits to perform this operation. Please purchase additional credits.";

/** 32 hexadecimal digits, as every response context carries. */
export function correlationId(): string {
  return randomUUID().replaceAll("-", "");
}

/** An error of the gateway: 400, 401, 403, 500 and 503 share this shape. */
export function gatewayError(status: number, details: string): Answer {
  return { status, body: { details, correlation_id: correlationId() } };
}

/** FastAPI's 422. */
export function validationError(detail: readonly FieldProblem[]): Answer {
  return { status: 422, body: { detail } };
}

/** A 429 in one of the two bodies that the documentation shows; the wait is in seconds. */
export function rateLimited(retryAfter: number, shape: "error" | "code"): Answer {
  const body =
    shape === "error"
      ? {
          error: "rate_limit_exceeded",
          message: `API rate limit exceeded. Please retry after ${retryAfter} seconds.`,
          retry_after: retryAfter,
        }
      : {
          code: 429,
          message: "Rate limit exceeded. Please retry after the specified time.",
          retry_after: retryAfter,
        };
  return { status: 429, headers: { "Retry-After": String(retryAfter) }, body };
}

const DETAILS: Readonly<Record<number, string>> = {
  400: "The request is malformed.",
  401: "Partner ID is invalid.",
  403: OUT_OF_CREDITS,
  500: "Internal server error.",
  503: "Service unavailable.",
};

/** What Explorium would answer with that status, for injected faults. */
export function errorBody(status: number) {
  const answer = errorAnswer(status);
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    ...answer.headers,
  };
  return { status, headers, body: JSON.stringify(answer.body) };
}

function errorAnswer(status: number): Answer {
  if (status === 429) return rateLimited(60, "error");
  if (status === 404) return { status, body: { detail: "Not Found" } };
  if (status === 422) {
    return validationError([{ loc: ["body"], msg: "field required", type: "value_error.missing" }]);
  }
  return gatewayError(status, DETAILS[status] ?? "Internal server error.");
}
