/** Notices that the machine's clock was set back, and keeps due what was due by it: else changes would wait until it is where it was. */
import { setBackMs } from "./core/clock-step.ts";
import type { Store } from "./ports/store.ts";
import { type Clock, type Log, momentOf } from "./ports/world.ts";

// What was marked a moment ago comes due within seconds: after a pause for further changes, or for a quick retry.
const SOON_MS = 5_000;

export interface ClockStepsOptions {
  readonly store: Pick<Store, "queue" | "remoteQueue">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Compares the clock with the time that has passed since it was called last. When the database fails, the next call tries again. */
export function createClockSteps({ store, clock, log }: ClockStepsOptions): () => Promise<void> {
  let before = momentOf(clock);
  return async () => {
    const after = momentOf(clock);
    const backMs = setBackMs(before, after);
    if (backMs > 0) {
      const [now, until] = [after.wall, before.wall + SOON_MS];
      const meant = { now: new Date(now).toISOString(), until: new Date(until).toISOString() };
      await store.queue.dueSooner(meant);
      await store.remoteQueue.dueSooner(meant);
      log.warn({ backMs }, "the clock was set back: what was due before is due now");
    }
    before = after;
  };
}
