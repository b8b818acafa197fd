/** Gives the event loop a turn between transactions. */

/** Waits for the caller's turn. */
export type Turns = () => Promise<void>;

/**
 * SQLite answers without ever leaving the thread, so that a transaction is over before a timer, socket or request gets its turn. Several that
 * are asked for at once would run one behind the other; this lets one begin in each round of the event loop.
 */
export function turns(): Turns {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(nextRound);
    return last;
  };
}

/** Waits for the next round of the event loop, so that others get their turn within long work. */
export function nextRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
