/** Laws of cutting inputs into requests. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cutByJsonLength, cutIntoWaves, halve } from "../../mcp-server/src/core/batching.ts";

interface Item {
  readonly key: string | null;
  readonly order: number;
}

const items = fc
  .array(fc.option(fc.constantFrom("a", "b", "c", "d"), { nil: null }), { maxLength: 60 })
  .map((keys) => keys.map((key, order): Item => ({ key, order })));

test("waves hold every item once, in batches no larger than asked", () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 10 }), (all, size) => {
      const batches = cutIntoWaves(all, size, (item) => item.key).flat();

      expect(batches.every((batch) => batch.length >= 1 && batch.length <= size)).toBe(true);
      expect(batches.flat().sort((a, b) => a.order - b.order)).toEqual(all);
    }),
  );
});

test("no wave holds two items of one key, and twins keep their order over the waves", () => {
  fc.assert(
    fc.property(items, (all) => {
      const waves = cutIntoWaves(all, 7, (item) => item.key).map((wave) => wave.flat());

      for (const wave of waves) {
        const keys = wave.map((item) => item.key).filter((key) => key !== null);
        expect(new Set(keys).size).toBe(keys.length);
      }
      for (const key of ["a", "b", "c", "d"]) {
        const order = waves.flat().filter((item) => item.key === key);
        expect(order).toEqual([...order].sort((a, b) => a.order - b.order));
      }
    }),
  );
});

test("runs by JSON length hold every text once and fit, unless one text alone does not", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 40, unit: "grapheme" }), { maxLength: 80 }),
      fc.integer({ min: 10, max: 200 }),
      (texts, maxLength) => {
        const runs = cutByJsonLength(texts, maxLength, 20);

        expect(runs.flat()).toEqual(texts);
        for (const run of runs) {
          expect(run.length).toBeLessThanOrEqual(20);
          if (run.length > 1) {
            // The list itself, less its own two brackets, plus one comma that a run of one does not have.
            expect(JSON.stringify(run).length - 2 + 1).toBeLessThanOrEqual(maxLength);
          }
        }
      },
    ),
  );
});

test("halves are the whole and differ by one at most", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 2 }), (whole) => {
      const [left, right] = halve(whole);

      expect([...left, ...right]).toEqual(whole);
      expect(left.length - right.length).toBeGreaterThanOrEqual(0);
      expect(left.length - right.length).toBeLessThanOrEqual(1);
    }),
  );
});
