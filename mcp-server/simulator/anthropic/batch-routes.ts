/** Message batches over HTTP: create, list, get, cancel, delete and results. */

import { type Context, Hono } from "hono";
import {
  type Batch,
  type BatchItem,
  batchResults,
  checkBatch,
  createBatch,
  describeBatch,
  hasEnded,
} from "./batches.ts";
import { composeMessage } from "./compose-message.ts";
import { apiError, invalidRequest, newId } from "./errors.ts";
import type { Json } from "./json.ts";
import { versionOf } from "./message-routes.ts";
import { checkParams } from "./params-rules.ts";
import { readBody, sendError, sendJson } from "./responses.ts";
import type { AnthropicState } from "./state.ts";
import { uncachedUsage } from "./tokens.ts";

const ROOT = "/v1/messages/batches";

/** Routes under /v1/messages/batches. */
export function batchRoutes(state: AnthropicState): Hono {
  const app = new Hono();
  app.post(ROOT, (c) => create(c, state));
  app.get(ROOT, (c) => list(c, state));
  app.get(`${ROOT}/:id`, (c) =>
    withBatch(c, state, (batch) => sendJson(describe(c, batch, state))),
  );
  app.post(`${ROOT}/:id/cancel`, (c) => withBatch(c, state, (batch) => cancel(c, batch, state)));
  app.delete(`${ROOT}/:id`, (c) => withBatch(c, state, (batch) => remove(batch, state)));
  app.get(`${ROOT}/:id/results`, (c) => withBatch(c, state, (batch) => results(c, batch, state)));
  return app;
}

function withBatch(
  c: Context,
  state: AnthropicState,
  answer: (batch: Batch) => Response,
): Response {
  const batch = state.batches.get(c.req.param("id") ?? "");
  return batch === undefined ? sendError(apiError(404, "Message Batch not found")) : answer(batch);
}

async function create(c: Context, state: AnthropicState): Promise<Response> {
  const read = await readBody(c);
  if ("error" in read) return sendError(read.error);
  const problem = checkBatch(read.body);
  if (problem !== null) return sendError(problem);
  const batch = createBatch(read.body, {
    now: state.now(),
    version: versionOf(c),
    delayMs: state.settings.batchDelayMs,
    behaviourFor: (params) => state.behaviours.takeForBatchItem(JSON.stringify(params)),
  });
  state.batches.set(batch.id, batch);
  return sendJson(describe(c, batch, state));
}

function list(c: Context, state: AnthropicState): Response {
  const newestFirst = [...state.batches.values()].toReversed();
  const asked = Number.parseInt(c.req.query("limit") ?? "20", 10) || 20;
  const limit = Math.min(1000, Math.max(1, asked));
  const { after_id: afterId, before_id: beforeId } = c.req.query();
  const start = afterId === undefined ? 0 : indexOf(newestFirst, afterId) + 1;
  const end = beforeId === undefined ? newestFirst.length : indexOf(newestFirst, beforeId);
  // Paging backwards gives the batches next to the one named.
  const from = beforeId === undefined ? start : Math.max(start, end - limit);
  const page = newestFirst.slice(from, Math.min(end, from + limit));
  const hasMore = beforeId === undefined ? from + limit < end : from > start;
  return sendJson({
    data: page.map((batch) => describe(c, batch, state)),
    has_more: hasMore,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  });
}

function indexOf(batches: readonly Batch[], id: string): number {
  const at = batches.findIndex((batch) => batch.id === id);
  return at < 0 ? batches.length : at;
}

function cancel(c: Context, batch: Batch, state: AnthropicState): Response {
  if (hasEnded(batch, state.now())) {
    return sendError(invalidRequest("Message Batch cannot be canceled: processing has ended"));
  }
  batch.cancelledAt ??= state.now();
  return sendJson(describe(c, batch, state));
}

function remove(batch: Batch, state: AnthropicState): Response {
  if (!hasEnded(batch, state.now())) {
    return sendError(invalidRequest("Message Batch cannot be deleted while it is processing"));
  }
  state.batches.delete(batch.id);
  return sendJson({ id: batch.id, type: "message_batch_deleted" });
}

function results(c: Context, batch: Batch, state: AnthropicState): Response {
  if (describe(c, batch, state).results_url === null) {
    return sendError(apiError(404, "Message Batch results are not available"));
  }
  const lines = batchResults(batch, checker(batch), (item) => answerItem(item, state));
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const line = lines.next();
      if (line.done === true) controller.close();
      else controller.enqueue(encoder.encode(line.value));
    },
  });
  const headers = { "Content-Type": "application/x-jsonl", "request-id": newId("req") };
  return new Response(body, { status: 200, headers });
}

function answerItem(item: BatchItem, state: AnthropicState) {
  const message = composeMessage(item.params, {
    behaviour: item.behaviour,
    // Cache hits in batches are best effort; this stand-in has none.
    input: uncachedUsage(item.params),
    tier: "batch",
  });
  state.usage.push({
    model: String(item.params["model"]),
    tier: "batch",
    stopReason: message.stop_reason,
    inputTokens: message.usage.input_tokens,
    outputTokens: message.usage.output_tokens,
  });
  return message;
}

function describe(c: Context, batch: Batch, state: AnthropicState) {
  const { origin } = new URL(c.req.url);
  return describeBatch(batch, { now: state.now(), origin, check: checker(batch) });
}

function checker(batch: Batch) {
  return (params: Json) => checkParams(params, batch.version);
}
