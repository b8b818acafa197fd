/** Watches the queue of changed records several times a second, and has what is due sent. */
import type { Store } from "./ports/store.ts";
import type { Clock, Log } from "./ports/world.ts";

export interface LiveWatchOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Gives what sends; asked for at first and then when something is due, because it loads the adapters. null = there is nothing to send with. */
  readonly send: () => Promise<((signal: AbortSignal) => Promise<void>) | null>;
  readonly everyMs?: number;
}

export interface LiveWatch {
  start(): void;
  /** Lets the look that is going on come to its end, soon: its requests are aborted. */
  stop(): Promise<void>;
}

// A changed real-time field is to be in HubSpot within a second: this, and the requests that it takes.
const LOOK_MS = 250;

/** Looks come one after the other; one that fails is logged and the next one tries again. */
export function createLiveWatch(options: LiveWatchOptions): LiveWatch {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> = Promise.resolve();
  let isFirst = true;
  const next = (): void => {
    if (abort.signal.aborted) return;
    timer = setTimeout(() => {
      looking = look(options, { isFirst, signal: abort.signal }).then(next);
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
  { store, clock, log, send }: LiveWatchOptions,
  { isFirst, signal }: { readonly isFirst: boolean; readonly signal: AbortSignal },
): Promise<void> {
  try {
    const due = await store.queue.dueObjects(new Date(clock.now()).toISOString());
    if (isFirst || due.length > 0) await (await send())?.(signal);
  } catch (error) {
    log.warn({ err: error }, "looking for changes failed");
  }
}
