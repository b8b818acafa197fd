/** Polls and the nightly reconciliation come at their times, once each, whatever the clocks and failures do. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Schedule } from "../../mcp-server/src/core/schedule-due.ts";
import { Events } from "../../mcp-server/src/events.ts";
import type { JobHandler } from "../../mcp-server/src/ports/jobs.ts";
import { createSchedule } from "../../mcp-server/src/schedule.ts";
import { createScheduler, type Scheduler } from "../../mcp-server/src/scheduler.ts";
import { createJobRunner, type JobRunner } from "../../mcp-server/src/workers/job-runner.ts";
import { lastPolledAt, lastReconciledAt } from "../../mcp-server/src/workers/last-runs.ts";
import { type FakeClock, fakeClock } from "../support/clock.ts";
import { keptLog } from "../support/quiet-log.ts";
import { type TempStore, tempStore } from "../support/store.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BERLIN = "Europe/Berlin";

let clock: FakeClock;
let store: TempStore;
let jobs: JobRunner;
let scheduler: Scheduler;
let work: JobHandler;
let polls: string[];
let polled: () => Promise<void>;

async function begin(startIso: string, schedules: { poll?: Schedule; reconcile?: Schedule }) {
  clock = fakeClock(startIso);
  const log = keptLog();
  const run: JobHandler = (context) => work(context);
  let ids = 0;
  jobs = createJobRunner({
    store,
    handlers: { sync: run, import: run, enrich: run },
    clock,
    newId: (prefix) => `${prefix}_${++ids}`,
    log,
    events: new Events(() => undefined),
    owner: "test",
  });
  const { poll = () => null, reconcile = () => null } = schedules;
  scheduler = createScheduler({
    store,
    owner: "test",
    jobs,
    clock,
    log,
    enrichOnImport: false,
    syncAfterEnrich: false,
    canSync: true,
    polling: {
      name: "poll",
      schedule: poll,
      lastAt: (now) => lastPolledAt(store, now),
      run: async () => {
        polls.push(clock.iso());
        await polled();
      },
    },
    reconciling: { schedule: reconcile, lastAt: (now) => lastReconciledAt(store, now) },
  });
}

beforeEach(async () => {
  store = await tempStore();
  polls = [];
  work = async () => ({});
  polled = () => place(clock.now());
});
afterEach(async () => {
  await scheduler.stop();
  await jobs.stop();
  await store.close();
});

/** As a poll leaves it, or, without a time, as the first sync does. */
async function place(polledAt: number | null, beganAt = clock.now()): Promise<void> {
  const since = clock.now() - 10 * MINUTE;
  const kept = { beganAt, since, seenUpTo: null, pass: null, bin: null, polledAt };
  for (const object of ["contacts", "companies"])
    await store.cursors.set(`poll:${object}`, JSON.stringify(kept), clock.iso());
}

/** Lets a time pass in steps, with a look after each; what a look starts ends before the next. */
async function pass(ms: number, step = 30_000): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    clock.advance(step);
    await look();
  }
}

async function look(): Promise<void> {
  await scheduler.look();
  await new Promise((resolve) => setImmediate(resolve));
  for (const job of await store.jobs.list(100)) await jobs.wait(job.job_id, 5_000);
}

async function reconciliations(): Promise<readonly string[]> {
  const all = await store.jobs.list(100);
  return all
    .filter(({ args }) => args["mode"] === "reconcile")
    .map(({ created_at }) => created_at)
    .sort();
}

const quarter = createSchedule({ name: "POLL_SCHEDULE", pattern: "*/15 * * * *" }, BERLIN);
const night = createSchedule({ name: "RECONCILE_SCHEDULE", pattern: "0 2 * * *" }, BERLIN);

describe("a poll", () => {
  test("comes with every quarter of an hour, once", async () => {
    await begin("2026-06-01T08:01:00.000Z", { poll: quarter });
    await place(null);

    await pass(45 * MINUTE);

    expect(polls.map((at) => at.slice(11, 16))).toEqual(["08:15", "08:30", "08:45"]);
  });

  test("is not made before a sync has begun to keep changes in mind", async () => {
    await begin("2026-06-01T08:00:00.000Z", { poll: quarter });

    await pass(60 * MINUTE);

    expect(polls).toEqual([]);
  });

  test("that another process made lately is not made again", async () => {
    await begin("2026-06-01T08:14:00.000Z", { poll: quarter });
    await place(Date.parse("2026-06-01T08:15:10.000Z"));

    await pass(5 * MINUTE);

    expect(polls).toEqual([]);
  });

  test("that was missed while the machine slept is made once", async () => {
    await begin("2026-06-01T08:00:00.000Z", { poll: quarter });
    await place(clock.now());

    clock.advance(9 * HOUR + MINUTE);
    await look();
    await pass(5 * MINUTE);

    expect(polls).toHaveLength(1);
  });

  test("that fails is made again at the next time, not with every look", async () => {
    await begin("2026-06-01T08:00:00.000Z", { poll: quarter });
    await place(clock.now());
    polled = async () => {
      throw new Error("HubSpot is away");
    };

    await pass(31 * MINUTE);

    expect(polls.map((at) => at.slice(11, 16))).toEqual(["08:15", "08:30"]);
  });

  test("that failed in another process, or before a restart, is made at the next time, too", async () => {
    await begin("2026-06-01T08:20:00.000Z", { poll: quarter });
    await place(Date.parse("2026-06-01T07:00:00.000Z"));
    const at = "2026-06-01T08:15:00.000Z";
    await store.cursors.set("poll-trouble", JSON.stringify({ at, code: "X", message: "Y" }), at);

    await pass(9 * MINUTE);
    expect(polls).toEqual([]);

    await pass(2 * MINUTE);
    expect(polls).toHaveLength(1);
  });

  test("that takes long is neither doubled nor waited for, and stops with the scheduler", async () => {
    await begin("2026-06-01T08:00:00.000Z", { poll: quarter });
    await place(clock.now());
    const ended = Promise.withResolvers<void>();
    polled = () => ended.promise;
    await pass(40 * MINUTE);
    expect(polls).toHaveLength(1);

    const stopping = scheduler.stop();
    ended.resolve();

    await expect(stopping).resolves.toBeUndefined();
  });

  test("is never made when it is switched off", async () => {
    await begin("2026-06-01T08:00:00.000Z", {
      poll: createSchedule({ name: "POLL_SCHEDULE", pattern: "off" }),
    });
    await place(null);

    await pass(60 * MINUTE);

    expect(polls).toEqual([]);
  });
});

describe("the reconciliation", () => {
  const syncedOnce = (at: string): Promise<void> => place(null, Date.parse(at));

  test("comes at two at night, once, after a first sync", async () => {
    await begin("2026-06-01T20:00:00.000Z", { reconcile: night });
    await syncedOnce("2026-06-01T10:00:00.000Z");

    await pass(24 * HOUR, 10 * MINUTE);

    // Two o'clock in Berlin's summer.
    expect(await reconciliations()).toEqual(["2026-06-02T00:00:00.000Z"]);
  });

  test("only takes over what HubSpot changed where nothing is sent by itself", async () => {
    await begin("2026-06-01T23:50:00.000Z", { reconcile: night });
    await syncedOnce("2026-06-01T10:00:00.000Z");

    await pass(20 * MINUTE);

    const [job] = await store.jobs.list(1);
    expect(job?.args).toEqual({ mode: "reconcile", object: "all", direction: "pull" });
  });

  test("does not come before anybody asked for a sync", async () => {
    await begin("2026-06-01T20:00:00.000Z", { reconcile: night });

    await pass(24 * HOUR, 10 * MINUTE);

    expect(await reconciliations()).toEqual([]);
  });

  test("that was missed comes once, some minutes after the start", async () => {
    await begin("2026-06-05T07:00:00.000Z", { reconcile: night });
    await syncedOnce("2026-06-01T10:00:00.000Z");

    await pass(4 * MINUTE);
    const early = await reconciliations();
    await pass(30 * MINUTE);

    expect(early).toEqual([]);
    expect(await reconciliations()).toEqual(["2026-06-05T07:05:00.000Z"]);
  });

  test("is not repeated when another process's report is there", async () => {
    await begin("2026-06-05T07:00:00.000Z", { reconcile: night });
    await syncedOnce("2026-06-01T10:00:00.000Z");
    await store.reports.put({
      run_id: "sync_other",
      object: "contacts",
      started_at: "2026-06-05T00:00:01.000Z",
      finished_at: "2026-06-05T00:09:00.000Z",
      counts: {},
      report: {},
    });

    await pass(30 * MINUTE);

    expect(await reconciliations()).toEqual([]);
  });

  test("that fails is tried again a quarter of an hour later", async () => {
    await begin("2026-06-01T23:50:00.000Z", { reconcile: night });
    await syncedOnce("2026-06-01T10:00:00.000Z");
    work = async () => {
      throw new Error("HubSpot is away");
    };

    await pass(30 * MINUTE);

    expect((await reconciliations()).map((at) => at.slice(11, 16))).toEqual(["00:00", "00:15"]);
  });

  // Germany sets its clocks forward on 29 March 2026 at 02:00 and back on 25 October 2026 at 03:00.
  test.each([
    [
      "forward, at the end of the gap",
      "2026-03-28T20:00:00.000Z",
      ["2026-03-29T01:00", "2026-03-30T00:00"],
    ],
    [
      "back, at the first of the two",
      "2026-10-24T20:00:00.000Z",
      ["2026-10-25T00:00", "2026-10-26T01:00"],
    ],
  ])("comes once a night when clocks are set %s", async (_how, start, expected) => {
    await begin(start, { reconcile: night });
    await syncedOnce(start);

    await pass(30 * HOUR, 10 * MINUTE);

    expect((await reconciliations()).map((at) => at.slice(0, 16))).toEqual(expected);
  });
});
