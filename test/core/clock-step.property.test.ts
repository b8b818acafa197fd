/** A clock that is set back is noticed by how far; anything else is not. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { setBackMs } from "../../mcp-server/src/core/clock-step.ts";

const HOUR_MS = 3_600_000;
const moments = fc.record({
  now: fc.integer({ min: 0, max: 1_000 * HOUR_MS }),
  wall: fc.integer({ min: 0, max: 1_000_000 * HOUR_MS }),
});
const passed = fc.integer({ min: 0, max: 24 * HOUR_MS });

test("set back by more than a second, it is noticed by how far, however long ago anybody looked", () => {
  fc.assert(
    fc.property(moments, passed, fc.integer({ min: 1_001, max: HOUR_MS }), (before, ms, backMs) => {
      const after = { now: before.now + ms, wall: before.wall + ms - backMs };
      expect(setBackMs(before, after)).toBe(backMs);
    }),
  );
});

test("a clock that runs, is nudged by up to a second, or is set forward, is not", () => {
  fc.assert(
    fc.property(moments, passed, fc.integer({ min: -1_000, max: HOUR_MS }), (before, ms, ahead) => {
      const after = { now: before.now + ms, wall: before.wall + ms + ahead };
      expect(setBackMs(before, after)).toBe(0);
    }),
  );
});
