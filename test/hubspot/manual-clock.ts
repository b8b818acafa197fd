/** A clock that a test moves by hand. */
import type { Clock } from "../../mcp-server/src/ports/world.ts";

/** Time stands still until the test advances it; waits that have passed end then. */
export function manualClock(): Clock & { advance(ms: number): Promise<void> } {
  let now = 1_000_000;
  let waiting: { at: number; end: () => void }[] = [];
  return {
    now: () => now,
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        const entry = { at: now + ms, end: resolve };
        waiting.push(entry);
        signal?.addEventListener("abort", () => {
          waiting = waiting.filter((other) => other !== entry);
          reject(signal.reason);
        });
      }),
    advance: async (ms) => {
      now += ms;
      const over = waiting.filter(({ at }) => at <= now);
      waiting = waiting.filter(({ at }) => at > now);
      for (const { end } of over) end();
      await settle();
    },
  };
}

/** Lets promises that are ready run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
