/** Chains the workers: imported contacts are enriched, enriched ones are synced (document A's automatic workflow). */
import type { Job } from "./core/job.ts";
import type { Events } from "./events.ts";
import type { Jobs } from "./ports/jobs.ts";
import type { Log } from "./ports/world.ts";

export interface ChainOptions {
  readonly jobs: Jobs;
  readonly events: Events;
  readonly log: Log;
  /** AUTO_ENRICH_ON_IMPORT */
  readonly enrichOnImport: boolean;
  /** AUTO_SYNC_AFTER_ENRICH */
  readonly syncAfterEnrich: boolean;
}

// One wait is renewed until the running sync has ended.
const WAIT_MS = 60_000;

/** Listens for finished work and starts the next step. Only wakes: what is due stands in the rows. */
export function chainWorkers(options: ChainOptions): void {
  const { events, jobs } = options;
  if (options.enrichOnImport) {
    const enrich = oneInWaiting(() => jobs.start("enrich", {}), jobs);
    events.on("contacts-imported", () => guarded(options, "enrich", enrich()));
  }
  if (options.syncAfterEnrich) {
    const sync = oneAtATime(() => syncEnriched(jobs));
    events.on("contacts-enriched", () => guarded(options, "sync", sync()));
  }
}

/** Syncs what is enriched, after a sync that is already running: that one may have looked too early. */
async function syncEnriched(jobs: Jobs): Promise<void> {
  for (;;) {
    const { job, alreadyRunning } = await jobs.start("sync", { filter: { status: "enriched" } });
    if (!alreadyRunning) return;
    await ended(jobs, job);
  }
}

async function ended(jobs: Jobs, job: Job): Promise<void> {
  let seen = job;
  while (seen.status === "queued" || seen.status === "running") {
    seen = await jobs.wait(seen.job_id, WAIT_MS);
  }
}

/**
 * Starts a job unless the one it started last has not begun yet: that one will see what there is by then. HubSpot may change contacts many times a
 * second, and a job for each would only be in the way.
 */
function oneInWaiting(start: () => ReturnType<Jobs["start"]>, jobs: Jobs): () => Promise<void> {
  let last: string | null = null;
  let turn: Promise<void> = Promise.resolve();
  const startUnlessWaiting = async (): Promise<void> => {
    const isWaiting = last !== null && (await jobs.get(last))?.status === "queued";
    if (!isWaiting) last = (await start()).job.job_id;
  };
  return () => {
    turn = turn.then(startUnlessWaiting, startUnlessWaiting);
    return turn;
  };
}

/** Calls that come while one is waiting join it. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => {
    running ??= work().finally(() => {
      running = null;
    });
    return running;
  };
}

function guarded({ log }: ChainOptions, kind: string, started: Promise<unknown>): void {
  started.catch((error: unknown) =>
    log.warn({ err: error, kind }, "the next step could not be started"),
  );
}
