/** Looks several times a second for what HubSpot notified and what changed here, and has it synced. */
import { createClockSteps } from "./clock-steps.ts";
import { LIVE_TROUBLE } from "./core/health.ts";
import type { Store } from "./ports/store.ts";
import type { Clock, Log } from "./ports/world.ts";

export interface LiveWatchOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether changes made here are sent without being asked for; otherwise only what HubSpot spoke of is reason to look. Left out = they are. */
  readonly sendsByItself?: boolean;
  /** Gives what syncs; asked for at first and then when something is due, because it loads the adapters. null = there is nothing to sync with. */
  readonly send: () => Promise<((signal: AbortSignal) => Promise<void>) | null>;
  /** Whether nothing leaves for HubSpot until somebody has found out that it answers again. Left out = never. */
  readonly isCutOff?: () => Promise<boolean>;
  readonly everyMs?: number;
}

export interface LiveWatch {
  start(): void;
  /** Lets the look that is going on come to its end, soon: its requests are aborted. */
  stop(): Promise<void>;
}

// A changed real-time field is to be in HubSpot within a second, and a change there here: this, and the requests that it takes.
const LOOK_MS = 250;

/** Looks come one after the other; one that fails is logged and the next one tries again. */
export function createLiveWatch(options: LiveWatchOptions): LiveWatch {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> = Promise.resolve();
  const heedClock = createClockSteps(options);
  let isFirst = true;
  const next = (): void => {
    if (abort.signal.aborted) return;
    timer = setTimeout(() => {
      looking = look({ ...options, heedClock }, { isFirst, signal: abort.signal }).then(next);
      isFirst = false;
    }, options.everyMs ?? LOOK_MS);
    timer.unref();
  };
  return {
    start: () => {
      if (!timer) next();
    },
    stop: async () => {
      abort.abort();
      if (timer) clearTimeout(timer);
      await looking;
    },
  };
}

async function look(
  options: LiveWatchOptions & { readonly heedClock: () => Promise<void> },
  { isFirst, signal }: { readonly isFirst: boolean; readonly signal: AbortSignal },
): Promise<void> {
  try {
    await options.heedClock();
    if (isFirst || (await isAnythingDue(options))) await (await options.send())?.(signal);
  } catch (error) {
    if (!signal.aborted) options.log.warn({ err: error }, "looking for changes failed");
  }
}

async function isAnythingDue({
  store,
  clock,
  sendsByItself = true,
  isCutOff = async () => false,
}: LiveWatchOptions): Promise<boolean> {
  const now = new Date(clock.now()).toISOString();
  if (await store.inbox.any()) return true;
  if (await store.remoteQueue.anyDue(now)) return true;
  if ((await store.queue.dueObjects(now, !sendsByItself)).length > 0) return true;
  // Nothing may come due for long: what people are told of trouble must not outlast it.
  return Boolean(await store.cursors.get(LIVE_TROUBLE)) || (await isCutOff());
}
