/** How jobs are started, watched and run: the door's side and the worker's side of one thing. */
import type { Job, JobKind, RunningJob } from "../core/job.ts";
import type { JobPatch } from "./job-store.ts";
import type { Store } from "./store.ts";

/** The side that tools and REST see. */
export interface Jobs {
  /**
   * Queues a job and wakes the runner. `sync` runs one at a time: while one is active its job comes back instead,
   * with `alreadyRunning` true and the new arguments not used.
   */
  start(
    kind: JobKind,
    args: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly job: Job; readonly alreadyRunning: boolean }>;
  /** null when there is no such job. */
  get(jobId: string): Promise<Job | null>;
  /** Newest first. */
  list(limit: number): Promise<readonly Job[]>;
  /**
   * The job as soon as it has ended, or as it is after `ms`. The signal ends only the waiting, never the job.
   * `onProgress` hears of changes while waiting. Throws `not-found`.
   */
  wait(
    jobId: string,
    ms: number,
    watch?: { readonly signal?: AbortSignal; readonly onProgress?: (job: Job) => void },
  ): Promise<Job>;
  /** Asks a job to stop; null when there is no such job. */
  cancel(jobId: string): Promise<Job | null>;
}

/** What a worker is given to run one job. */
export interface JobContext {
  readonly job: RunningJob;
  /** Aborts with an AppError: `cancelled` when cancelling was asked, `stale` when the lease was lost, `unavailable` at shut-down. */
  readonly signal: AbortSignal;
  /**
   * Saves progress, counts and the checkpoint. Give the transaction's store so that they commit with the work they describe.
   * Throws `stale` when the lease was lost.
   */
  save(patch: JobPatch, within?: Store): Promise<void>;
}

/**
 * Runs one job to its end and returns the last patch; the job is then `completed`. Throwing makes it `failed` (or `cancelled`), with
 * what was saved kept. A handler resumes from `job.checkpoint` and may be run again at any point after a crash.
 */
export type JobHandler = (context: JobContext) => Promise<JobPatch>;
