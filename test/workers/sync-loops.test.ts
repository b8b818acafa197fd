/** Fields that go to and fro are frozen for a person to decide: nobody's workflow and nobody's program makes us write for ever. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BAN, fight, openConflicts, program, workflow } from "./loop-scene.ts";
import { type SyncScene, syncScene } from "./sync-scene.ts";

const LIMIT = 5;

let scene: SyncScene;
let id: number;
beforeEach(async () => {
  scene = await syncScene({ maxFlipsPerHour: LIMIT });
  id = await scene.customer({ ban: BAN, company_name: "Acme", status: "ACTIVE", tier: "BASIC" });
  await scene.sync();
});
afterEach(() => scene.close());

const lookAgain = async () => {
  await scene.look("customers", id);
  return await scene.sync({ queued_only: true });
};

describe("a one-way field that a workflow in HubSpot keeps changing", () => {
  const insist = () => workflow(scene, "warp_status", "CLOSED")();

  test("is restored as often as it may be within an hour, and then waits as a loop with its history", async () => {
    const writes = await fight(scene, id, { rounds: 12, insist });

    expect(writes).toBe(LIMIT);
    expect(scene.company(BAN)).toMatchObject({ warp_status: "CLOSED" });
    const [conflict, ...others] = await openConflicts(scene);
    expect(others).toEqual([]);
    expect(conflict).toMatchObject({
      reason: "loop",
      field: "status",
      local: "ACTIVE",
      hubspot: "CLOSED",
      hubspot_by: expect.stringContaining("user 99"),
      version: 1,
    });
    const history = conflict?.history ?? [];
    expect(history.map(({ side, value }) => `${side} ${value}`)).toEqual(
      Array.from({ length: LIMIT }, () => ["hubspot CLOSED", "local ACTIVE"]).flat(),
    );
    // The last one but one is told by HubSpot's clock, which does not advance with ours here.
    const times = history.slice(0, -2).map(({ at }) => at);
    expect(times).toEqual([...times].sort());
    expect(history.at(-2)?.by).toContain("user 99");
    expect(await scene.store.conflicts.countOpen("loop")).toBe(1);
  });

  test("is told of once in the log, with the value that would have given way", async () => {
    await fight(scene, id, { rounds: 12, insist });

    const told = (await scene.history("customers", id)).filter(
      ({ action }) => action === "conflict",
    );

    expect(told).toMatchObject([
      { fields: [{ field: "status", rule: "LOOP_BREAKER", before: "ACTIVE", after: "CLOSED" }] },
    ]);
  });

  test("keeps no other field of its record back", async () => {
    await fight(scene, id, { rounds: 8, insist });
    scene.sql("update customers set current_balance = 7");
    scene.editCompany(BAN, { warp_tier: "PREMIUM" });

    const job = await lookAgain();

    expect(job.counts).toMatchObject({ updated: 1, conflicts: 1 });
    expect(scene.company(BAN)).toMatchObject({
      warp_current_balance: "7",
      warp_status: "CLOSED",
    });
    expect(await scene.local(BAN)).toMatchObject({ tier: "PREMIUM" });
  });

  test("stays frozen when hours have passed and whatever HubSpot makes of it, which amends its conflict", async () => {
    await fight(scene, id, { rounds: 8, insist });
    scene.clock.advance(48 * 3_600_000);
    scene.editCompany(BAN, { warp_status: "TRIAL" }, { userId: 7 });
    scene.forget();

    await lookAgain();

    expect(scene.writes()).toEqual([]);
    expect(await openConflicts(scene)).toMatchObject([
      { hubspot: "TRIAL", version: 2, hubspot_by: expect.stringContaining("user 7") },
    ]);
    expect((await openConflicts(scene))[0]?.history).toHaveLength(10);
  });

  test("does not make its conflict stale by moving here, and costs no further log row", async () => {
    await fight(scene, id, { rounds: 8, insist });
    const rows = (await scene.history("customers", id)).length;

    for (const status of ["TRIAL", "SUSPENDED"]) {
      scene.sql("update customers set status = ?", status);
      await lookAgain();
    }

    expect(await openConflicts(scene)).toMatchObject([{ version: 1, local: "ACTIVE" }]);
    expect(await scene.history("customers", id)).toHaveLength(rows);
  });

  test("closes by itself when both sides agree, and flows again", async () => {
    await fight(scene, id, { rounds: 8, insist });
    scene.editCompany(BAN, { warp_status: "ACTIVE" });

    await lookAgain();
    scene.clock.advance(3_600_000);
    scene.sql("update customers set status = 'TRIAL'");
    await lookAgain();

    expect(await openConflicts(scene)).toEqual([]);
    expect(scene.company(BAN)).toMatchObject({ warp_status: "TRIAL" });
  });

  test("is shown by a dry run as it will be, which then carries out exactly that", async () => {
    await fight(scene, id, { rounds: LIMIT, insist });
    insist();
    await scene.look("customers", id);

    const preview = await scene.sync({ dry_run: true, queued_only: true });

    expect(preview.counts).toMatchObject({ would_conflict: 1 });
    expect(preview.result).toMatchObject({
      records: [{ hubspot_changes: [], conflicts: [{ field: "status", rule: "LOOP_BREAKER" }] }],
    });
    expect(await openConflicts(scene)).toEqual([]);
    const { plan_id } = preview.result as { plan_id: string };
    const applied = await scene.sync({ plan_id, queued_only: true });
    expect(applied).toMatchObject({ status: "completed", counts: { conflicts: 1 } });
    expect(await openConflicts(scene)).toMatchObject([{ reason: "loop" }]);
  });

  test("is never stopped where the breaker is off", async () => {
    const unbounded = await scene.process({ maxFlipsPerHour: 0 });

    const writes = await fight(scene, id, { rounds: 12, insist, by: [unbounded] });

    expect(writes).toBe(12);
    expect(await openConflicts(scene)).toEqual([]);
  });

  test("is not stopped when it is restored seldom enough", async () => {
    scene.forget();
    for (let round = 0; round < 12; round += 1) {
      insist();
      await lookAgain();
      scene.clock.advance(13 * 60_000);
    }

    expect(scene.sent()).toHaveLength(12);
    expect(await openConflicts(scene)).toEqual([]);
  });

  test("is stopped by two processes that take turns as by one", async () => {
    const other = await scene.process({ maxFlipsPerHour: LIMIT });

    const writes = await fight(scene, id, { rounds: 12, insist, by: [scene, other] });

    expect(writes).toBe(LIMIT);
    expect(await openConflicts(scene)).toHaveLength(1);
  });
});

describe("a frozen field", () => {
  const insist = () => workflow(scene, "warp_status", "CLOSED")();

  test("is nothing that a reconciliation repairs, night after night", async () => {
    await fight(scene, id, { rounds: 8, insist });
    scene.forget();

    const first = await scene.sync({ mode: "reconcile" });
    const second = await scene.sync({ mode: "reconcile" });

    for (const { status, counts } of [first, second]) {
      expect(status).toBe("completed");
      expect(counts).toMatchObject({ waiting: 1, different: 0 });
    }
    expect(scene.writes()).toEqual([]);
    expect(await openConflicts(scene)).toMatchObject([{ version: 1 }]);
  });

  test("is looked at without asking HubSpot for times again and again", async () => {
    await fight(scene, id, { rounds: 8, insist });
    scene.sql("update customers set status = 'TRIAL'");
    scene.forget();

    await lookAgain();

    expect(scene.requests().filter((path) => path.endsWith("/batch/read"))).toHaveLength(1);
  });
});

describe("what is no loop:", () => {
  test("a balance that only this side moves, however often", async () => {
    let balance = 0;
    const insist = () => scene.sql("update customers set current_balance = ?", ++balance);

    expect(await fight(scene, id, { rounds: 20, insist })).toBe(20);
    expect(await openConflicts(scene)).toEqual([]);
  });

  test.each([
    ["here", (n: number) => scene.sql("update customers set company_name = ?", `Acme ${n}`)],
    ["in HubSpot", (n: number) => scene.editCompany(BAN, { name: `Acme ${n}` })],
  ])("many edits of a two-way field %s", async (_where, edit) => {
    let count = 0;

    await fight(scene, id, { rounds: 12, insist: () => edit(++count) });

    expect(scene.company(BAN)).toMatchObject({ name: "Acme 12" });
    expect(await scene.local(BAN)).toMatchObject({ company_name: "Acme 12" });
    expect(await openConflicts(scene)).toEqual([]);
  });
});

describe("a two-way field that a workflow and a local program fight about", () => {
  const insist = () => {
    program(scene, "company_name", "Acme")();
    workflow(scene, "name", "ACME")();
  };

  test("is frozen after a bounded number of writes, each side with its own value", async () => {
    const writes = await fight(scene, id, { rounds: 20, insist });

    expect(writes).toBeLessThanOrEqual(LIMIT + 1);
    expect(await scene.local(BAN)).toMatchObject({ company_name: "Acme" });
    expect(scene.company(BAN)).toMatchObject({ name: "ACME" });
    const [conflict] = await openConflicts(scene);
    expect(conflict).toMatchObject({ reason: "loop", local: "Acme", hubspot: "ACME" });
    expect(new Set(conflict?.history?.map(({ side, value }) => `${side} ${value}`))).toEqual(
      new Set(["local Acme", "hubspot ACME"]),
    );
  });

  test("shows both moves in its conflict, and a newer one as a newer version", async () => {
    await fight(scene, id, { rounds: 20, insist });
    const [before] = await openConflicts(scene);
    scene.sql("update customers set company_name = 'Acme Ltd'");

    await lookAgain();

    const [after] = await openConflicts(scene);
    expect(after).toMatchObject({ local: "Acme Ltd", history: before?.history });
    expect(after?.version).toBe((before?.version ?? 0) + 1);
  });
});

describe("a field that only flows from HubSpot and that a local program keeps changing", () => {
  test("is taken over as often as it may be, and then waits", async () => {
    scene.editCompany(BAN, { warp_tier: "PREMIUM" });
    const insist = program(scene, "tier", "BASIC");

    const writes = await fight(scene, id, { rounds: 12, insist });

    expect(writes).toBe(0);
    expect(await scene.local(BAN)).toMatchObject({ tier: "BASIC" });
    expect(await openConflicts(scene)).toMatchObject([
      { reason: "loop", field: "tier", local: "BASIC", hubspot: "PREMIUM", local_by: "sql" },
    ]);
    const pulls = (await scene.history("customers", id)).filter(({ action }) => action === "pull");
    expect(pulls).toHaveLength(LIMIT);
  });
});
