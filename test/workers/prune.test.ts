/** Forgetting runs by the clock, one process at a time, goes on where it was cut off, and leaves what is young. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Events } from "../../mcp-server/src/events.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import type { SyncLogEntry } from "../../mcp-server/src/ports/sync-store.ts";
import { createSchedule } from "../../mcp-server/src/schedule.ts";
import { createScheduler } from "../../mcp-server/src/scheduler.ts";
import { openStore } from "../../mcp-server/src/store/open.ts";
import { createJobRunner } from "../../mcp-server/src/workers/job-runner.ts";
import { lastPrunedAt, type PruningOptions, pruneOld } from "../../mcp-server/src/workers/prune.ts";
import { type FakeClock, fakeClock } from "../support/clock.ts";
import { keptLog } from "../support/quiet-log.ts";
import { type TempStore, tempStore } from "../support/store.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = "2026-06-01T08:00:00.000Z";

let store: TempStore;
let clock: FakeClock;
const further: Store[] = [];

beforeEach(async () => {
  store = await tempStore();
  clock = fakeClock(START);
});
afterEach(async () => {
  for (const one of further.splice(0)) await one.close();
  await store.close();
});

const never = new AbortController().signal;
const keep = { events: 3 * DAY, jobs: 30 * DAY, log: 90 * DAY };
const pruning = (given: Partial<PruningOptions> = {}): PruningOptions => ({
  store,
  clock,
  log: keptLog(),
  owner: "test",
  keep,
  pieceSize: 10,
  ...given,
});

test("forgets each thing after its own time, and tells how much", async () => {
  await fillLog(25);
  await receive(12);
  await endJob("job_1");
  clock.advance(4 * DAY);
  expect(await pruneOld(pruning(), never)).toEqual({ events: 12, leases: 1 });

  clock.advance(30 * DAY);
  expect(await pruneOld(pruning(), never)).toEqual({ jobs: 1 });

  clock.advance(60 * DAY);
  expect(await pruneOld(pruning(), never)).toEqual({ log: 24 });
  expect(await store.syncLog.forRecord("contacts", 1, 99)).toHaveLength(1);
});

test("gives way between pieces", async () => {
  await fillLog(60);
  clock.advance(91 * DAY);

  await pruneOld(pruning(), never);

  expect(clock.waits.length).toBeGreaterThanOrEqual(6);
  expect(Math.min(...clock.waits)).toBeGreaterThan(0);
});

test("goes on where it was stopped, and looks at nothing twice", async () => {
  await fillLog(60);
  clock.advance(91 * DAY);
  const stop = new AbortController();
  const { wait } = clock;
  let pieces = 0;
  clock.wait = async (ms, signal) => {
    pieces += 1;
    if (pieces === 3) stop.abort(new Error("stop"));
    return wait(ms, signal);
  };

  await expect(pruneOld(pruning(), stop.signal)).rejects.toThrow("stop");
  const left = (await store.syncLog.forRecord("contacts", 1, 99)).length;
  expect(left).toBe(30);

  expect(await pruneOld(pruning(), never)).toMatchObject({ log: 29 });
  // Three pieces before, three after, and one that finds the end.
  expect(pieces).toBe(6);
});

test("of two processes one does it, and a killed one's heir comes soon", async () => {
  const other = await openStore(store.url, { log: keptLog() });
  further.push(other);
  await fillLog(30);
  clock.advance(91 * DAY);
  const now = clock.now();
  const until = new Date(now + 60_000).toISOString();
  await other.leases.take("retention", "other", { now: clock.iso(), until });

  expect(await pruneOld(pruning(), never)).toBeNull();
  expect(await store.syncLog.forRecord("contacts", 1, 99)).toHaveLength(30);

  clock.advance(61_000);
  expect(await pruneOld(pruning(), never)).toMatchObject({ log: 29 });
});

test("comes by the clock: some minutes after a start, then once an hour", async () => {
  const times: string[] = [];
  let running: Promise<unknown> = Promise.resolve();
  const scheduler = schedulerWith((signal) => {
    times.push(clock.iso());
    running = pruneOld(pruning(), signal);
    return running;
  });
  for (let minute = 0; minute < 130; minute += 1) {
    await scheduler.look();
    await running;
    clock.advance(60_000);
  }
  await scheduler.stop();

  expect(times.map((at) => at.slice(11, 16))).toEqual(["08:05", "08:23", "09:23"]);
});

test("stops within a piece when the program stops", async () => {
  await fillLog(200);
  clock.advance(91 * DAY);
  let began: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    began = resolve;
  });
  const { wait } = clock;
  clock.wait = async (ms, signal) => {
    began();
    return wait(ms, signal);
  };
  const scheduler = schedulerWith((signal) => pruneOld(pruning({ pieceSize: 1 }), signal));
  await scheduler.look();
  clock.advance(HOUR);
  await scheduler.look();

  await begun;
  await scheduler.stop();

  const left = (await store.syncLog.forRecord("contacts", 1, 999)).length;
  expect(left).toBeGreaterThan(1);
});

function schedulerWith(run: (signal: AbortSignal) => Promise<unknown>) {
  const log = keptLog();
  const jobs = createJobRunner({
    store,
    handlers: { sync: async () => ({}), import: async () => ({}), enrich: async () => ({}) },
    clock,
    newId: (prefix) => `${prefix}_1`,
    log,
    events: new Events(() => undefined),
    owner: "test",
  });
  return createScheduler({
    store,
    owner: "test",
    jobs,
    clock,
    log,
    enrichOnImport: false,
    syncAfterEnrich: false,
    canSync: false,
    pruning: {
      name: "pruning",
      schedule: createSchedule({ name: "pruning", pattern: "23 * * * *" }, "UTC"),
      lastAt: (now) => lastPrunedAt(store, now),
      run,
    },
  });
}

async function fillLog(rows: number): Promise<void> {
  const row: Omit<SyncLogEntry, "id"> = {
    run_id: "run",
    object: "contacts",
    local_id: 1,
    hubspot_id: "1",
    action: "update",
    outcome: "done",
    fields: [{ field: "email", before: null, after: "x", rule: "r" }],
    marker: null,
    error: null,
    created_at: clock.iso(),
    finished_at: clock.iso(),
  };
  await store.syncLog.add(Array.from({ length: rows }, () => row));
}

async function receive(count: number): Promise<void> {
  const event = {
    event_id: "1",
    subscription_type: "contact.propertyChange",
    object: "contacts",
    object_id: "1",
    occurred_at: clock.iso(),
    payload: "{}",
    error: "unreadable",
  };
  await store.inbox.add(
    Array.from({ length: count }, () => event),
    clock.iso(),
  );
}

async function endJob(job_id: string): Promise<void> {
  const now = clock.iso();
  await store.leases.take("old", "gone", { now, until: now });
  await store.jobs.create({ job_id, kind: "import", args: {}, now });
  await store.jobs.claim({ jobId: job_id, owner: "me", now, lease_until: now });
  await store.jobs.finish(job_id, "me", { status: "completed", now });
}
