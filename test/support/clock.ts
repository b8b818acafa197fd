/** Time that tests own: it moves only when somebody waits or the test moves it. */
import { systemClock } from "../../mcp-server/src/clock.ts";
import type { Clock } from "../../mcp-server/src/ports/world.ts";

export interface FakeClock extends Clock {
  /** Every wait so far, in milliseconds, in order. */
  readonly waits: readonly number[];
  advance(ms: number): void;
  iso(): string;
}

/** A clock that stands at `startIso`; a wait ends at once and moves it by its length. */
export function fakeClock(startIso: string): FakeClock {
  let now = Date.parse(startIso);
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    iso: () => new Date(now).toISOString(),
    wait: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      // Whole milliseconds, as the machine's clock tells them: sums of fractions come out just before the time that was waited for.
      now += Math.ceil(ms);
      // Others get their turn, as they would during a real wait.
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
  };
}

/** The real clock behind a fake one's face, for tests in which the database's own clock matters. */
export function realClock(): FakeClock {
  return {
    ...systemClock,
    waits: [],
    iso: () => new Date(systemClock.now()).toISOString(),
    advance: () => {
      throw new Error("the real clock cannot be advanced");
    },
  };
}
