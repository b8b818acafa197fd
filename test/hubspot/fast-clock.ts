/** Time that passes faster than the machine's. */
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../mcp-server/src/ports/world.ts";

/** Runs `speed` times as fast as real time. */
export function fastClock(speed: number): Clock {
  const epoch = Date.now();
  const start = performance.now();
  return {
    now: () => Math.floor(epoch + (performance.now() - start) * speed),
    elapsed: () => (performance.now() - start) * speed,
    wait: (ms, signal) => delay(Math.max(0, ms) / speed, undefined, signal && { signal }),
  };
}
