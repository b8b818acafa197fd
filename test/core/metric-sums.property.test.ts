/** Figures of several processes add up to the same whatever the order, and none is lost or doubled on the way. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { counters, statusClass, timings } from "../../mcp-server/src/core/metric-catalogue.ts";
import {
  addSums,
  bucketOf,
  figureOf,
  type MetricSums,
  noSums,
  parseSums,
  readSeries,
  seriesOf,
} from "../../mcp-server/src/core/metric-sums.ts";

const word = fc.constantFrom("contacts", "customers", "created", "failed");
const series = fc
  .tuple(word, word)
  .map(([object, outcome]) => seriesOf("outcomes", counters.outcomes, { object, outcome }));
const timed = fc
  .constantFrom("push", "pull")
  .map((direction) => seriesOf("latency", timings.latency, { object: "contacts", direction }));
const whole = fc.nat(1_000);
const length = timings.latency.buckets.length + 1;
const timing = fc.record({
  buckets: fc.array(whole, { minLength: length, maxLength: length }),
  sum: whole,
});
const sums: fc.Arbitrary<MetricSums> = fc.record({
  counters: fc.dictionary(series, whole),
  timings: fc.dictionary(timed, timing),
});

test("adds up to the same in any order and grouping, and nothing is the neutral sum", () => {
  fc.assert(
    fc.property(sums, sums, sums, (a, b, c) => {
      expect(addSums(a, b)).toEqual(addSums(b, a));
      expect(addSums(addSums(a, b), c)).toEqual(addSums(a, addSums(b, c)));
      expect(addSums(a, noSums)).toEqual(a);
    }),
  );
});

test("never falls: a sum is at least each of its parts", () => {
  fc.assert(
    fc.property(sums, sums, (a, b) => {
      const both = addSums(a, b);
      for (const [name, value] of Object.entries(a.counters))
        expect(both.counters[name]).toBeGreaterThanOrEqual(value);
      for (const [name, { buckets }] of Object.entries(a.timings))
        for (const [index, count] of buckets.entries())
          expect(both.timings[name]?.buckets[index]).toBeGreaterThanOrEqual(count);
    }),
  );
});

test("is the same after it was kept as JSON", () => {
  fc.assert(
    fc.property(sums, (a) => {
      expect(parseSums(JSON.stringify(a))).toEqual(a);
    }),
  );
});

test("begins anew after a text that is none of ours, and leaves out what the catalogue does not know", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseSums(text)).toEqual(noSums);
    }),
  );
  const known = seriesOf("jobs", counters.jobs, { kind: "sync", status: "failed" });
  const old = {
    counters: { [known]: 2, "gone|x": 1, "jobs|too|many|labels": 1 },
    timings: { "latency|contacts|push": { buckets: [1, 2], sum: 3 } },
  };
  expect(parseSums(JSON.stringify(old))).toEqual({ counters: { [known]: 2 }, timings: {} });
});

test("tells series apart by their labels and reads them back, whatever a setting put in", () => {
  const model = 'claude|"x"\n'.repeat(20);
  const named = seriesOf("modelTokens", counters.modelTokens, { model, kind: "input" });

  expect(figureOf(named)).toBe("modelTokens");
  const labels = readSeries(named, counters.modelTokens.labels);
  expect(labels["kind"]).toBe("input");
  expect(labels["model"]).toMatch(/^[\w.:-]{1,64}$/);
});

test("puts a duration into the first bucket whose bound it does not exceed", () => {
  const { buckets } = timings.latency;
  fc.assert(
    fc.property(fc.double({ min: 0, max: 200_000, noNaN: true }), (seconds) => {
      const index = bucketOf(timings.latency, seconds);
      expect(seconds <= (buckets[index] ?? Number.POSITIVE_INFINITY)).toBe(true);
      if (index > 0) expect(seconds).toBeGreaterThan(buckets[index - 1] ?? 0);
    }),
  );
});

test("classes statuses so that a rate limit and silence stand alone", () => {
  expect([200, 207, 404, 429, 477, 503, null].map(statusClass)).toEqual([
    "2xx",
    "2xx",
    "4xx",
    "429",
    "4xx",
    "5xx",
    "none",
  ]);
});

test("follows Prometheus' conventions: prefix, base units, totals, ascending buckets", () => {
  for (const { name, help, labels } of Object.values(counters)) {
    expect(name).toMatch(/^hubspot_sync_[a-z_]+_total$/);
    expect(help).toMatch(/^[A-Z].*[^.]$/);
    expect(new Set(labels).size).toBe(labels.length);
  }
  for (const { name, buckets } of Object.values(timings)) {
    expect(name).toMatch(/^hubspot_sync_[a-z_]+_seconds$/);
    expect([...buckets].sort((a, b) => a - b)).toEqual([...buckets]);
  }
});
