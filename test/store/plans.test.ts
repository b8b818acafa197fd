/** A previewed plan is carried out once, in time, and not at all after that. */
import { expect, test } from "vitest";
import type { PlannedDigest, StoredPlan } from "../../mcp-server/src/ports/plan-store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";

const plan: StoredPlan = {
  plan_id: "plan_1",
  kind: "sync",
  args: { object: "contacts", emails: ["zoë@example.com"], limit: 3, ids: null },
  map_version: "v1",
  created_at: NOW,
  expires_at: MUCH_LATER,
};

describeEachEngine("plans", (open, { empty, openAt }) => {
  test("are read without being used up, and taken once", async () => {
    const store = await open();
    await store.plans.add(plan);

    expect(await store.plans.find("plan_1", NOW)).toEqual({ kind: "taken", plan });
    expect(await store.plans.take("plan_1", LATER)).toEqual({ kind: "taken", plan });
    expect(await store.plans.take("plan_1", LATER)).toEqual({ kind: "used" });
    expect(await store.plans.find("plan_1", LATER)).toEqual({ kind: "used" });
  });

  test("of several that take one at once, one gets it", async () => {
    const url = await empty();
    const [one, other] = [await openAt(url), await openAt(url)];
    await one.plans.add(plan);

    const takes = await Promise.all(
      [one, other, one, other].map((store) => store.plans.take("plan_1", LATER)),
    );

    expect(takes.map((take) => take.kind).toSorted()).toEqual(["taken", "used", "used", "used"]);
  });

  test("taken in a transaction that fails can be taken again", async () => {
    const store = await open();
    await store.plans.add(plan);
    const failing = store.transaction(async (within) => {
      await within.plans.take("plan_1", LATER);
      throw new Error("roll back");
    });
    await expect(failing).rejects.toThrow("roll back");

    expect((await store.plans.take("plan_1", LATER)).kind).toBe("taken");
  });

  test("that expired or never were are told apart", async () => {
    const store = await open();
    await store.plans.add(plan);

    expect(await store.plans.take("plan_1", MUCH_LATER)).toEqual({ kind: "expired" });
    expect(await store.plans.find("plan_1", MUCH_LATER)).toEqual({ kind: "expired" });
    expect(await store.plans.take("plan_2", NOW)).toEqual({ kind: "unknown" });
    expect(await store.plans.find("plan_2", NOW)).toEqual({ kind: "unknown" });
  });

  test("keep their records, in pages of one kind by id; a record's last digest holds", async () => {
    const store = await open();
    const record = (local_id: number, digest: string, object = "contacts" as const) => ({
      object,
      local_id,
      digest,
    });
    await store.plans.add(plan);
    await store.plans.add({ ...plan, plan_id: "plan_2" });
    await store.plans.addRecords("plan_1", [record(3, "c"), record(1, "a"), record(1, "a2")]);
    const customer: PlannedDigest = { object: "customers", local_id: 1, digest: "x" };
    await store.plans.addRecords("plan_1", [record(2, "b"), record(3, "c2"), customer]);
    await store.plans.addRecords("plan_2", [record(1, "other")]);

    const first = await store.plans.records("plan_1", { object: "contacts", afterId: 0, limit: 2 });
    const rest = await store.plans.records("plan_1", { object: "contacts", afterId: 2, limit: 2 });

    expect([...first, ...rest]).toEqual([record(1, "a2"), record(2, "b"), record(3, "c2")]);
    expect(
      await store.plans.records("plan_1", { object: "customers", afterId: 0, limit: 2 }),
    ).toEqual([customer]);
  });
});
