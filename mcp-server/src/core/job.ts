/** What a job is: work that outlives the call that asked for it and the process that runs it. */

export const jobKinds = ["import", "enrich", "sync"] as const;
export type JobKind = (typeof jobKinds)[number];

export const jobStatuses = ["queued", "running", "completed", "failed", "cancelled"] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** Failures of one cause, with how often it happened and up to three examples (identifiers, never whole records). */
export interface JobErrorGroup {
  readonly code: string;
  readonly message: string;
  readonly count: number;
  readonly examples: readonly string[];
}

/** `total` is null while it is not known; `phase` is a short verb phrase such as "reading rows". */
export interface JobProgress {
  readonly done: number;
  readonly total: number | null;
  readonly phase: string;
}

/** A job as the store keeps it and as tools show it (without the lease). Times ISO-8601 UTC. */
export interface Job {
  readonly job_id: string;
  readonly kind: JobKind;
  readonly status: JobStatus;
  /** The arguments it was started with, already parsed. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly progress: JobProgress;
  /** One number per outcome, e.g. created, updated, unchanged, rejected. */
  readonly counts: Readonly<Record<string, number>>;
  readonly errors: readonly JobErrorGroup[];
  /** Remarks a person should see, e.g. steps passed over and why, unknown columns. */
  readonly notes: readonly string[];
  /** A small structured result, e.g. a dry run's preview; null when the counts say it all. */
  readonly result: Readonly<Record<string, unknown>> | null;
  /** What the caller may want to do now; null when nothing. */
  readonly next: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

/** A job while a worker holds it: the checkpoint resumes it after a crash (opaque JSON text, null at the start). */
export interface RunningJob extends Job {
  readonly checkpoint: string | null;
  readonly cancel_requested: boolean;
}

const EXAMPLES_PER_GROUP = 3;

/** Adds one failure to the groups; groups are told apart by code and message. Order of first appearance. */
export function addError(
  groups: readonly JobErrorGroup[],
  failure: { readonly code: string; readonly message: string; readonly example: string },
): readonly JobErrorGroup[] {
  const index = groups.findIndex((g) => g.code === failure.code && g.message === failure.message);
  const known = groups[index];
  if (!known) {
    return [
      ...groups,
      { code: failure.code, message: failure.message, count: 1, examples: [failure.example] },
    ];
  }
  const examples =
    known.examples.length < EXAMPLES_PER_GROUP
      ? [...known.examples, failure.example]
      : known.examples;
  return groups.with(index, { ...known, count: known.count + 1, examples });
}

/** Counts with `by` added to `outcome`. */
export function addCount(
  counts: Readonly<Record<string, number>>,
  outcome: string,
  by = 1,
): Readonly<Record<string, number>> {
  return { ...counts, [outcome]: (counts[outcome] ?? 0) + by };
}
