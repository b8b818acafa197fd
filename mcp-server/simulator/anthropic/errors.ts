/** Anthropic's error envelope: a type per status, a message, and the request id in body and header. */

import { randomBytes } from "node:crypto";

/** An error before it is sent. */
export type ApiError = {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
};

const TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  409: "conflict_error",
  413: "request_too_large",
  422: "invalid_request_error",
  429: "rate_limit_error",
  504: "timeout_error",
  529: "overloaded_error",
};

const MESSAGES: Readonly<Record<number, string>> = {
  400: "The request is invalid.",
  401: "invalid x-api-key",
  402: "Your credit balance is too low to access the Anthropic API.",
  403: "Your API key does not have permission to use the specified resource.",
  404: "Not found",
  429: "This request would exceed your organization's rate limit.",
  529: "Overloaded",
};

/** An id as the API writes them: prefix, underscore, 24 letters or digits. */
export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString("hex")}`;
}

/** An error of that status. */
export function apiError(status: number, message = MESSAGES[status] ?? "Internal server error") {
  return { status, message } satisfies ApiError;
}

/** A 400 about one field, spelled "field: sentence" as the API does. */
export function invalidRequest(message: string): ApiError {
  return apiError(400, message);
}

/** The JSON body of an error. */
export function errorEnvelope(error: ApiError, requestId: string) {
  const type = TYPES[error.status] ?? "api_error";
  return { type: "error", error: { type, message: error.message }, request_id: requestId };
}

/** What the API would answer with that status, for injected faults. */
export function errorBody(status: number) {
  const requestId = newId("req");
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    "request-id": requestId,
  };
  if (status === 429) headers["retry-after"] = "1";
  return { status, headers, body: JSON.stringify(errorEnvelope(apiError(status), requestId)) };
}
