/** What the program asks of the store about jobs. */
import type {
  Job,
  JobErrorGroup,
  JobKind,
  JobProgress,
  JobStatus,
  RunningJob,
} from "../core/job.ts";

/** What a running job may change about itself; everything left out stays. */
export interface JobPatch {
  readonly progress?: JobProgress;
  readonly counts?: Readonly<Record<string, number>>;
  readonly errors?: readonly JobErrorGroup[];
  readonly notes?: readonly string[];
  readonly checkpoint?: string | null;
  readonly result?: Readonly<Record<string, unknown>> | null;
  readonly next?: string | null;
}

/** A job that is to be queued. `now`: ISO-8601 UTC. */
export interface NewJob {
  readonly job_id: string;
  readonly kind: JobKind;
  readonly args: Readonly<Record<string, unknown>>;
  readonly now: string;
}

export interface JobStore {
  /** Queues a job. */
  create(job: NewJob): Promise<Job>;
  /**
   * Queues a job unless one of its kind waits or runs: of several processes that ask in the same instant one queues it. Returns the
   * job that is active now; it is the new one when its id is.
   */
  createAlone(job: NewJob): Promise<Job>;
  get(jobId: string): Promise<Job | null>;
  /** Newest first. */
  list(limit: number): Promise<readonly Job[]>;
  /** A queued or running job of the kind, oldest first; null when none. */
  active(kind: JobKind): Promise<Job | null>;
  /**
   * Takes one job for `owner`, marks it running and leases it: the job named, or the oldest queued or
   * abandoned (lease expired) one. A kind that another live lease holds is passed over. null = nothing to do.
   */
  claim(take: {
    readonly jobId?: string;
    readonly owner: string;
    readonly now: string;
    readonly lease_until: string;
  }): Promise<RunningJob | null>;
  /** Extends the lease; false when it was lost. Also tells whether cancelling was asked. */
  heartbeat(
    jobId: string,
    owner: string,
    leaseUntil: string,
  ): Promise<{ held: boolean; cancel_requested: boolean }>;
  /** Saves progress while the lease is held; throws `stale` when it was lost, so that a zombie cannot write. */
  save(jobId: string, owner: string, patch: JobPatch): Promise<void>;
  finish(
    jobId: string,
    owner: string,
    end: JobPatch & {
      readonly status: Extract<JobStatus, "completed" | "failed" | "cancelled">;
      readonly now: string;
    },
  ): Promise<void>;
  /** Puts a running job back to queued with its checkpoint, for a graceful stop. */
  release(jobId: string, owner: string): Promise<void>;
  /** Queued → cancelled at once; running → asked to stop. Returns the job as it is now, null when unknown. */
  requestCancel(jobId: string, now: string): Promise<Job | null>;
}
