/** Fields that both sides changed and a person decides: one open conflict, kept true, decided by moving the base. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { movedBase, resolveField } from "../../mcp-server/src/core/resolution.ts";
import { mapsWith, type SyncScene, syncScene } from "./sync-scene.ts";

const maps = mapsWith({
  contacts: { city: { conflict_resolution: "MANUAL" } },
  customers: {
    company_name: { conflict_resolution: "MANUAL" },
    contact_phone: { conflict_resolution: "MANUAL" },
  },
});
const ADA = "ada@acme-robotics.com";

let scene: SyncScene;
let id: number;
beforeEach(async () => {
  scene = await syncScene({ maps });
  id = await scene.customer({
    ban: "B-1",
    company_name: "Acme",
    contact: { phone: "+4930901820" },
  });
  await scene.sync();
  scene.forget();
});
afterEach(() => scene.close());

const conflicts = async (status: "open" | "resolved" | "closed" = "open") =>
  (await scene.store.conflicts.list({ status }, { afterId: 0, limit: 100 })).conflicts;

/** Both sides name the company anew, HubSpot last. */
async function bothMove(): Promise<void> {
  scene.sql("update customers set company_name = 'Acme Ltd'");
  scene.editCompany("B-1", { name: "Acme Inc" }, { userId: 17 });
}

async function lookAgain() {
  await scene.look("customers", id);
  return scene.sync();
}

describe("a field that both sides changed", () => {
  test("opens one conflict with values, times and who, and writes to neither side", async () => {
    await bothMove();

    const job = await scene.sync();

    expect(job).toMatchObject({ status: "completed", counts: { conflicts: 1 } });
    expect(job.next).toContain("list-conflicts");
    expect(scene.writes()).toEqual([]);
    expect(await scene.local("B-1")).toMatchObject({ company_name: "Acme Ltd" });
    const [conflict, ...others] = await conflicts();
    expect(others).toEqual([]);
    expect(conflict).toMatchObject({
      object: "customers",
      local_id: id,
      field: "company_name",
      base: "Acme",
      local: "Acme Ltd",
      hubspot: "Acme Inc",
      local_by: "sql",
      hubspot_by: expect.stringContaining("user 17"),
      version: 1,
    });
    const [local, hubspot] = [conflict?.local_at, conflict?.hubspot_at].map((at) =>
      Date.parse(at ?? ""),
    );
    expect(Math.abs((local ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(Math.abs((hubspot ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test("keeps its conflict as it is, and says nothing new, while nothing moves", async () => {
    await bothMove();
    await scene.sync();
    const [before] = await conflicts();
    const logged = (await scene.history("customers", id)).length;

    await lookAgain();
    await lookAgain();

    expect(await conflicts()).toEqual([before]);
    expect(await scene.history("customers", id)).toHaveLength(logged);
  });

  test.each([
    ["here", () => scene.sql("update customers set company_name = 'Acme GmbH'"), "local"],
    ["in HubSpot", () => scene.editCompany("B-1", { name: "Acme GmbH" }), "hubspot"],
  ] as const)("has its conflict amended by a further edit %s", async (_where, edit, side) => {
    await bothMove();
    await scene.sync();
    const [before] = await conflicts();

    edit();
    await lookAgain();

    const [after, ...others] = await conflicts();
    expect(others).toEqual([]);
    expect(after).toMatchObject({
      conflict_id: before?.conflict_id,
      version: 2,
      [side]: "Acme GmbH",
    });
  });

  test("does not keep the record's other fields back", async () => {
    await bothMove();
    scene.sql("update customers set current_balance = 5");
    scene.editCompany("B-1", { warp_tier: "PREMIUM" });

    await scene.sync();

    expect(scene.sent()).toEqual([["warp_current_balance"]]);
    expect(await scene.local("B-1")).toMatchObject({ tier: "PREMIUM", company_name: "Acme Ltd" });
    expect(await conflicts()).toHaveLength(1);
  });

  test("is one conflict a field, each on its own", async () => {
    await bothMove();
    scene.sql("update customers set contact = json_set(contact, '$.phone', '+4930901821')");
    scene.editCompany("B-1", { phone: "+49 30 901822" });
    await scene.sync();
    expect((await conflicts()).map(({ field }) => field).sort()).toEqual([
      "company_name",
      "contact_phone",
    ]);

    scene.editCompany("B-1", { name: "Acme Ltd" });
    await lookAgain();

    expect((await conflicts()).map(({ field }) => field)).toEqual(["contact_phone"]);
  });
});

describe("an open conflict closes by itself", () => {
  test("when both sides come to agree", async () => {
    await bothMove();
    await scene.sync();
    scene.editCompany("B-1", { name: "Acme Ltd" });

    const job = await lookAgain();

    expect(job.counts).toEqual({ unchanged: 1 });
    expect(await conflicts()).toEqual([]);
    expect(await conflicts("closed")).toEqual([expect.objectContaining({ resolution: null })]);
    expect(await scene.base("customers", id)).toMatchObject({ company_name: "Acme Ltd" });
    expect(scene.rows("select * from change_log")).toEqual([]);
  });

  test("when one side takes its change back, and the other side's travels", async () => {
    await bothMove();
    await scene.sync();
    scene.sql("update customers set company_name = 'Acme'");

    await lookAgain();

    expect(await conflicts()).toEqual([]);
    expect(await scene.local("B-1")).toMatchObject({ company_name: "Acme Inc" });
  });

  test.each([
    ["decides it by a rule of its own", { conflict_resolution: "WARP_WINS" }],
    ["has the field no more", null],
  ] as const)("when the map %s", async (_how, change) => {
    await bothMove();
    await scene.sync();
    const other = await scene.process({ maps: mapsWith({ customers: { company_name: change } }) });

    await scene.look("customers", id);
    await other.sync();

    expect(await conflicts()).toEqual([]);
  });
});

describe("a decision", () => {
  /** Moves the base as the tools do, and marks the record. */
  async function decide(resolution: "keep_local" | "keep_hubspot"): Promise<void> {
    const [conflict] = await conflicts();
    const rule = maps.customers.rules.find(({ field }) => field === conflict?.field);
    if (!conflict || !rule) throw new Error("there is no open conflict");
    const decided = resolveField(rule, conflict, { resolution });
    if ("problem" in decided) throw new Error(decided.problem);
    await scene.store.transaction(async (store) => {
      const now = scene.clock.iso();
      const { conflict_id, version } = conflict;
      const end = { conflict_id, version, resolution, note: null, resolved_by: "test" };
      expect(await store.conflicts.resolve(end, now)).toBe(true);
      const [state] = await store.fieldStates.get("customers", [id]);
      const base = movedBase(state?.base ?? {}, "company_name", decided.base);
      await store.fieldStates.put([{ object: "customers", local_id: id, base, synced_at: now }]);
      const signal = { object: "customers", local_id: id, reason: "resolved" } as const;
      await store.queue.add([{ ...signal, due_at: now, urgent: true }]);
    });
  }

  beforeEach(async () => {
    await bothMove();
    await scene.sync();
    scene.forget();
  });

  test("for the local value sends it", async () => {
    await decide("keep_local");

    expect((await scene.sync()).counts).toEqual({ updated: 1 });

    expect(scene.company("B-1")["name"]).toBe("Acme Ltd");
    expect(await conflicts()).toEqual([]);
    expect(scene.rows("select * from change_log")).toEqual([]);
  });

  test("for HubSpot's value takes it over", async () => {
    await decide("keep_hubspot");

    expect((await scene.sync()).counts).toEqual({ pulled: 1 });

    expect(await scene.local("B-1")).toMatchObject({ company_name: "Acme Inc" });
    expect(scene.writes()).toEqual([]);
    expect(scene.rows("select * from change_log")).toEqual([]);
  });

  test("is overtaken by a newer edit on the side that gives way, which opens a conflict anew", async () => {
    await decide("keep_local");
    scene.editCompany("B-1", { name: "Acme GmbH" });

    await scene.sync();

    expect(scene.company("B-1")["name"]).toBe("Acme GmbH");
    expect(await conflicts()).toEqual([
      expect.objectContaining({ local: "Acme Ltd", hubspot: "Acme GmbH", version: 1 }),
    ]);
  });

  test("made while the record is being synced is kept", async () => {
    scene.sql("update customers set current_balance = 5");
    scene.whileWaitingFor("/companies/batch/update", () => decide("keep_local"));

    await scene.sync();

    expect(scene.company("B-1")).toMatchObject({ name: "Acme Ltd", warp_current_balance: "5" });
    expect(await conflicts()).toEqual([]);
    expect(await conflicts("resolved")).toHaveLength(1);
  });
});

describe("before the sides ever agreed", () => {
  test("two different values open a conflict without a base", async () => {
    scene.simulator.hubspot.seedContacts([{ email: ADA, city: "Bonn", jobtitle: "CTO" }]);
    const contact = await scene.contact(ADA, { city: "Berlin" });

    await scene.sync();

    expect(await conflicts()).toEqual([
      expect.objectContaining({
        object: "contacts",
        local_id: contact,
        field: "city",
        base: null,
        local: "Berlin",
        hubspot: "Bonn",
      }),
    ]);
    expect(await scene.one(ADA)).toMatchObject({ city: "Berlin", job_title: "CTO" });
    expect(scene.remote(ADA)["city"]).toBe("Bonn");
  });
});
