/** Runs durable jobs in this process: claims them under a lease, keeps the lease alive, and settles them. */
import { AppError, toAppError } from "../core/errors.ts";
import { addError, type Job, type JobKind, type RunningJob } from "../core/job.ts";
import type { Events } from "../events.ts";
import type { JobContext, JobHandler, Jobs } from "../ports/jobs.ts";
import type { Meter } from "../ports/meter.ts";
import type { Store } from "../ports/store.ts";
import type { Clock, Log, NewId } from "../ports/world.ts";
import { waitForJob } from "./job-wait.ts";

// A killed process's job waits this long for its heir, so it is short; but it must outlive one heartbeat and the longest
// wait for SQLite's write lock (10 s, during which the process cannot renew anything), or a live job would be taken over.
const LEASE_MS = 15_000;
const HEARTBEAT_MS = 3_000;

export interface JobRunnerOptions {
  readonly store: Store;
  readonly handlers: Readonly<Record<JobKind, JobHandler>>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly events: Events;
  /** Names this process in leases. */
  readonly owner: string;
  /** Left out = nobody counts. */
  readonly meter?: Meter;
  readonly leaseMs?: number;
  readonly heartbeatMs?: number;
  /** How often other processes' abandoned jobs are looked for. */
  readonly pollMs?: number;
}

export interface JobRunner extends Jobs {
  /** Begins to look for queued and abandoned jobs; without it only jobs started here run. */
  watch(): void;
  /** Stops taking jobs, hands running ones back with their checkpoints, and waits for that. */
  stop(): Promise<void>;
}

/**
 * A job's life: queued → claimed (running, leased to one owner) → completed | failed | cancelled. A crash leaves it
 * running with a lease that expires; any process then claims it again and its handler resumes from the checkpoint. A graceful
 * stop puts it back to queued at once. Only the lease holder may write, so a process that slept through its lease cannot.
 */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  return new Runner(options);
}

class Runner implements JobRunner {
  readonly #o: JobRunnerOptions;
  readonly #running = new Map<string, { abort: AbortController; ended: Promise<void> }>();
  #pumping: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #stopping = false;

  constructor(options: JobRunnerOptions) {
    this.#o = options;
  }

  async start(
    kind: JobKind,
    args: Readonly<Record<string, unknown>>,
  ): Promise<{ job: Job; alreadyRunning: boolean }> {
    if (this.#stopping)
      throw new AppError("unavailable", "The server is shutting down; try again shortly.");
    const { jobs } = this.#o.store;
    const wanted = { job_id: this.#o.newId(kind), kind, args, now: this.#now() };
    const job = await (kind === "sync" ? jobs.createAlone(wanted) : jobs.create(wanted));
    if (job.job_id !== wanted.job_id) return { job, alreadyRunning: true };
    this.#pump();
    return { job, alreadyRunning: false };
  }

  get(jobId: string): Promise<Job | null> {
    return this.#o.store.jobs.get(jobId);
  }

  list(limit: number): Promise<readonly Job[]> {
    return this.#o.store.jobs.list(limit);
  }

  wait(jobId: string, ms: number, watch: Parameters<Jobs["wait"]>[2] = {}): Promise<Job> {
    return waitForJob(this.#o.store.jobs, this.#o.events, { jobId, ms, ...watch });
  }

  async cancel(jobId: string): Promise<Job | null> {
    const job = await this.#o.store.jobs.requestCancel(jobId, this.#now());
    this.#running.get(jobId)?.abort.abort(cancelled());
    if (job) this.#o.events.emit({ kind: "job-changed", jobId });
    return job;
  }

  watch(): void {
    if (this.#timer || this.#stopping) return;
    this.#timer = setInterval(() => this.#pump(), this.#o.pollMs ?? 5_000);
    this.#timer.unref();
    this.#pump();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer) clearInterval(this.#timer);
    await this.#pumping;
    for (const { abort } of this.#running.values()) abort.abort(shuttingDown());
    await Promise.all([...this.#running.values()].map((run) => run.ended));
  }

  /** Takes every job that may run now; one pump at a time, so that two wake-ups cannot claim twice. */
  #pump(): void {
    this.#pumping = this.#pumping
      .then(() => this.#takeAll())
      .catch((error: unknown) => this.#o.log.error({ err: error }, "looking for jobs failed"));
  }

  async #takeAll(): Promise<void> {
    while (!this.#stopping) {
      const job = await this.#o.store.jobs.claim({
        owner: this.#o.owner,
        now: this.#now(),
        lease_until: this.#leaseUntil(),
      });
      if (!job) return;
      // After a sleep of the machine a lease is over although its job runs on here: the claim has renewed it.
      if (!this.#running.has(job.job_id)) this.#launch(job);
    }
  }

  #launch(job: RunningJob): void {
    const abort = new AbortController();
    const ended = this.#run(job, abort)
      .catch((error: unknown) =>
        this.#o.log.error({ err: error, job: job.job_id }, "settling a job failed"),
      )
      .then(() => {
        this.#running.delete(job.job_id);
        this.#o.events.emit({ kind: "job-changed", jobId: job.job_id });
        // The kind is free again: a queued job of the same kind may go.
        if (!this.#stopping) this.#pump();
      });
    this.#running.set(job.job_id, { abort, ended });
  }

  async #run(job: RunningJob, abort: AbortController): Promise<void> {
    const heartbeat = this.#keepLease(job, abort);
    const context: JobContext = {
      job,
      signal: abort.signal,
      save: async (patch, within) => {
        await (within ?? this.#o.store).jobs.save(job.job_id, this.#o.owner, patch);
        this.#o.events.emit({ kind: "job-changed", jobId: job.job_id });
      },
    };
    try {
      // Asked for while nobody ran it: the process that did is dead.
      if (job.cancel_requested) abort.abort(cancelled());
      abort.signal.throwIfAborted();
      const patch = await this.#o.handlers[job.kind](context);
      await this.#finish(job, { ...patch, status: "completed", now: this.#now() });
    } catch (thrown) {
      await this.#settleFailure(job, abort.signal.aborted ? abort.signal.reason : thrown);
    } finally {
      clearInterval(heartbeat);
    }
  }

  #keepLease(job: RunningJob, abort: AbortController): NodeJS.Timeout {
    const beat = async (): Promise<void> => {
      const lease = await this.#o.store.jobs.heartbeat(
        job.job_id,
        this.#o.owner,
        this.#leaseUntil(),
      );
      if (!lease.held) abort.abort(leaseLost());
      else if (lease.cancel_requested) abort.abort(cancelled());
    };
    return setInterval(() => {
      // A missed beat is made up by the next one; the lease outlives several.
      beat().catch((error: unknown) =>
        this.#o.log.warn({ err: error, job: job.job_id }, "heartbeat failed"),
      );
    }, this.#o.heartbeatMs ?? HEARTBEAT_MS);
  }

  async #settleFailure(job: RunningJob, thrown: unknown): Promise<void> {
    const error = toAppError(thrown);
    if (error.code === LEASE_LOST) {
      this.#o.log.warn({ job: job.job_id }, "left a job that another process holds");
    } else if (error.code === SHUTTING_DOWN) {
      await this.#o.store.jobs.release(job.job_id, this.#o.owner);
    } else if (error.kind === "cancelled") {
      await this.#finish(job, {
        status: "cancelled",
        now: this.#now(),
        next: "What was done before stays done.",
      });
    } else {
      this.#logFailure(job, error);
      const known = await this.#o.store.jobs.get(job.job_id);
      const failure = { code: error.code, message: error.message, example: job.kind };
      await this.#finish(job, {
        status: "failed",
        now: this.#now(),
        errors: addError(known?.errors ?? [], failure),
        next: error.message,
      });
    }
  }

  /** What the caller can mend is told to the caller; the log keeps causes for what only an operator can. */
  #logFailure({ job_id, kind }: RunningJob, error: AppError): void {
    const { log } = this.#o;
    if (error.kind === "input" || error.kind === "stale")
      log.info({ job: job_id, kind, code: error.code }, "job refused");
    else log.error({ err: error, job: job_id, kind }, "job failed");
  }

  async #finish(job: RunningJob, end: Parameters<Store["jobs"]["finish"]>[2]): Promise<void> {
    await this.#o.store.jobs.finish(job.job_id, this.#o.owner, end);
    this.#o.meter?.count("jobs", { kind: job.kind, status: end.status });
  }

  #now(): string {
    return new Date(this.#o.clock.now()).toISOString();
  }

  #leaseUntil(): string {
    return new Date(this.#o.clock.now() + (this.#o.leaseMs ?? LEASE_MS)).toISOString();
  }
}

const SHUTTING_DOWN = "SHUTTING_DOWN";
// As the store says it when a save comes too late; other things may be stale as well, e.g. a plan.
const LEASE_LOST = "JOB_LEASE_LOST";

function leaseLost(): AppError {
  return new AppError("stale", "Another process took this job over.", { code: LEASE_LOST });
}

function cancelled(): AppError {
  return new AppError("cancelled", "Cancelled on request.");
}

function shuttingDown(): AppError {
  return new AppError("unavailable", "The server is shutting down.", { code: SHUTTING_DOWN });
}
