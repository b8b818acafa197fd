/** What is old goes in pieces; what waits, what is open and what still tells something stays. */
import { expect, test } from "vitest";
import type { KeptKind } from "../../mcp-server/src/ports/retention-store.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import type { SyncLogEntry } from "../../mcp-server/src/ports/sync-store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";

describeEachEngine("what is old", (open) => {
  test("notifications that were processed go, those that wait never", async () => {
    const store = await open();
    await store.inbox.add(["1", "2", "3", "4"].map(notification), NOW);
    const [one, two, three] = (await store.inbox.take(3)).map(({ id }) => id);
    await settle(store, [one, two], NOW);
    await settle(store, [three], MUCH_LATER);

    expect(await prune(store, "events", LATER, { limit: 1 })).toMatchObject({
      forgotten: 1,
      more: true,
    });
    expect(await prune(store, "events", LATER)).toMatchObject({ forgotten: 1, more: false });
    expect(await prune(store, "events", LATER)).toMatchObject({ forgotten: 0, more: false });
    expect(await store.inbox.outcomesSince(NOW)).toEqual({ ignored: 1 });
    expect(await store.inbox.depth(9)).toEqual({ waiting: 1, oldest_at: NOW });
  });

  test("of the log what a newer row says as well goes, piece by piece", async () => {
    const store = await open();
    await store.syncLog.add([
      row(1, { action: "create", fields: ["email", "phone"] }),
      row(2, { action: "create", fields: ["email"] }),
      row(1, { fields: ["phone"] }),
      row(1, { fields: ["email"], outcome: "failed" }),
      row(1, { fields: [], action: "none", outcome: "failed" }),
      row(1, { fields: ["email", "phone"], created_at: LATER }),
      row(2, { fields: ["email"], created_at: MUCH_LATER }),
    ]);

    const walk = await pruneAll(store, "log", MUCH_LATER, 2);

    expect(walk).toEqual({ forgotten: 5, pieces: 4 });
    expect(await logged(store, 1)).toEqual(["update email phone"]);
    // Its update is young, and what that says as well is not needed any more.
    expect(await logged(store, 2)).toEqual(["update email"]);
  });

  test("of the log an earlier piece's leavings go once they tell nothing more", async () => {
    const store = await open();
    await store.syncLog.add([row(1, { action: "create", fields: ["email"] })]);
    const first = await prune(store, "log", LATER);
    await store.syncLog.add([row(1, { fields: ["email"], created_at: LATER })]);

    const second = await prune(store, "log", MUCH_LATER, { afterId: first.at });

    expect([first.forgotten, second.forgotten]).toEqual([0, 1]);
    expect(await logged(store, 1)).toEqual(["update email"]);
  });

  test("of the log intents and last notes stay, whoever they are about", async () => {
    const store = await open();
    const note = (marker: string, outcome: SyncLogEntry["outcome"]) =>
      row(1, { action: "note", fields: [], marker, outcome });
    await store.syncLog.add([
      note("m1", "done"),
      note("m2", "unknown"),
      note("m3", "done"),
      row(1, { fields: ["email"], outcome: "intent" }),
      row(1, { fields: ["email"] }),
      row(1, { fields: ["email"] }),
    ]);

    await pruneAll(store, "log", MUCH_LATER, 3);

    expect((await store.syncLog.byMarkers(["m1", "m2", "m3"])).map((r) => r.marker)).toEqual([
      "m2",
      "m3",
    ]);
    expect((await store.syncLog.forRecord("contacts", 1, 9)).map((r) => r.outcome)).toEqual([
      "done",
      "intent",
      "done",
      "unknown",
    ]);
  });

  test("of the log records of other kinds with the same number are others", async () => {
    const store = await open();
    await store.syncLog.add([
      row(1, { object: "customers", fields: ["email"] }),
      row(1, { fields: ["email"] }),
    ]);

    expect(await pruneAll(store, "log", MUCH_LATER, 9)).toMatchObject({ forgotten: 0 });
  });

  test("conflicts that ended go, open ones never", async () => {
    const store = await open();
    const conflict = (local_id: number) => ({
      object: "contacts" as const,
      local_id,
      field: "phone",
      base: null,
      local: "+1",
      hubspot: "+2",
      local_at: null,
      local_by: null,
      hubspot_at: null,
      hubspot_by: null,
    });
    await store.conflicts.open([1, 2, 3].map(conflict), NOW);
    const closed = (local_id: number) => [{ local_id, field: "phone" }];
    await store.conflicts.closeAgreed("contacts", closed(1), NOW);
    await store.conflicts.closeAgreed("contacts", closed(3), MUCH_LATER);

    expect(await pruneAll(store, "conflicts", LATER, 1)).toMatchObject({ forgotten: 1 });
    const page = { afterId: 0, limit: 9 };
    const open_ = await store.conflicts.list({ status: "open" }, page);
    const ended = await store.conflicts.list({ status: "closed" }, page);
    expect(open_.conflicts.map(({ local_id }) => local_id)).toEqual([2]);
    expect(ended.conflicts.map(({ local_id }) => local_id)).toEqual([3]);
  });

  test("jobs that ended go with the rows they rejected, after these", async () => {
    const store = await open();
    for (const id of ["old", "young", "running"]) await queueJob(store, id);
    await finishJob(store, "old", NOW);
    await finishJob(store, "young", MUCH_LATER);
    await store.rejects.add("old", [1, 2, 3].map(reject), NOW);
    await store.rejects.add("running", [1].map(reject), NOW);

    const first = await prune(store, "jobs", LATER, { limit: 2 });
    expect(first).toMatchObject({ forgotten: 2, more: true });
    expect(await store.jobs.get("old")).not.toBeNull();
    await pruneAll(store, "jobs", LATER, 2);

    expect(await store.jobs.get("old")).toBeNull();
    expect(await store.rejects.list("old", 0, 9)).toEqual([]);
    expect(await store.rejects.list("running", 0, 9)).toHaveLength(1);
    expect((await store.jobs.list(9)).map((job) => job.job_id).toSorted()).toEqual([
      "running",
      "young",
    ]);
  });

  test("expired plans go with their records, after these", async () => {
    const store = await open();
    for (const [plan_id, expires_at] of [
      ["old", NOW],
      ["young", MUCH_LATER],
    ] as const) {
      const about = { kind: "sync" as const, args: {}, map_version: "v1", created_at: NOW };
      await store.plans.add({ plan_id, expires_at, ...about });
      await store.plans.addRecords(plan_id, [1, 2, 3].map(planned));
    }

    expect(await prune(store, "plans", LATER, { limit: 2 })).toMatchObject({
      forgotten: 2,
      more: true,
    });
    await pruneAll(store, "plans", LATER, 2);

    const page = { object: "contacts", afterId: 0, limit: 5 } as const;
    expect(await store.plans.find("old", NOW)).toEqual({ kind: "unknown" });
    expect(await store.plans.records("old", page)).toEqual([]);
    expect(await store.plans.records("young", page)).toHaveLength(3);
  });

  test("of reconciliations the newest are told of, however old they are", async () => {
    const store = await open();
    const report = (run_id: string, started_at: string) =>
      store.reports.put({
        run_id,
        object: "contacts",
        started_at,
        finished_at: null,
        counts: {},
        report: null,
      });
    for (let n = 10; n < 55; n += 1) await report(`run_${n}`, `2026-01-01T00:00:${n}.000Z`);

    expect(await prune(store, "reports", LATER)).toMatchObject({ forgotten: 5 });

    const left = await store.reports.list(99);
    expect(left).toHaveLength(40);
    expect(left.at(-1)?.run_id).toBe("run_15");
  });

  test("answers and leases go once their time is over", async () => {
    const store = await open();
    const entries = [{ key: "acme.com", data: { name: "Acme" } }];
    await store.cache.put("company", entries, { now: NOW, expires_at: NOW });
    await store.cache.put("contact", entries, { now: NOW, expires_at: MUCH_LATER });
    await store.leases.take("old", "a", { now: NOW, until: NOW });
    await store.leases.take("young", "a", { now: NOW, until: MUCH_LATER });

    for (const kind of ["cache", "leases"] as const)
      expect(await prune(store, kind, LATER)).toMatchObject({ forgotten: 1, more: false });

    expect((await store.cache.get("contact", ["acme.com"], NOW)).size).toBe(1);
    expect(await store.leases.take("young", "b", { now: LATER, until: LATER })).toBe(false);
  });
});

function prune(
  store: Store,
  kind: KeptKind,
  before: string,
  { limit = 100, afterId = 0 }: { readonly limit?: number; readonly afterId?: number } = {},
) {
  return store.transaction((within) => within.retention[kind]({ before, afterId, limit }));
}

async function pruneAll(store: Store, kind: KeptKind, before: string, limit: number) {
  let [forgotten, pieces, at] = [0, 0, 0];
  for (;;) {
    const piece = await prune(store, kind, before, { limit, afterId: at });
    pieces += 1;
    forgotten += piece.forgotten;
    at = piece.at;
    if (!piece.more) return { forgotten, pieces };
  }
}

type GivenRow = Partial<Omit<SyncLogEntry, "fields">> & { readonly fields: readonly string[] };

function row(local_id: number, { fields, ...given }: GivenRow): Omit<SyncLogEntry, "id"> {
  return {
    run_id: "run",
    object: "contacts",
    local_id,
    hubspot_id: null,
    action: "update",
    outcome: "done",
    marker: null,
    error: null,
    created_at: NOW,
    finished_at: NOW,
    ...given,
    fields: fields.map((field) => ({ field, before: null, after: "x", rule: "r" })),
  };
}

async function logged(store: Store, localId: number): Promise<readonly string[]> {
  const rows = await store.syncLog.forRecord("contacts", localId, 99);
  return rows.map(({ action, fields }) => [action, ...fields.map((one) => one.field)].join(" "));
}

function notification(event_id: string) {
  return {
    event_id,
    subscription_type: "contact.propertyChange",
    object: "contacts",
    object_id: "1",
    occurred_at: NOW,
    payload: "{}",
    error: null,
  };
}

async function settle(store: Store, ids: readonly (number | undefined)[], at: string) {
  await store.inbox.settle(
    ids.map((id) => ({ id: id ?? 0, outcome: "ignored" })),
    at,
  );
}

async function queueJob(store: Store, job_id: string): Promise<void> {
  await store.jobs.create({ job_id, kind: "import", args: {}, now: NOW });
}

async function finishJob(store: Store, jobId: string, now: string): Promise<void> {
  await store.jobs.claim({ jobId, owner: "me", now: NOW, lease_until: LATER });
  await store.jobs.finish(jobId, "me", { status: "completed", now });
}

function reject(number: number) {
  const rejection = { code: "INVALID_EMAIL" as const, message: "no", field: "email" };
  return { row: number, raw: { email: "x" }, rejection };
}

function planned(local_id: number) {
  return { object: "contacts" as const, local_id, digest: "d" };
}
