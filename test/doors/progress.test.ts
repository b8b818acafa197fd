/** Progress goes out seldom and never backwards, whatever comes in. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { thinnedProgress } from "../../mcp-server/src/mcp/progress.ts";

test("sends rising numbers at least half a second apart", () => {
  const step = fc.record({
    done: fc.nat(1_000),
    gap: fc.nat(900),
    total: fc.option(fc.nat(1_000)),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let now = 0;
      const sent: { at: number; progress: number }[] = [];
      const report = thinnedProgress(
        ({ progress }) => sent.push({ at: now, progress }),
        () => now,
      );

      for (const { done, gap, total } of steps) {
        now += gap;
        report(done, total, "working");
      }

      for (const [index, notice] of sent.entries()) {
        const before = sent[index - 1];
        if (!before) continue;
        expect(notice.progress).toBeGreaterThan(before.progress);
        expect(notice.at - before.at).toBeGreaterThanOrEqual(500);
      }
      expect(sent.length > 0).toBe(steps.length > 0);
    }),
  );
});

test("leaves the total out while it is not known", () => {
  const sent: unknown[] = [];
  const report = thinnedProgress(
    (notice) => sent.push(notice),
    () => 0,
  );

  report(1, null, "counting");

  expect(sent).toEqual([{ progress: 1, message: "counting" }]);
});
