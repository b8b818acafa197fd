/** What time itself sets off: retries that have come due, steps that a crash or a failed job left undone, polls, the nightly reconciliation, and forgetting. */
import type { JobKind } from "./core/job.ts";
import { isDue, isHeavyDue, type Schedule } from "./core/schedule-due.ts";
import type { Jobs } from "./ports/jobs.ts";
import type { Store } from "./ports/store.ts";
import type { Clock, Log } from "./ports/world.ts";

export interface SchedulerOptions {
  readonly store: Store;
  /** Names this process in leases. */
  readonly owner: string;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Log;
  readonly enrichOnImport: boolean;
  readonly syncAfterEnrich: boolean;
  /** Whether there is a HubSpot token; without one no sync is started. */
  readonly canSync: boolean;
  /** Asking HubSpot what changed there; left out = never by itself. */
  readonly polling?: ScheduledRun;
  /** Forgetting what is old; left out = never. */
  readonly pruning?: ScheduledRun;
  /** Comparing both sides whole, as a sync job; left out = never by itself. */
  readonly reconciling?: Scheduled;
  readonly everyMs?: number;
}

/** Work with its times. `lastAt`: when it was done last, by whomever, in milliseconds since the epoch; null = there is nothing to do it for. */
export interface Scheduled {
  readonly schedule: Schedule;
  readonly lastAt: (now: number) => Promise<number | null>;
}

/** Work that is no job. */
export interface ScheduledRun extends Scheduled {
  /** What it is called when it fails. */
  readonly name: string;
  /** `signal` stops it. */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
}

export interface Scheduler {
  /** Begins to look; the first look also resumes what a crash left between two steps. */
  start(): void;
  /** Resolves soon: looking never waits for a job, and what it started is stopped. */
  stop(): Promise<void>;
  /** One look, for tests and for the timer; a poll or the forgetting that it starts goes on by itself. */
  look(): Promise<void>;
}

// How often undone steps are looked for, and how long a kind of job rests after one that failed or was cancelled: a refused
// token would otherwise fail a job with every look, and a person's cancelling would last half a minute.
const REST_MS = 15 * 60_000;
// Among this many of the newest jobs the last one of a kind is looked for.
const RECENT_JOBS = 50;
// After a start, for heavy work that was missed while the program did not run.
const GRACE_MS = 5 * 60_000;
const RECONCILE_LEASE = "reconcile-start";
// Longer than starting a job takes; a process that is killed meanwhile holds others up for no longer.
const STARTING_MS = 60_000;

/** Looks at the rows every half minute. Starting the same work twice is harmless: a job finds nothing due and ends. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> = Promise.resolve();
  let resumeAt = 0;
  const startedAt = options.clock.now();
  const runners = [
    createRunner(options, options.polling, isDue),
    createRunner(options, options.pruning, (schedule, lastAt, now) =>
      isHeavyDue(schedule, lastAt, { now, startedAt, graceMs: GRACE_MS }),
    ),
  ];
  const look = async (): Promise<void> => {
    const now = options.clock.now();
    // The clock was set back.
    if (resumeAt > now + REST_MS) resumeAt = now;
    if (now >= resumeAt && (await resumeSteps(options))) resumeAt = now + REST_MS;
    await startRetries(options);
    await startReconciliation(options, startedAt);
    for (const runner of runners) await runner.look();
  };
  const tick = (): void => {
    looking = looking.then(look).catch((error: unknown) => {
      options.log.warn({ err: error }, "looking for due work failed");
    });
  };
  return {
    look,
    start: () => {
      if (timer) return;
      timer = setInterval(tick, options.everyMs ?? 30_000);
      timer.unref();
      tick();
    },
    stop: async () => {
      if (timer) clearInterval(timer);
      const stopped = runners.map((runner) => runner.stop());
      await looking;
      await Promise.all(stopped);
    },
  };
}

/** Starts what is due, one at a time. What failed or what another process was at is tried again at the schedule's next time. */
function createRunner(
  { clock, log }: SchedulerOptions,
  scheduled: ScheduledRun | undefined,
  isItsTime: typeof isDue,
) {
  const abort = new AbortController();
  let triedAt = 0;
  let running: Promise<void> | null = null;
  const start = ({ name, run }: ScheduledRun): void => {
    triedAt = clock.now();
    running = run(abort.signal)
      .then(
        () => undefined,
        (error: unknown) => {
          if (!abort.signal.aborted) log.debug({ err: error, work: name }, "scheduled work failed");
        },
      )
      .finally(() => {
        running = null;
      });
  };
  return {
    look: async (): Promise<void> => {
      const now = clock.now();
      const lastAt = await scheduled?.lastAt(now);
      if (!scheduled || lastAt == null || running !== null || abort.signal.aborted) return;
      // The clock was set back.
      if (triedAt > now) triedAt = 0;
      if (isItsTime(scheduled.schedule, Math.max(lastAt, triedAt), now)) start(scheduled);
    },
    stop: async (): Promise<void> => {
      abort.abort();
      await running;
    },
  };
}

/** Processes that look at one moment would each start one: who has the lease does, if it is still due by then. */
async function startReconciliation(options: SchedulerOptions, startedAt: number): Promise<void> {
  const { store, owner, clock } = options;
  if (!(await isReconciliationDue(options, startedAt))) return;
  const now = clock.now();
  const times = { now: iso(now), until: iso(now + STARTING_MS) };
  if (!(await store.leases.take(RECONCILE_LEASE, owner, times))) return;
  try {
    if (await isReconciliationDue(options, startedAt))
      await startRested(options, "sync", nightly(options));
  } finally {
    await store.leases.release(RECONCILE_LEASE, owner);
  }
}

async function isReconciliationDue(
  { reconciling, clock, canSync }: SchedulerOptions,
  startedAt: number,
): Promise<boolean> {
  const now = clock.now();
  const lastAt = await reconciling?.lastAt(now);
  if (!reconciling || !canSync || lastAt == null) return false;
  return isHeavyDue(reconciling.schedule, lastAt, { now, startedAt, graceMs: GRACE_MS });
}

/**
 * Contacts that were imported or enriched by a process that died before it could wake the next worker, or that a failed job never reached.
 * False = a running job must end first; the next look asks again.
 */
async function resumeSteps(options: SchedulerOptions): Promise<boolean> {
  const { store } = options;
  const counts = await store.contacts.countByStatus();
  let isAllTaken = true;
  if (options.enrichOnImport && (counts["imported"] ?? 0) + (counts["enriching"] ?? 0) > 0) {
    const isImporting = (await store.jobs.active("import")) !== null;
    isAllTaken = !isImporting && (await startRested(options, "enrich", {}));
  }
  if (options.syncAfterEnrich && options.canSync && (await toSync(store)) > 0)
    isAllTaken = (await startRested(options, "sync", enrichedOnly)) && isAllTaken;
  return isAllTaken;
}

const enrichedOnly = { filter: { status: "enriched" } } as const;

/** People who objected to outreach stay `enriched` for ever, so they alone are no reason to start. */
function toSync(store: Store): Promise<number> {
  return store.contacts.count({ status: "enriched", unsubscribed: false });
}

async function startRetries(options: SchedulerOptions): Promise<void> {
  const { store, clock } = options;
  const now = iso(clock.now());
  const enrichAt = await store.contacts.nextRetryAt("enrich");
  if (options.enrichOnImport && enrichAt !== null && enrichAt <= now)
    await startRested(options, "enrich", {});
  if (options.canSync && (await isSyncDue(options, now)))
    await startRested(options, "sync", { queued_only: true, object: "contacts" });
}

/**
 * Retries of a sync that was asked for are always due; other signals only where syncing goes by itself. Customers are never started
 * from here: their first sync is asked for, and from then on what changes is sent as it happens.
 */
async function isSyncDue(
  { store, syncAfterEnrich }: SchedulerOptions,
  now: string,
): Promise<boolean> {
  if (syncAfterEnrich && (await store.queue.dueObjects(now)).includes("contacts")) return true;
  const retryAt = await store.contacts.nextRetryAt("sync");
  return retryAt !== null && retryAt <= now;
}

/** Where nothing is sent by itself, the night takes over what HubSpot changed and leaves the rest to whoever asks for a sync. */
function nightly({ syncAfterEnrich }: SchedulerOptions): Readonly<Record<string, unknown>> {
  return { mode: "reconcile", object: "all", ...(syncAfterEnrich ? {} : { direction: "pull" }) };
}

/** Starts a job unless one of its kind is at work or rests after a failure; whether it did. */
async function startRested(
  { store, jobs, clock }: SchedulerOptions,
  kind: JobKind,
  args: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  if (await store.jobs.active(kind)) return false;
  const last = (await store.jobs.list(RECENT_JOBS)).find((job) => job.kind === kind);
  const hasStopped = last?.status === "failed" || last?.status === "cancelled";
  if (hasStopped && Date.parse(last.finished_at ?? "") > clock.now() - REST_MS) return false;
  await jobs.start(kind, args);
  return true;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
