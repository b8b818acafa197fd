/** What time itself sets off: retries that have come due, and steps that a crash left undone. */
import { syncEnriched } from "./chain.ts";
import type { Jobs } from "./ports/jobs.ts";
import type { Store } from "./ports/store.ts";
import type { Clock, Log } from "./ports/world.ts";

export interface SchedulerOptions {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Log;
  readonly enrichOnImport: boolean;
  readonly syncAfterEnrich: boolean;
  /** Whether there is a HubSpot token; without one no sync is started. */
  readonly canSync: boolean;
  readonly everyMs?: number;
}

export interface Scheduler {
  /** Begins to look; the first look also resumes what a crash left between two steps. */
  start(): void;
  stop(): Promise<void>;
  /** One look, for tests and for the timer. */
  look(): Promise<void>;
}

/** Looks at the rows every half minute. Starting the same work twice is harmless: a job finds nothing due and ends. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> = Promise.resolve();
  let first = true;
  const look = async (): Promise<void> => {
    if (first) await resumeSteps(options);
    first = false;
    await startRetries(options);
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
      await looking;
    },
  };
}

/** Contacts that were imported or enriched by a process that died before it could wake the next worker. */
async function resumeSteps({ store, jobs, ...options }: SchedulerOptions): Promise<void> {
  const counts = await store.contacts.countByStatus();
  const waiting = (...statuses: string[]): boolean =>
    statuses.some((status) => (counts[status] ?? 0) > 0);
  const importing = await store.jobs.active("import");
  if (options.enrichOnImport && !importing && waiting("imported", "enriching")) {
    if (!(await store.jobs.active("enrich"))) await jobs.start("enrich", {});
  }
  if (options.syncAfterEnrich && options.canSync && waiting("enriched", "syncing"))
    await syncEnriched(jobs);
}

async function startRetries({ store, jobs, clock, ...options }: SchedulerOptions): Promise<void> {
  const now = new Date(clock.now()).toISOString();
  const enrichAt = await store.contacts.nextRetryAt("enrich");
  if (options.enrichOnImport && enrichAt !== null && enrichAt <= now) {
    if (!(await store.jobs.active("enrich"))) await jobs.start("enrich", {});
  }
  if (!options.canSync) return;
  const { due } = await store.queue.depth(now);
  if (due > 0) await jobs.start("sync", { queued_only: true });
}
