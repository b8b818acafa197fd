/** POST /v1/messages and the token count. */

import { type Context, Hono } from "hono";
import type { BehaviourName } from "./behaviours.ts";
import { composeMessage } from "./compose-message.ts";
import { type ApiError, apiError, invalidRequest } from "./errors.ts";
import type { Json } from "./json.ts";
import { CURRENT_VERSION, checkCountParams, checkParams } from "./params-rules.ts";
import { readBody, sendError, sendJson } from "./responses.ts";
import type { AnthropicState } from "./state.ts";
import { countInput } from "./tokens.ts";

/** Routes that answer at once. */
export function messageRoutes(state: AnthropicState): Hono {
  const app = new Hono();
  app.post("/v1/messages", (c) => createMessage(c, state));
  app.post("/v1/messages/count_tokens", async (c) => {
    const read = await readBody(c);
    if ("error" in read) return sendError(read.error);
    const problem = checkCountParams(read.body, versionOf(c));
    if (problem !== null) return sendError(problem);
    return sendJson({ input_tokens: countInput(read.body) });
  });
  return app;
}

/** The API version a request was made for. */
export function versionOf(c: Context): string {
  return c.req.header("anthropic-version") ?? CURRENT_VERSION;
}

async function createMessage(c: Context, state: AnthropicState): Promise<Response> {
  const read = await readBody(c);
  if ("error" in read) return sendError(read.error);
  const problem = checkParams(read.body, versionOf(c));
  if (problem !== null) return sendError(problem);

  const limited = limitError(state);
  const text = JSON.stringify(read.body);
  const behaviour = limited === null ? state.behaviours.takeForRequest(text) : null;
  const refusal = limited ?? behaviourError(behaviour, state);
  const { rateLimits } = state.settings;
  if (refusal !== null) return sendError(refusal, state.buckets.headers(rateLimits, state.now()));
  const message = answer(read.body, behaviour, state);
  return sendJson(message, state.buckets.headers(rateLimits, state.now()));
}

function answer(params: Json, behaviour: BehaviourName | null, state: AnthropicState) {
  const now = state.now();
  const input = state.cache.use(params, String(params["model"]), now);
  const message = composeMessage(params, { behaviour, input, tier: "standard" });
  // Tokens read from the cache do not count towards the input limit.
  const inputTokens = input.input_tokens + input.cache_creation_input_tokens;
  const outputTokens = message.usage.output_tokens;
  state.buckets.take({ requests: 1, inputTokens, outputTokens }, state.settings.rateLimits, now);
  state.usage.push({
    model: String(params["model"]),
    tier: "standard",
    stopReason: message.stop_reason,
    inputTokens: inputTokens + input.cache_read_input_tokens,
    outputTokens,
  });
  return message;
}

function limitError(state: AnthropicState): ApiError | null {
  const seconds = state.buckets.waitSeconds(state.settings.rateLimits, state.now());
  return seconds === null ? null : rateLimitError(seconds);
}

function rateLimitError(seconds: number): ApiError {
  return { ...apiError(429), headers: { "retry-after": String(seconds) } };
}

function behaviourError(behaviour: BehaviourName | null, state: AnthropicState): ApiError | null {
  if (behaviour === "rate-limit") return rateLimitError(state.settings.retryAfterSeconds);
  if (behaviour === "overloaded") return apiError(529);
  // The monthly cap of a tier: also a 429, but waiting does not help, so there is no retry-after.
  if (behaviour === "spend-cap") {
    return apiError(429, "You have reached your monthly spend limit for your usage tier.");
  }
  if (behaviour === "spend-limit") {
    return invalidRequest("You have reached your specified API usage limits.");
  }
  return null;
}
