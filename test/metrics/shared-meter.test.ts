/** What several processes count on one database is one sum, and nothing of it is lost while the database is away. */
import { expect, onTestFinished, test } from "vitest";
import { SharedMeter } from "../../mcp-server/src/metrics/shared-meter.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { keptLog } from "../support/quiet-log.ts";
import { describeEachEngine } from "../support/store.ts";

const clock = { now: () => Date.parse("2026-11-22T10:00:00.000Z") };

function meterOver(store: Pick<Store, "shared">, everyMs = 60_000): SharedMeter {
  const meter = new SharedMeter({ store, clock, log: keptLog(), everyMs });
  onTestFinished(() => meter.stop());
  return meter;
}

const JOB = { kind: "sync", status: "completed" };
const SERIES = "jobs|sync|completed";

describeEachEngine("a shared meter", (_open, { empty, openAt }) => {
  test("adds up what processes count beside each other, each once", async () => {
    const url = await empty();
    const meters = [meterOver(await openAt(url)), meterOver(await openAt(url))];

    for (let round = 0; round < 20; round++) {
      for (const meter of meters) {
        meter.count("jobs", JOB);
        meter.observe("webhookLag", {}, 0.3);
      }
      // Two connections of one thread cannot wait for each other's lock on SQLite.
      for (const meter of meters) await meter.flush();
    }

    const total = await meters[0]?.flush();
    expect(total?.counters).toEqual({ [SERIES]: 40 });
    expect(total?.timings["webhookLag"]?.buckets[1]).toBe(40);
    expect(total?.timings["webhookLag"]?.sum).toBeCloseTo(12);
  });

  test("keeps what ended processes counted", async () => {
    const url = await empty();
    const first = meterOver(await openAt(url));
    first.count("jobs", JOB, 3);
    await first.stop();

    const heir = meterOver(await openAt(url));
    heir.count("jobs", JOB);

    expect((await heir.flush()).counters).toEqual({ [SERIES]: 4 });
  });

  test("tells by itself, now and then", async () => {
    const url = await empty();
    const store = await openAt(url);
    const meter = meterOver(store, 20);
    meter.start();
    meter.count("jobs", JOB);

    await expect.poll(() => store.shared.get("metrics")).toContain(`"${SERIES}":1`);
  });
});

test("tells later what could not be told, together with what was counted meanwhile", async () => {
  let isAway = true;
  let kept: string | null = null;
  const shared: Pick<Store["shared"], "change"> = {
    change: async (_name, decide) => {
      if (isAway) throw new Error("the database is away");
      const { value, result } = decide(kept);
      kept = value;
      return result;
    },
  };
  const meter = meterOver({ shared: { ...shared, get: never, list: never, remove: never } });
  meter.count("jobs", JOB, 2);
  meter.observe("webhookLag", {}, 9);

  await expect(meter.flush()).rejects.toThrow("away");
  meter.count("jobs", JOB);
  isAway = false;

  const total = await meter.flush();
  expect(total.counters).toEqual({ [SERIES]: 3 });
  expect(total.timings["webhookLag"]?.sum).toBe(9);
});

async function never(): Promise<never> {
  throw new Error("nobody asks for this");
}

test("takes a duration below zero, as clocks of two hosts make it, for none", async () => {
  const kept = new Map<string, string>();
  const shared = {
    change: async <T>(
      name: string,
      decide: (value: string | null) => { readonly value: string | null; readonly result: T },
    ): Promise<T> => {
      const { value, result } = decide(kept.get(name) ?? null);
      if (value !== null) kept.set(name, value);
      return result;
    },
    get: never,
    list: never,
    remove: never,
  };
  const meter = meterOver({ shared });

  meter.observe("webhookLag", {}, -5);

  const { timings } = await meter.flush();
  expect(timings["webhookLag"]).toMatchObject({ sum: 0 });
  expect(timings["webhookLag"]?.buckets[0]).toBe(1);
});
