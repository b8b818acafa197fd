import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { Events } from "../../mcp-server/src/events.ts";
import type { JobHandler } from "../../mcp-server/src/ports/jobs.ts";
import { createJobRunner, type JobRunner } from "../../mcp-server/src/workers/job-runner.ts";
import { fakeClock } from "../support/clock.ts";
import { keptLog } from "../support/quiet-log.ts";
import { type TempStore, tempStore } from "../support/store.ts";

const clock = fakeClock("2026-06-01T08:00:00.000Z");
let store: TempStore;
const runners: JobRunner[] = [];
let ids = 0;

beforeEach(async () => {
  store = await tempStore();
});
afterEach(async () => {
  for (const opened of runners.splice(0)) await opened.stop();
  await store.close();
});

function runner(owner: string, handler: JobHandler): JobRunner {
  const made = createJobRunner({
    store,
    handlers: { import: handler, enrich: handler, sync: handler },
    clock,
    newId: (prefix) => `${prefix}_${++ids}`,
    log: keptLog(),
    events: new Events(() => undefined),
    owner,
    leaseMs: 60_000,
    heartbeatMs: 20,
    pollMs: 20,
  });
  runners.push(made);
  return made;
}

/** Runs until told to end, or until its signal says so. */
function heldOpen(): { handler: JobHandler; started: Promise<void>; end: () => void } {
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const handler: JobHandler = async ({ signal }) => {
    started.resolve();
    signal.addEventListener("abort", () => ended.reject(signal.reason), { once: true });
    await ended.promise;
    return { counts: { done: 1 } };
  };
  return { handler, started: started.promise, end: () => ended.resolve() };
}

test("runs a job to its end and keeps what it came to", async () => {
  const jobs = runner("a", async ({ save }) => {
    await save({ progress: { done: 1, total: 2, phase: "halfway" } });
    return { counts: { created: 2 }, notes: ["fine"], next: "look" };
  });

  const { job } = await jobs.start("import", { source: "records" });
  const ended = await jobs.wait(job.job_id, 5_000);

  expect(ended).toMatchObject({
    status: "completed",
    args: { source: "records" },
    counts: { created: 2 },
    notes: ["fine"],
    progress: { done: 1, total: 2 },
    finished_at: expect.any(String),
  });
});

test("tells a failure in our own words and keeps foreign text out", async () => {
  const jobs = runner("a", () => Promise.reject(new Error("upstream secret")));

  const { job } = await jobs.start("import", {});
  const ended = await jobs.wait(job.job_id, 5_000);

  expect(ended.status).toBe("failed");
  expect(JSON.stringify(ended)).not.toContain("upstream secret");
});

test("names the code and the mend of an expected failure", async () => {
  const jobs = runner("a", () =>
    Promise.reject(new AppError("input", "Give a path.", { code: "NO_PATH" })),
  );

  const { job } = await jobs.start("import", {});
  const ended = await jobs.wait(job.job_id, 5_000);

  expect(ended).toMatchObject({
    status: "failed",
    errors: [{ code: "NO_PATH", message: "Give a path.", count: 1 }],
  });
});

test("runs one sync at a time and gives the running one to whoever asks for a second", async () => {
  const held = heldOpen();
  const jobs = runner("a", held.handler);
  const first = await jobs.start("sync", {});
  await held.started;

  const second = await jobs.start("sync", { emails: ["x"] });
  held.end();

  expect(second).toMatchObject({ alreadyRunning: true, job: { job_id: first.job.job_id } });
  expect(await jobs.wait(first.job.job_id, 5_000)).toMatchObject({ status: "completed" });
});

test("answers a wait that is over with the job as it is, without stopping it", async () => {
  const held = heldOpen();
  const jobs = runner("a", held.handler);
  const { job } = await jobs.start("import", {});
  await held.started;

  expect(await jobs.wait(job.job_id, 0)).toMatchObject({ status: "running" });

  const impatient = AbortSignal.abort();
  expect(await jobs.wait(job.job_id, 5_000, { signal: impatient })).toMatchObject({
    status: "running",
  });
  held.end();
  expect(await jobs.wait(job.job_id, 5_000)).toMatchObject({ status: "completed" });
});

test("stops a running job on request", async () => {
  const held = heldOpen();
  const jobs = runner("a", held.handler);
  const { job } = await jobs.start("import", {});
  await held.started;

  await jobs.cancel(job.job_id);

  expect(await jobs.wait(job.job_id, 5_000)).toMatchObject({ status: "cancelled" });
});

test("stops a job that another process runs, through the database", async () => {
  const held = heldOpen();
  const here = runner("a", held.handler);
  const there = runner("b", held.handler);
  const { job } = await here.start("import", {});
  await held.started;

  await there.cancel(job.job_id);

  expect(await there.wait(job.job_id, 5_000)).toMatchObject({ status: "cancelled" });
});

test("hands a job back with its checkpoint when the process stops, and another resumes it", async () => {
  const started = Promise.withResolvers<void>();
  const first = runner("a", async ({ save, signal }) => {
    await save({ checkpoint: "row 500", counts: { created: 500 } });
    started.resolve();
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    return {};
  });
  const { job } = await first.start("import", {});
  await started.promise;
  await first.stop();
  expect(await store.jobs.get(job.job_id)).toMatchObject({ status: "queued" });

  const second = runner("b", async ({ job: { checkpoint, counts } }) => ({
    counts: { ...counts, resumed: checkpoint === "row 500" ? 1 : 0 },
  }));
  second.watch();

  expect(await second.wait(job.job_id, 5_000)).toMatchObject({
    status: "completed",
    counts: { created: 500, resumed: 1 },
  });
});

test("takes over the job of a process that died, once its lease is over, and lets the dead one write no more", async () => {
  await store.jobs.create({ job_id: "import_dead", kind: "import", args: {}, now: clock.iso() });
  const lease_until = new Date(clock.now() + 60_000).toISOString();
  await store.jobs.claim({ owner: "dead", now: clock.iso(), lease_until });
  const jobs = runner("b", async () => ({ counts: { done: 1 } }));
  jobs.watch();
  expect(await jobs.wait("import_dead", 100)).toMatchObject({ status: "running" });

  clock.advance(61_000);

  expect(await jobs.wait("import_dead", 5_000)).toMatchObject({ status: "completed" });
  await expect(
    store.jobs.save("import_dead", "dead", { counts: { done: 9 } }),
  ).rejects.toMatchObject({ kind: "stale" });
});

test("a machine that slept through the lease goes on with the job, and does not begin it a second time", async () => {
  const held = heldOpen();
  let begun = 0;
  const jobs = runner("a", async (context) => {
    if (context.job.kind !== "import") return {};
    begun += 1;
    return held.handler(context);
  });
  const { job } = await jobs.start("import", {});
  await held.started;

  clock.advance(5 * 60_000);
  // Whoever takes this one has looked at all that may run.
  const { job: other } = await jobs.start("enrich", {});
  expect(await jobs.wait(other.job_id, 5_000)).toMatchObject({ status: "completed" });
  held.end();

  expect(await jobs.wait(job.job_id, 5_000)).toMatchObject({ status: "completed" });
  expect(begun).toBe(1);
});

test("refuses new work while it stops", async () => {
  const jobs = runner("a", async () => ({}));
  await jobs.stop();

  await expect(jobs.start("import", {})).rejects.toMatchObject({ kind: "unavailable" });
});

test("says plainly that a job does not exist", async () => {
  const jobs = runner("a", async () => ({}));

  await expect(jobs.wait("import_nope", 10)).rejects.toMatchObject({ kind: "not-found" });
  expect(await jobs.cancel("import_nope")).toBeNull();
});
