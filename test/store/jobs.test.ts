/** Jobs belong to whoever leased them last, and to nobody else. */
import { expect, test } from "vitest";
import type { JobKind } from "../../mcp-server/src/core/job.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";

describeEachEngine("jobs", (open) => {
  test("a new job waits, with nothing done", async () => {
    const store = await open();

    const job = await queue(store, "job_1", "import");

    expect(job).toEqual({
      job_id: "job_1",
      kind: "import",
      status: "queued",
      args: { path: "x.csv" },
      progress: { done: 0, total: null, phase: "waiting" },
      counts: {},
      errors: [],
      notes: [],
      result: null,
      next: null,
      created_at: NOW,
      started_at: null,
      finished_at: null,
    });
    expect(await store.jobs.get("job_1")).toEqual(job);
    expect(await store.jobs.get("job_2")).toBeNull();
  });

  test("lists the newest first, as many as asked for", async () => {
    const store = await open();
    await queue(store, "job_1", "import", NOW);
    await queue(store, "job_3", "import", LATER);
    await queue(store, "job_2", "import", LATER);

    expect((await store.jobs.list(2)).map((job) => job.job_id)).toEqual(["job_3", "job_2"]);
  });

  test("the active job of a kind is its oldest unfinished one", async () => {
    const store = await open();
    expect(await store.jobs.active("sync")).toBeNull();
    await queue(store, "job_1", "import", NOW);
    await queue(store, "job_3", "sync", LATER);
    await queue(store, "job_2", "sync", NOW);

    expect((await store.jobs.active("sync"))?.job_id).toBe("job_2");
    await claim(store, { jobId: "job_2" });
    expect((await store.jobs.active("sync"))?.job_id).toBe("job_2");
    await store.jobs.finish("job_2", "me", { status: "completed", now: LATER });
    expect((await store.jobs.active("sync"))?.job_id).toBe("job_3");
  });

  test("a job that is to be alone is queued once, until it has ended", async () => {
    const store = await open();
    const ask = (job_id: string, kind: JobKind = "sync") =>
      store.jobs.createAlone({ job_id, kind, args: { mode: job_id }, now: NOW });

    const first = await ask("job_1");
    const second = await ask("job_2");
    const other = await ask("job_3", "enrich");
    await claim(store, { jobId: "job_1" });
    const third = await ask("job_4");
    await store.jobs.finish("job_1", "me", { status: "completed", now: LATER });
    const fourth = await ask("job_5");

    expect([first, second, other, third, fourth].map((job) => job.job_id)).toEqual([
      "job_1",
      "job_1",
      "job_3",
      "job_1",
      "job_5",
    ]);
    expect(second.args).toEqual({ mode: "job_1" });
  });

  test("a claim takes the oldest queued job and starts it", async () => {
    const store = await open();
    await queue(store, "job_2", "enrich", LATER);
    await queue(store, "job_1", "import", NOW);

    const job = await claim(store);

    expect(job).toMatchObject({
      job_id: "job_1",
      status: "running",
      started_at: NOW,
      checkpoint: null,
      cancel_requested: false,
    });
  });

  test("a kind that a live lease holds is passed over, another kind is not", async () => {
    const store = await open();
    await queue(store, "job_1", "import");
    await queue(store, "job_2", "import");
    await queue(store, "job_3", "sync");
    await claim(store);

    expect((await claim(store, { owner: "other" }))?.job_id).toBe("job_3");
    expect(await claim(store, { owner: "other" })).toBeNull();
    expect(await claim(store, { owner: "other", jobId: "job_2" })).toBeNull();
  });

  test("a job whose lease ran out is taken over with its checkpoint and its first start", async () => {
    const store = await open();
    await queue(store, "job_1", "import");
    await claim(store, { owner: "dead" });
    await store.jobs.save("job_1", "dead", { checkpoint: "row 7" });

    expect(await claim(store, { owner: "heir", now: NOW })).toBeNull();
    const job = await claim(store, { owner: "heir", now: LATER, lease_until: MUCH_LATER });

    expect(job).toMatchObject({ job_id: "job_1", checkpoint: "row 7", started_at: NOW });
    await expect(store.jobs.save("job_1", "dead", { checkpoint: "row 3" })).rejects.toMatchObject({
      kind: "stale",
    });
    await expect(
      store.jobs.finish("job_1", "dead", { status: "failed", now: LATER }),
    ).rejects.toMatchObject({ kind: "stale" });
    expect(await store.jobs.heartbeat("job_1", "dead", MUCH_LATER)).toEqual({
      held: false,
      cancel_requested: false,
    });
    await store.jobs.release("job_1", "dead");
    expect((await store.jobs.get("job_1"))?.status).toBe("running");
  });

  test("a heartbeat keeps the job from being taken over", async () => {
    const store = await open();
    await queue(store, "job_1", "import");
    await claim(store);

    expect(await store.jobs.heartbeat("job_1", "me", MUCH_LATER)).toEqual({
      held: true,
      cancel_requested: false,
    });

    expect(await claim(store, { owner: "other", now: LATER })).toBeNull();
  });

  test("saving keeps what the patch leaves out", async () => {
    const store = await open();
    await queue(store, "job_1", "import");
    await claim(store);

    await store.jobs.save("job_1", "me", {
      progress: { done: 5, total: 10, phase: "reading rows" },
      counts: { created: 5 },
      notes: ["a note"],
      errors: [{ code: "C", message: "m", count: 1, examples: ["row 3"] }],
      result: { preview: [1] },
      next: "look",
    });
    await store.jobs.save("job_1", "me", { counts: { created: 6 }, result: null });
    await store.jobs.save("job_1", "me", {});

    expect(await store.jobs.get("job_1")).toMatchObject({
      progress: { done: 5, total: 10, phase: "reading rows" },
      counts: { created: 6 },
      notes: ["a note"],
      errors: [{ code: "C", message: "m", count: 1, examples: ["row 3"] }],
      result: null,
      next: "look",
    });
  });

  test("what is saved in a transaction that fails is not saved", async () => {
    const store = await open();
    await queue(store, "job_1", "import");
    await claim(store);

    const working = store.transaction(async (within) => {
      await within.jobs.save("job_1", "me", { counts: { created: 1 } });
      throw new Error("crash");
    });

    await expect(working).rejects.toThrow("crash");
    expect((await store.jobs.get("job_1"))?.counts).toEqual({});
  });

  test("a finished job keeps its end and is not claimed, saved or cancelled any more", async () => {
    const store = await open();
    await queue(store, "job_1", "import");
    await claim(store);

    await store.jobs.finish("job_1", "me", {
      status: "completed",
      now: LATER,
      counts: { created: 2 },
    });

    const ended = { status: "completed", finished_at: LATER, counts: { created: 2 } };
    expect(await store.jobs.get("job_1")).toMatchObject(ended);
    expect(await claim(store, { now: MUCH_LATER })).toBeNull();
    expect(await store.jobs.requestCancel("job_1", MUCH_LATER)).toMatchObject(ended);
    await expect(store.jobs.save("job_1", "me", { next: "x" })).rejects.toMatchObject({
      kind: "stale",
    });
  });

  test("a released job goes back to the queue with its checkpoint", async () => {
    const store = await open();
    await queue(store, "job_1", "import");
    await claim(store);
    await store.jobs.save("job_1", "me", { checkpoint: "row 7" });

    await store.jobs.release("job_1", "me");

    expect((await store.jobs.get("job_1"))?.status).toBe("queued");
    expect((await claim(store, { owner: "other" }))?.checkpoint).toBe("row 7");
  });

  test("cancelling ends a queued job at once and asks a running one to stop", async () => {
    const store = await open();
    await queue(store, "job_1", "import");
    await queue(store, "job_2", "import");
    await claim(store, { jobId: "job_1" });

    expect(await store.jobs.requestCancel("job_1", LATER)).toMatchObject({
      status: "running",
      finished_at: null,
    });
    expect(await store.jobs.requestCancel("job_2", LATER)).toMatchObject({
      status: "cancelled",
      finished_at: LATER,
    });
    expect(await store.jobs.requestCancel("job_9", LATER)).toBeNull();

    expect(await store.jobs.heartbeat("job_1", "me", LATER)).toEqual({
      held: true,
      cancel_requested: true,
    });
    const heir = await claim(store, { owner: "heir", now: LATER, lease_until: MUCH_LATER });
    expect(heir).toMatchObject({ job_id: "job_1", cancel_requested: true });
  });
});

function queue(store: Store, jobId: string, kind: JobKind, now = NOW) {
  return store.jobs.create({ job_id: jobId, kind, args: { path: "x.csv" }, now });
}

function claim(
  store: Store,
  take: Partial<Parameters<Store["jobs"]["claim"]>[0]> = {},
): ReturnType<Store["jobs"]["claim"]> {
  return store.jobs.claim({ owner: "me", now: NOW, lease_until: LATER, ...take });
}
