/** Message Batches: many requests at half the price, collected when they are done. */
import type Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import type { Clock } from "../ports/world.ts";
import type { ClaudeClient } from "./claude-client.ts";

export interface BatchItem {
  readonly custom_id: string;
  readonly params: Anthropic.MessageCreateParamsNonStreaming;
}

/** What became of one request: its message, or why there is none. */
export type BatchResult =
  | { readonly kind: "message"; readonly message: Anthropic.Message }
  | { readonly kind: "failed"; readonly error: AppError };

const stateSchema = z.object({
  id: z.string().regex(/^[\w-]{1,200}$/),
  processing_status: z.string(),
  results_url: z.string().nullish(),
});
type BatchState = z.infer<typeof stateSchema>;

// Most batches are done within minutes; a waiting job costs nothing, so the pace falls quickly.
const FIRST_POLL_MS = 2_000;
const LONGEST_POLL_MS = 60_000;
const POLL_GROWTH = 1.5;
// The batch is paid for: half an hour of an unreachable API is no reason to give it up.
const MOST_TROUBLES = 30;
// A batch expires after a day (batch processing page, read 2026-11); one that has not ended by then never will.
const LONGEST_RUN_MS = 26 * 3_600_000;
const PASSING: ReadonlySet<string> = new Set(["unavailable", "rate-limited"]);

/** Starts a batch and returns its id. */
export async function startBatch(
  client: ClaudeClient,
  items: readonly BatchItem[],
  signal: AbortSignal,
): Promise<string> {
  const requests = [...items];
  const batch = await client.call(
    (api, options) => api.messages.batches.create({ requests }, options),
    {
      signal,
      // Sent twice it would be paid twice.
      repeatable: false,
    },
  );
  return stateOf(batch).id;
}

/** The library hands on whatever came. */
function stateOf(answer: unknown): BatchState {
  const parsed = stateSchema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw unusable("Anthropic's answer describes no batch.");
}

function unusable(message: string): AppError {
  return new AppError("unavailable", message, { code: "ANTHROPIC_ANSWER" });
}

/** Waits until the batch has ended, also through troubles of the API. Throws `not-found` when the batch is gone. */
export async function waitForBatch(
  client: ClaudeClient,
  clock: Clock,
  batch: { readonly id: string; readonly signal: AbortSignal },
): Promise<BatchState> {
  let pause = FIRST_POLL_MS;
  let troubles = 0;
  const began = clock.now();
  for (;;) {
    const state = await poll(client, batch, troubles);
    if (state?.processing_status === "ended") return state;
    if (clock.now() - began > LONGEST_RUN_MS) throw unusable("Anthropic's batch does not end.");
    troubles = state === null ? troubles + 1 : 0;
    await clock.wait(state === null ? LONGEST_POLL_MS : pause, batch.signal);
    pause = Math.min(LONGEST_POLL_MS, pause * POLL_GROWTH);
  }
}

async function retrieve(
  client: ClaudeClient,
  id: string,
  signal: AbortSignal,
): Promise<BatchState> {
  return stateOf(
    await client.call((api, options) => api.messages.batches.retrieve(id, {}, options), {
      signal,
      repeatable: true,
    }),
  );
}

/** The batch as it is; null when the API could not be reached this time. */
async function poll(
  client: ClaudeClient,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
  troubles: number,
): Promise<BatchState | null> {
  try {
    return await retrieve(client, id, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    const passing = thrown instanceof AppError && PASSING.has(thrown.kind);
    if (!passing || troubles >= MOST_TROUBLES) throw thrown;
    return null;
  }
}

/** The results of an ended batch by custom id; they come in no order. */
export async function batchResults(
  client: ClaudeClient,
  batch: BatchState,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, BatchResult>> {
  requireOwnHost(client, batch.results_url);
  return await client.call((api, options) => collect(api, batch.id, options), {
    signal,
    repeatable: true,
  });
}

// The key travels with the request for the results, so it must not go where an answer merely says.
function requireOwnHost(client: ClaudeClient, url: string | null | undefined): void {
  if (url != null && URL.parse(url)?.origin === new URL(client.baseUrl).origin) return;
  const message = "Anthropic named a place for its results that is not its own.";
  throw new AppError("unavailable", message, { code: "ANTHROPIC_RESULTS_HOST" });
}

async function collect(
  api: Anthropic,
  id: string,
  options: { readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, BatchResult>> {
  const results = new Map<string, BatchResult>();
  for await (const { custom_id, result } of await api.messages.batches.results(id, {}, options)) {
    results.set(custom_id, resultOf(result));
  }
  return results;
}

function resultOf(result: Anthropic.Messages.MessageBatchResult): BatchResult {
  if (result.type === "succeeded") return { kind: "message", message: result.message };
  if (result.type === "errored") {
    const invalid = result.error.error.type === "invalid_request_error";
    const message = "Anthropic could not answer this request of the batch.";
    return { kind: "failed", error: new AppError(invalid ? "input" : "unavailable", message) };
  }
  const message = "Anthropic's batch ended before this request was answered.";
  return { kind: "failed", error: new AppError("unavailable", message) };
}

/** Cancels a batch that runs, deletes one that has ended; a batch that is gone is fine. */
export async function discardBatch(client: ClaudeClient, id: string): Promise<void> {
  const { signal } = new AbortController();
  const call = { signal, repeatable: true };
  try {
    const state = await retrieve(client, id, signal);
    if (state.processing_status === "ended") {
      await client.call((api, options) => api.messages.batches.delete(id, {}, options), call);
    } else {
      await client.call((api, options) => api.messages.batches.cancel(id, {}, options), call);
    }
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === "not-found") return;
    throw thrown;
  }
}
