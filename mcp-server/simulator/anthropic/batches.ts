/**
 * Message batches. A batch is in progress until its delay is over, then ended; cancelled before that it is
 * canceling until the same moment and every request in it ends canceled; a delay beyond 24 hours ends it expired.
 * Counts stay under `processing` until the batch ends.
 */

import { createHash } from "node:crypto";
import type { BehaviourName } from "./behaviours.ts";
import { type ApiError, errorEnvelope, invalidRequest, newId } from "./errors.ts";
import { isObject, type Json, listAt } from "./json.ts";

const DAY_MS = 24 * 3_600_000;
const RESULTS_KEPT_MS = 29 * DAY_MS;
const MAX_REQUESTS = 100_000;
const MAX_ID_LENGTH = 64;

/** One request of a batch with the behaviour that was on when it came in. */
export type BatchItem = {
  readonly customId: string;
  readonly params: Json;
  readonly behaviour: BehaviourName | null;
};

/** A batch as it is kept. */
export type Batch = {
  readonly id: string;
  /** The API version it was created with; its requests are judged by that one. */
  readonly version: string;
  readonly items: readonly BatchItem[];
  readonly createdAt: number;
  readonly endsAt: number;
  readonly isExpired: boolean;
  cancelledAt: number | null;
};

/** Outcome of one request: a problem of its parameters, or null when it can be answered. */
export type CheckItem = (params: Json) => ApiError | null;

/** Problems of a request to create a batch that are found at once; parameters are checked later. */
export function checkBatch(body: Json): ApiError | null {
  const requests = body["requests"];
  if (requests === undefined) return invalidRequest("requests: Field required");
  if (!Array.isArray(requests) || requests.length === 0) {
    return invalidRequest("requests: List should have at least 1 item after validation");
  }
  if (requests.length > MAX_REQUESTS) {
    return invalidRequest(`requests: List should have at most ${MAX_REQUESTS} items`);
  }
  const seen = new Set<string>();
  for (const [index, request] of requests.entries()) {
    const found = checkRequest(request, `requests.${index}`, seen);
    if (found !== null) return found;
  }
  return null;
}

function checkRequest(request: unknown, at: string, seen: Set<string>): ApiError | null {
  const { custom_id: id, params } = isObject(request) ? request : {};
  if (typeof id !== "string") return invalidRequest(`${at}.custom_id: Field required`);
  if (id.length < 1) {
    return invalidRequest(`${at}.custom_id: String should have at least 1 character`);
  }
  if (id.length > MAX_ID_LENGTH) {
    return invalidRequest(`${at}.custom_id: String should have at most 64 characters`);
  }
  if (!/^[A-Za-z0-9_-]+$/.test(id)) {
    return invalidRequest(`${at}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'`);
  }
  if (seen.has(id)) return invalidRequest(`${at}.custom_id: Custom IDs must be unique`);
  seen.add(id);
  return isObject(params) ? null : invalidRequest(`${at}.params: Field required`);
}

/** A batch from a checked body. */
export function createBatch(
  body: Json,
  options: {
    readonly now: number;
    readonly version: string;
    readonly delayMs: number;
    readonly behaviourFor: (params: Json) => BehaviourName | null;
  },
): Batch {
  const items = listAt(body, "requests")
    .filter(isObject)
    .map((request) => {
      const params = isObject(request["params"]) ? request["params"] : {};
      const customId = String(request["custom_id"]);
      return { customId, params, behaviour: options.behaviourFor(params) };
    });
  return {
    id: newId("msgbatch"),
    version: options.version,
    items,
    createdAt: options.now,
    endsAt: options.now + Math.min(options.delayMs, DAY_MS),
    isExpired: options.delayMs >= DAY_MS,
    cancelledAt: null,
  };
}

/** True once no request of the batch is processing any more. */
export function hasEnded(batch: Batch, now: number): boolean {
  return now >= batch.endsAt;
}

/** The batch as the API shows it; `origin` makes the results address absolute. */
export function describeBatch(
  batch: Batch,
  context: { readonly now: number; readonly origin: string; readonly check: CheckItem },
) {
  const { now, origin } = context;
  const isEnded = hasEnded(batch, now);
  const isArchived = now >= batch.createdAt + RESULTS_KEPT_MS;
  const isCancelled = batch.cancelledAt !== null;
  const pending = isCancelled ? "canceling" : "in_progress";
  return {
    id: batch.id,
    type: "message_batch",
    processing_status: isEnded ? "ended" : pending,
    request_counts: countRequests(batch, isEnded, context.check),
    created_at: iso(batch.createdAt),
    expires_at: iso(batch.createdAt + DAY_MS),
    ended_at: isEnded ? iso(batch.endsAt) : null,
    cancel_initiated_at: batch.cancelledAt === null ? null : iso(batch.cancelledAt),
    archived_at: isArchived ? iso(batch.createdAt + RESULTS_KEPT_MS) : null,
    results_url:
      isEnded && !isArchived ? `${origin}/v1/messages/batches/${batch.id}/results` : null,
  };
}

function countRequests(batch: Batch, isEnded: boolean, check: CheckItem) {
  const counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
  const total = batch.items.length;
  if (!isEnded) return { ...counts, processing: total };
  if (batch.cancelledAt !== null) return { ...counts, canceled: total };
  if (batch.isExpired) return { ...counts, expired: total };
  const errored = batch.items.filter(({ params }) => check(params) !== null).length;
  return { ...counts, succeeded: total - errored, errored };
}

/** The result lines of an ended batch, in an order of their own. */
export function* batchResults(
  batch: Batch,
  check: CheckItem,
  answer: (item: BatchItem) => object,
): Generator<string> {
  const shuffled = batch.items.toSorted((a, b) => rank(a.customId).localeCompare(rank(b.customId)));
  for (const item of shuffled) {
    yield `${JSON.stringify({ custom_id: item.customId, result: resultOf(batch, item, { check, answer }) })}\n`;
  }
}

function resultOf(
  batch: Batch,
  item: BatchItem,
  by: { check: CheckItem; answer: (item: BatchItem) => object },
) {
  if (batch.cancelledAt !== null) return { type: "canceled" };
  if (batch.isExpired) return { type: "expired" };
  const problem = by.check(item.params);
  if (problem !== null) return { type: "errored", error: errorEnvelope(problem, newId("req")) };
  return { type: "succeeded", message: by.answer(item) };
}

function rank(id: string): string {
  return createHash("md5").update(`rank/${id}`).digest("hex");
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
