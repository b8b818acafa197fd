/**
 * The EnrichmentWorker: company data, generated text and a quality score for contacts, piece by piece.
 *
 * A contact passes `enriching` → `enriched`, or `failed` with its message and a retry in an hour. Contacts that a crash left in
 * `enriching` are due again, and a job that is run again goes on with the piece it was at, down to the provider's batch.
 */
import { enrichmentArgs } from "../core/enrichment-run.ts";
import { AppError } from "../core/errors.ts";
import type { Events } from "../events.ts";
import type { JobPatch } from "../ports/job-store.ts";
import type { JobContext, JobHandler } from "../ports/jobs.ts";
import { enrichChunk } from "./enrichment-chunk.ts";
import { estimateJob } from "./enrichment-estimate.ts";
import {
  EnrichmentJob,
  type EnrichmentServices,
  type EnrichmentSettings,
} from "./enrichment-job.ts";

export interface EnrichmentWorkerOptions extends EnrichmentServices {
  readonly events: Events;
  readonly options?: Partial<EnrichmentSettings>;
}

const HOUR_MS = 3_600_000;
// What the store takes in one read.
const READ_SIZE = 1_000;
const DEFAULTS: EnrichmentSettings = {
  chunkSize: 500,
  cacheMs: 30 * 24 * HOUR_MS,
  retryAfterMs: HOUR_MS,
};

/** The handler of enrichment jobs. */
export function createEnrichmentWorker(worker: EnrichmentWorkerOptions): {
  readonly run: JobHandler;
} {
  const settings = { ...DEFAULTS, ...worker.options };
  return {
    run: async (context) => {
      const args = enrichmentArgs(context.job.args);
      const job = new EnrichmentJob(worker, settings, { args, context });
      if (args.dryRun) return await estimateJob(job, pieces(job));
      return await runJob(job, worker.events);
    },
  };
}

async function runJob(job: EnrichmentJob, events: Events): Promise<JobPatch> {
  await discardStored(job);
  job.total = await countLeft(job);
  try {
    for await (const ids of pieces(job)) {
      await enrichChunk(job, ids);
      await discardStored(job);
    }
  } catch (error) {
    await giveBatchBack(job.context, job);
    throw error;
  }
  const { enriched = 0, failed = 0 } = job.tally.counts;
  if (enriched > 0)
    events.emit({ kind: "contacts-enriched", jobId: job.context.job.job_id, count: enriched });
  job.total = job.done;
  return { ...job.patch("done"), next: nextStep(enriched, failed) };
}

// Pieces are cut from windows of this many pieces, sorted by company: people of one company then share a request to the model.
const PIECES_PER_WINDOW = 8;

/** The ids to work on, piece by piece; first the piece that an earlier run was at, then the rest of its window. */
async function* pieces(job: EnrichmentJob): AsyncGenerator<readonly number[]> {
  const resumed = job.args.dryRun ? null : job.checkpoint.ids;
  if (resumed) yield resumed;
  let rest: readonly number[] = job.args.dryRun ? [] : job.checkpoint.rest;
  let afterId = Math.max(job.checkpoint.after_id, ...rest);
  const { chunkSize } = job.settings;
  for (;;) {
    job.context.signal.throwIfAborted();
    if (rest.length === 0) rest = await nextWindow(job, afterId);
    if (rest.length === 0) return;
    afterId = Math.max(afterId, ...rest);
    const piece = rest.slice(0, chunkSize);
    rest = rest.slice(chunkSize);
    job.checkpoint = { ...job.checkpoint, rest: [...rest] };
    yield piece;
  }
}

async function nextWindow(job: EnrichmentJob, afterId: number): Promise<readonly number[]> {
  const { contacts } = job.services.store;
  const size = job.settings.chunkSize * PIECES_PER_WINDOW;
  const ids = await contacts.idsToEnrich(job.args.selection, afterId, size, job.now);
  const domains = new Map<number, string>();
  for (let from = 0; from < ids.length; from += READ_SIZE) {
    const page = await contacts.findByIds(ids.slice(from, from + READ_SIZE));
    for (const { id, domain } of page) domains.set(id, domain ?? "");
  }
  const domainOf = (id: number): string => domains.get(id) ?? "";
  return ids.toSorted((a, b) =>
    domainOf(a) < domainOf(b) ? -1 : domainOf(a) > domainOf(b) ? 1 : a - b,
  );
}

/** How many contacts are still to come, about; done ones included. */
async function countLeft(job: EnrichmentJob): Promise<number | null> {
  const { selection } = job.args;
  const { contacts } = job.services.store;
  switch (selection.kind) {
    case "emails":
      return selection.emails.length;
    case "ids":
      return selection.ids.length;
    case "filter":
      return job.done + (await contacts.count(selection.filter));
    case "due": {
      const { imported = 0, enriching = 0 } = await contacts.countByStatus();
      return job.done + imported + enriching;
    }
  }
}

/** Deletes the provider's copy of a batch whose answers are stored; personal data should not wait there for 29 days. */
async function discardStored(job: EnrichmentJob): Promise<void> {
  const { discard } = job.checkpoint;
  if (discard === null) return;
  await tryDiscard(job, discard);
  job.checkpoint = { ...job.checkpoint, discard: null };
}

/** A cancelled job's batch has no reader any more; a job that only pauses comes back for it. */
async function giveBatchBack(context: JobContext, job: EnrichmentJob): Promise<void> {
  const { signal } = context;
  const isCancelled =
    signal.aborted && signal.reason instanceof AppError && signal.reason.kind === "cancelled";
  const { batch } = job.checkpoint;
  if (isCancelled && batch !== null) await tryDiscard(job, batch);
}

async function tryDiscard(job: EnrichmentJob, batch: string): Promise<void> {
  try {
    await job.services.intelligence?.discardBatch(batch);
  } catch (error) {
    // The answers are safe here; the provider deletes its copy after 29 days.
    job.services.log.warn({ err: error, batch }, "could not delete a finished batch");
  }
}

function nextStep(enriched: number, failed: number): string | null {
  if (failed > 0) return "Failed contacts are tried again in an hour; job-status lists why.";
  return enriched > 0 ? "Call sync to bring the enriched contacts to HubSpot." : null;
}
