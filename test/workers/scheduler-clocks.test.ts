/** Schedules of several processes on one database, whose machines sleep, and whose clocks are set. */
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
const DAY = 24 * HOUR;

interface Process {
  readonly scheduler: Scheduler;
  readonly jobs: JobRunner;
  /** One look; what it starts ends before this resolves. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

let clock: FakeClock;
let store: TempStore;
let polls: string[];
let work: JobHandler;
let processes: Process[];
let poll: Schedule;
let reconcile: Schedule;

beforeEach(async () => {
  clock = fakeClock("2026-06-01T20:00:00.000Z");
  store = await tempStore();
  polls = [];
  processes = [];
  work = async () => ({});
  poll = createSchedule({ name: "POLL_SCHEDULE", pattern: "*/15 * * * *" }, "Europe/Berlin");
  reconcile = createSchedule({ name: "RECONCILE_SCHEDULE", pattern: "0 2 * * *" }, "Europe/Berlin");
});
afterEach(async () => {
  for (const one of processes) await one.stop();
  await store.close();
});

/** What a process has of its own; `skew` is by how much its clock is ahead of the test's. */
function start(name: string, skew = 0): Process {
  const time = { ...clock, now: () => clock.now() + skew };
  const run: JobHandler = (context) => work(context);
  let ids = 0;
  const shared = { store, clock: time, log: keptLog() };
  const jobs = createJobRunner({
    ...shared,
    handlers: { sync: run, import: run, enrich: run },
    newId: (prefix) => `${prefix}_${name}_${++ids}`,
    events: new Events(() => undefined),
    owner: name,
  });
  const scheduler = createScheduler({
    ...shared,
    owner: name,
    jobs,
    enrichOnImport: false,
    syncAfterEnrich: true,
    canSync: true,
    polling: {
      name: "poll",
      schedule: poll,
      lastAt: (now) => lastPolledAt(store, now),
      run: async () => {
        polls.push(`${name} ${clock.iso().slice(11, 16)}`);
        await polledAt(time.now());
      },
    },
    reconciling: { schedule: reconcile, lastAt: (now) => lastReconciledAt(store, now) },
  });
  const made: Process = {
    scheduler,
    jobs,
    look: async () => {
      await scheduler.look();
      await new Promise((resolve) => setImmediate(resolve));
      for (const job of await store.jobs.list(100)) await jobs.wait(job.job_id, 5_000);
    },
    stop: async () => {
      await scheduler.stop();
      await jobs.stop();
    },
  };
  processes.push(made);
  return made;
}

/** What a poll leaves behind, and, without a time, the first sync. */
async function polledAt(at: number | null): Promise<void> {
  const beganAt = Date.parse("2026-06-01T10:00:00.000Z");
  const since = (at ?? beganAt) - 10 * MINUTE;
  const place = { beganAt, since, seenUpTo: null, pass: null, bin: null, polledAt: at };
  for (const object of ["contacts", "companies"])
    await store.cursors.set(`poll:${object}`, JSON.stringify(place), clock.iso());
}

/** Time goes by; all processes look one after the other every five minutes. */
async function pass(ms: number, among: readonly Process[] = processes): Promise<void> {
  for (let left = ms; left > 0; left -= 5 * MINUTE) {
    clock.advance(5 * MINUTE);
    for (const one of among) await one.look();
  }
}

async function nights(): Promise<readonly string[]> {
  const all = await store.jobs.list(200);
  return all
    .filter(({ args }) => args["mode"] === "reconcile")
    .map(({ created_at }) => created_at.slice(0, 16))
    .sort();
}

describe("two processes on one database", () => {
  test("reconcile once a night and poll once a quarter of an hour between them", async () => {
    await polledAt(clock.now());
    start("one");
    start("two");

    await pass(DAY);

    expect(await nights()).toEqual(["2026-06-02T00:00"]);
    expect(polls).toHaveLength(96);
  });

  test("do so although one's clock is five minutes behind", async () => {
    await polledAt(clock.now());
    start("one");
    start("behind", -5 * MINUTE);

    await pass(10 * HOUR);

    expect(await nights()).toHaveLength(1);
    expect(polls).toHaveLength(40);
  });

  test("looking at one moment start one reconciliation", async () => {
    reconcile = createSchedule({ name: "RECONCILE_SCHEDULE", pattern: "0 2 * * *" }, "UTC");
    await polledAt(clock.now());
    const ended = Promise.withResolvers<void>();
    work = async () => {
      await ended.promise;
      return {};
    };
    const both = [start("one"), start("two")];
    clock.advance(7 * HOUR);

    await Promise.all(both.map(({ scheduler }) => scheduler.look()));
    ended.resolve();
    await both[0]?.look();

    expect(await nights()).toHaveLength(1);
  });

  test("do what the other, which was killed, did not come to", async () => {
    await polledAt(clock.now());
    const one = start("one");
    await pass(HOUR);
    await one.stop();
    processes.splice(0);
    start("two");

    await pass(6 * HOUR);

    expect(await nights()).toHaveLength(1);
    expect(polls.filter((line) => line.startsWith("two"))).toHaveLength(24);
  });
});

describe("a reconciliation that a person cancels", () => {
  test("is over for the night, and comes again the next", async () => {
    await polledAt(clock.now());
    const begun = Promise.withResolvers<string>();
    work = async ({ signal, job }) => {
      if (job.args["mode"] !== "reconcile") return {};
      const ended = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => ended.reject(signal.reason));
      begun.resolve(job.job_id);
      return ended.promise;
    };
    const one = start("one");
    clock.advance(4 * HOUR);
    await one.scheduler.look();
    await one.jobs.cancel(await begun.promise);
    await one.look();
    work = async () => ({});

    await pass(23 * HOUR);
    const before = await nights();
    await pass(2 * HOUR);

    expect(before).toEqual(["2026-06-02T00:00"]);
    expect(await nights()).toEqual(["2026-06-02T00:00", "2026-06-03T00:00"]);
  });
});

describe("a machine that sleeps with the program running", () => {
  test("makes up for several nights and many polls once each", async () => {
    await polledAt(clock.now());
    const one = start("one");
    await one.look();

    clock.advance(5 * DAY);
    await one.look();
    await pass(10 * MINUTE);

    expect(await nights()).toEqual(["2026-06-06T20:00"]);
    expect(polls).toHaveLength(1);
  });
});

describe("a clock that was set wrong", () => {
  test.each([
    ["a day", DAY],
    ["a year", 365 * DAY],
  ])("by %s ahead, and right again, keeps nothing from being done at its time", async (_by, ms) => {
    await polledAt(clock.now());
    const one = start("one");
    clock.advance(ms);
    await one.look();
    clock.advance(-ms);
    const wrong = (await nights()).length;
    polls.splice(0);

    await pass(2 * HOUR);
    const evening = await nights();
    await pass(4 * HOUR);

    expect(polls).toHaveLength(25);
    expect(evening).toHaveLength(wrong);
    expect(await nights()).toHaveLength(wrong + 1);
  });

  test("by some minutes, and right again, makes nothing twice", async () => {
    await polledAt(clock.now());
    const one = start("one");
    await one.look();
    clock.advance(6 * MINUTE);
    await one.look();
    clock.advance(-6 * MINUTE);

    await pass(30 * MINUTE);

    expect(polls).toEqual(["one 20:15", "one 20:30"]);
    expect(await nights()).toEqual([]);
  });

  test("does not keep contacts waiting that a crash left behind", async () => {
    await polledAt(clock.now());
    const one = start("one");
    clock.advance(DAY);
    await one.look();
    clock.advance(-DAY);
    const texts = { company: null, domain: null, job_title: null, phone: null, country: null };
    const more = { city: null, website: null, linkedin_url: null, custom: null };
    const rest = { email_status: null, first_name: null, last_name: null };
    const [row] = await store.contacts.insert([
      {
        fields: {
          email: "ada@acme.com",
          ...texts,
          ...more,
          ...rest,
          engagement_state: null,
          unsubscribed: false,
        },
        source: "csv",
        imported_at: clock.iso(),
      },
    ]);
    await store.contacts.update([{ id: row?.id ?? 0, set: { status: "enriched" } }], clock.iso());

    await pass(30 * MINUTE);

    const started = (await store.jobs.list(100)).filter(({ args }) => "filter" in args);
    expect(started).not.toEqual([]);
  });
});

test("nothing is done by itself while both are switched off", async () => {
  await polledAt(clock.now());
  poll = createSchedule({ name: "POLL_SCHEDULE", pattern: "off" });
  reconcile = createSchedule({ name: "RECONCILE_SCHEDULE", pattern: "off" });
  start("one");

  await pass(2 * DAY);

  expect(polls).toEqual([]);
  expect(await nights()).toEqual([]);
});
