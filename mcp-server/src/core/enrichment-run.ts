/** An enrichment job's arguments, its checkpoint and its sums, as plain values. */
import { z } from "zod";
import type { AppError } from "./errors.ts";
import { addCount, addError, type Job, type JobErrorGroup } from "./job.ts";
import { contactFilterSchema, type Selection } from "./selection.ts";

const argsSchema = z.object({
  emails: z.array(z.string()).optional(),
  ids: z.array(z.number()).optional(),
  filter: contactFilterSchema.optional(),
  force: z.boolean().optional(),
  dry_run: z.boolean().optional(),
});

/** What a job was asked to do; `force` passes the cache by, `dryRun` only estimates. */
export interface EnrichmentArgs {
  readonly selection: Selection;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** The job's arguments, already checked by the tool; without a selection everything due is meant. */
export function enrichmentArgs(args: Readonly<Record<string, unknown>>): EnrichmentArgs {
  const { emails, ids, filter, force = false, dry_run = false } = argsSchema.parse(args);
  return { selection: selectionOf({ emails, ids, filter }), force, dryRun: dry_run };
}

function selectionOf({ emails, ids, filter }: z.infer<typeof argsSchema>): Selection {
  if (emails) return { kind: "emails", emails };
  if (ids) return { kind: "ids", ids };
  return filter ? { kind: "filter", filter } : { kind: "due" };
}

const checkpointSchema = z.object({
  after_id: z.number(),
  ids: z.array(z.number()).nullable(),
  rest: z.array(z.number()).default([]),
  batch: z.string().nullable(),
  discard: z.string().nullable(),
});

/**
 * Where a job stands. `after_id`: everything up to it is settled. `ids`: the piece in work, kept because a filter by status no longer
 * finds it. `rest`: what remains of the window that the piece was cut from, company by company. `batch`: the provider's batch that the piece waits for. `discard`: a batch whose answers are stored.
 */
export type EnrichmentCheckpoint = Readonly<z.infer<typeof checkpointSchema>>;

const BEGINNING: EnrichmentCheckpoint = {
  after_id: 0,
  ids: null,
  rest: [],
  batch: null,
  discard: null,
};

/** The checkpoint of a job; null text is the beginning. */
export function readCheckpoint(text: string | null): EnrichmentCheckpoint {
  return text === null ? BEGINNING : checkpointSchema.parse(JSON.parse(text));
}

/** What a job has come to: counts, failures, remarks and what it cost. */
export interface EnrichmentTally {
  readonly counts: Readonly<Record<string, number>>;
  readonly errors: readonly JobErrorGroup[];
  readonly notes: readonly string[];
  /** US dollars for the model; null when a price is not known. */
  readonly costUsd: number | null;
}

/** The sums that a job starts or goes on with. */
export function tallyOf(job: Pick<Job, "counts" | "errors" | "notes" | "result">): EnrichmentTally {
  const cost = job.result?.["cost_usd"];
  const costUsd = typeof cost === "number" ? cost : cost === null ? null : 0;
  const counts = { enriched: 0, failed: 0, cache_hits: 0, lookups: 0, credits: 0, ...job.counts };
  return { counts, errors: job.errors, notes: job.notes, costUsd };
}

/** The tally with a number added to some of its counts; zeros leave no trace. */
export function counted(
  tally: EnrichmentTally,
  by: Readonly<Record<string, number>>,
): EnrichmentTally {
  const counts = Object.entries(by).reduce(
    (sums, [name, number]) => (number === 0 ? sums : addCount(sums, name, number)),
    tally.counts,
  );
  return { ...tally, counts };
}

/** The tally with one contact's failure. */
export function failed(tally: EnrichmentTally, error: AppError, id: number): EnrichmentTally {
  const failure = { code: error.code, message: error.message, example: `contact ${id}` };
  return { ...counted(tally, { failed: 1 }), errors: addError(tally.errors, failure) };
}

/** The tally with a remark, said once. */
export function remarked(tally: EnrichmentTally, note: string): EnrichmentTally {
  return tally.notes.includes(note) ? tally : { ...tally, notes: [...tally.notes, note] };
}

/** The tally with a sum spent on the model; an unknown sum makes the whole unknown. */
export function spent(tally: EnrichmentTally, dollars: number | null): EnrichmentTally {
  const known = tally.costUsd !== null && dollars !== null;
  return { ...tally, costUsd: known ? (tally.costUsd ?? 0) + (dollars ?? 0) : null };
}
