/** Time that passes event by event, so that minutes of it take milliseconds and every run of a seed is the same. */
import type { Clock } from "../../mcp-server/src/ports/world.ts";

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class VirtualTime {
  now = 0;
  readonly #happenings: Happening[] = [];
  #order = 0;

  /** Runs something later; happenings of one time run in the order in which they were asked for. */
  after(ms: number, run: () => void): void {
    this.#order += 1;
    const happening = { at: this.now + Math.max(0, ms), order: this.#order, run };
    let index = this.#happenings.length;
    while (index > 0 && this.#happenings[index - 1]!.at > happening.at) index -= 1;
    this.#happenings.splice(index, 0, happening);
  }

  /** Lets everything happen, to the last happening or to a time. */
  async run(until = Number.POSITIVE_INFINITY): Promise<void> {
    for (;;) {
      const next = this.#happenings[0];
      if (next === undefined || next.at > until) break;
      this.#happenings.shift();
      this.now = next.at;
      next.run();
      // Promises that are ready run before time goes on.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (Number.isFinite(until)) this.now = until;
  }
}

/** A machine's clocks over virtual time: one that nobody sets, and a time of day that jumps. */
export interface MachineClock extends Clock {
  jump(ms: number): void;
  /** From now on no wait of this machine ends: its process is gone. */
  stop(): void;
}

/** @param ahead how far this machine's time of day is before the true one, in milliseconds */
export function machineClock(time: VirtualTime, ahead = 0): MachineClock {
  const beginning = Date.parse("2026-11-01T00:00:00Z");
  let offset = beginning + ahead;
  let isStopped = false;
  return {
    now: () => Math.floor(time.now + offset),
    elapsed: () => time.now,
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        time.after(ms, () => {
          if (!(isStopped || signal?.aborted)) resolve();
        });
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
    jump: (ms) => {
      offset += ms;
    },
    stop: () => {
      isStopped = true;
    },
  };
}
