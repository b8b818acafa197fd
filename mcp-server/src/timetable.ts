/** Which work comes by the clock, with what it does and when it was done last. */
import type { Ground, Workers } from "./adapters.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { Schedule } from "./core/schedule-due.ts";
import type { Store } from "./ports/store.ts";
import { createSchedule } from "./schedule.ts";
import type { SchedulerOptions } from "./scheduler.ts";
import { lastPolledAt, lastReconciledAt } from "./workers/last-runs.ts";
import { lastPrunedAt, pruneOld } from "./workers/prune.ts";

/** When HubSpot is asked what changed, when both sides are compared whole, and when what is old is forgotten. */
export interface Schedules {
  readonly poll: Schedule;
  readonly reconcile: Schedule;
  readonly prune: Schedule;
}

// Once an hour, at a minute at which little else begins.
const PRUNE_SCHEDULE = "23 * * * *";
const DAY_MS = 86_400_000;

/** The schedules of a configuration. Throws `input` for one that cannot be read. */
export function schedulesOf({ POLL_SCHEDULE, RECONCILE_SCHEDULE }: Config): Schedules {
  return {
    poll: createSchedule({ name: "POLL_SCHEDULE", pattern: POLL_SCHEDULE }),
    reconcile: createSchedule({ name: "RECONCILE_SCHEDULE", pattern: RECONCILE_SCHEDULE }),
    prune: createSchedule({ name: "pruning", pattern: PRUNE_SCHEDULE }),
  };
}

/** What keeps the database from growing with the years. */
export function pruning(
  config: Config,
  schedule: Schedule,
  { store, log, owner }: Pick<Ground, "store" | "log" | "owner">,
): NonNullable<SchedulerOptions["pruning"]> {
  const keep = {
    events: config.KEEP_EVENTS_DAYS * DAY_MS,
    jobs: config.KEEP_JOBS_DAYS * DAY_MS,
    log: config.KEEP_LOG_DAYS * DAY_MS,
  };
  return {
    name: "pruning",
    schedule,
    lastAt: (now) => lastPrunedAt(store, now),
    run: (signal) => pruneOld({ store, clock: systemClock, log, owner, keep }, signal),
  };
}

/** What the scheduler starts by the clock with HubSpot. */
export function scheduled({
  store,
  schedules,
  workers,
}: {
  readonly store: Store;
  readonly schedules: Schedules;
  readonly workers: () => Promise<Workers>;
}): Required<Pick<SchedulerOptions, "polling" | "reconciling">> {
  return {
    polling: {
      name: "poll",
      schedule: schedules.poll,
      lastAt: (now) => lastPolledAt(store, now),
      run: async (signal) => (await workers()).poll?.run({ signal, lane: "backfill" }),
    },
    reconciling: { schedule: schedules.reconcile, lastAt: (now) => lastReconciledAt(store, now) },
  };
}
