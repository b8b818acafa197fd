import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ContactPatch } from "../../mcp-server/src/core/contact.ts";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import type { JobKind } from "../../mcp-server/src/core/job.ts";
import { Events } from "../../mcp-server/src/events.ts";
import type { JobHandler } from "../../mcp-server/src/ports/jobs.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { createScheduler, type Scheduler } from "../../mcp-server/src/scheduler.ts";
import { createJobRunner, type JobRunner } from "../../mcp-server/src/workers/job-runner.ts";
import { fakeClock } from "../support/clock.ts";
import { keptLog } from "../support/quiet-log.ts";
import { tempStore } from "../support/store.ts";

const QUARTER_HOUR = 15 * 60_000;
let clock: ReturnType<typeof fakeClock>;
let store: Store;
let jobs: JobRunner;
let scheduler: Scheduler;
let work: JobHandler;

beforeEach(async () => {
  clock = fakeClock("2026-06-01T08:00:00.000Z");
  store = await tempStore();
  work = async () => ({});
  const run: JobHandler = (context) => work(context);
  let ids = 0;
  const log = keptLog();
  jobs = createJobRunner({
    store,
    handlers: { sync: run, import: run, enrich: run },
    clock,
    newId: (prefix) => `${prefix}_${++ids}`,
    log,
    events: new Events(() => undefined),
    owner: "test",
  });
  scheduler = createScheduler({
    store,
    owner: "test",
    jobs,
    clock,
    log,
    enrichOnImport: false,
    syncAfterEnrich: true,
    canSync: true,
  });
});
afterEach(async () => {
  await jobs.stop();
  await store.close();
});

async function enriched(email: string, patch: ContactPatch = {}): Promise<number> {
  const texts = { company: null, domain: null, job_title: null, phone: null, country: null };
  const more = { city: null, website: null, linkedin_url: null, custom: null, email_status: null };
  const names = { first_name: null, last_name: null, engagement_state: null, unsubscribed: false };
  const [row] = await store.contacts.insert([
    {
      fields: { email, ...texts, ...more, ...names },
      source: "csv",
      imported_at: clock.iso(),
    },
  ]);
  const id = row?.id ?? 0;
  await store.contacts.update([{ id, set: { status: "enriched", ...patch } }], clock.iso());
  return id;
}

async function started(kind: JobKind): Promise<number> {
  const all = await store.jobs.list(100);
  return all.filter((job) => job.kind === kind).length;
}

/** Looks, and lets the jobs that this started end. */
async function look(): Promise<void> {
  await scheduler.look();
  for (const job of await store.jobs.list(100)) await jobs.wait(job.job_id, 5_000);
}

describe("a sync that fails", () => {
  beforeEach(() => {
    work = async () => {
      throw new AppError("auth", "The token was refused.");
    };
  });

  test("is not started again with every look, but after a quarter of an hour", async () => {
    await store.queue.add([
      { object: "contacts", local_id: 1, reason: "test", due_at: clock.iso() },
    ]);

    await look();
    clock.advance(30_000);
    await look();
    expect(await started("sync")).toBe(1);

    clock.advance(QUARTER_HOUR);
    await look();
    expect(await started("sync")).toBe(2);
  });

  test("leaves the enriched contacts it never reached to a later one", async () => {
    await enriched("ada@acme-robotics.com");
    await look();

    clock.advance(QUARTER_HOUR);
    await look();

    expect(await started("sync")).toBe(2);
  });
});

test("does not start a sync for people who objected to outreach alone", async () => {
  await enriched("no@acme-robotics.com", { unsubscribed: true });

  await look();

  expect(await started("sync")).toBe(0);
});

describe("while a long sync runs", () => {
  let finish: () => void;

  beforeEach(async () => {
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    finish = () => ended.resolve();
    work = async ({ signal }) => {
      begun.resolve();
      signal.addEventListener("abort", () => ended.reject(signal.reason));
      await ended.promise;
      return {};
    };
    await enriched("ada@acme-robotics.com");
    await jobs.start("sync", {});
    await begun.promise;
  });

  test("stops at once", async () => {
    scheduler.start();

    const stopped = await Promise.race([
      scheduler.stop().then(() => "stopped"),
      new Promise((resolve) => setTimeout(resolve, 2_000, "hangs")),
    ]);

    expect(stopped).toBe("stopped");
  });

  test("comes back to the enriched contacts as soon as it has ended", async () => {
    await scheduler.look();
    finish();
    await jobs.wait("sync_1", 5_000);

    clock.advance(30_000);
    await look();

    expect(await started("sync")).toBe(2);
  });

  test("does not begin again by itself right after a person cancelled it", async () => {
    await scheduler.look();
    await jobs.cancel("sync_1");
    await jobs.wait("sync_1", 5_000);

    clock.advance(30_000);
    await look();

    expect(await started("sync")).toBe(1);
  });
});
