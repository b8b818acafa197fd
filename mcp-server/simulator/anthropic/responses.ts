/** The door of the Anthropic stand-in and the ways it answers: request id on everything, errors in the envelope. */

import type { Context, MiddlewareHandler } from "hono";
import { type ApiError, apiError, errorEnvelope, invalidRequest, newId } from "./errors.ts";
import { isObject, type Json, parseJson } from "./json.ts";
import { KNOWN_VERSIONS } from "./params-rules.ts";

// 256 MB is the documented bound of a batch, the largest body there is.
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** A JSON answer with a fresh request id. */
export function sendJson(body: object, headers: Readonly<Record<string, string>> = {}): Response {
  const all = { "Content-Type": "application/json", "request-id": newId("req"), ...headers };
  return new Response(JSON.stringify(body), { status: 200, headers: all });
}

/** An error in the API's envelope, its request id in header and body. */
export function sendError(
  error: ApiError,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const requestId = newId("req");
  return new Response(JSON.stringify(errorEnvelope(error, requestId)), {
    status: error.status,
    headers: {
      "Content-Type": "application/json",
      "request-id": requestId,
      ...headers,
      ...error.headers,
    },
  });
}

/** Refuses calls without the key (either header), without a known version, or with too large a body. */
export function anthropicAccess(apiKey: string): MiddlewareHandler {
  return async (c, next) => {
    const refusal = refuse(c, apiKey);
    if (refusal === null) return next();
    c.res = sendError(refusal);
    return undefined;
  };
}

function refuse(c: Context, apiKey: string): ApiError | null {
  const bearer = c.req.header("authorization")?.match(/^Bearer\s+(.+)$/i)?.[1];
  const key = bearer ?? c.req.header("x-api-key");
  if (key === undefined) return apiError(401, "Authorization or x-api-key header is required");
  if (key !== apiKey) return apiError(401, "invalid x-api-key");
  const version = c.req.header("anthropic-version");
  if (version === undefined) return invalidRequest("anthropic-version: header is required");
  if (!KNOWN_VERSIONS.includes(version)) {
    return invalidRequest(`anthropic-version: "${version}" is not a valid version`);
  }
  const length = Number(c.req.header("content-length") ?? 0);
  return length > MAX_BODY_BYTES ? apiError(413, "Request exceeds the maximum size") : null;
}

/** The request's JSON object, or the error that answers it. */
export async function readBody(c: Context): Promise<{ body: Json } | { error: ApiError }> {
  const body = parseJson(await c.req.text());
  if (isObject(body)) return { body };
  return { error: invalidRequest("The request body is not valid JSON") };
}
