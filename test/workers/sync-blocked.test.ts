/** Values that should travel and may not: told once, remembered, told again when they change, gone when mended. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mapsWith, type SyncScene, syncScene } from "./sync-scene.ts";

let scene: SyncScene;
let id: number;
beforeEach(async () => {
  scene = await syncScene();
  id = await scene.customer({
    ban: "B-1",
    company_name: "Acme",
    status: "ACTIVE",
    contact: { email: "ada@acme.com" },
  });
  await scene.sync();
  scene.forget();
});
afterEach(() => scene.close());

const blocked = async () =>
  (await scene.history("customers", id))
    .filter(({ action }) => action === "blocked")
    .flatMap(({ fields, outcome }) => fields.map((field) => ({ ...field, outcome })));

async function lookAgain() {
  await scene.look("customers", id);
  return scene.sync();
}

describe("a local value that the map does not allow", () => {
  beforeEach(() => scene.sql("update customers set status = 'PAUSED'"));

  test("stays here, is counted, and stands in the log with the reason", async () => {
    const job = await scene.sync();

    expect(job).toMatchObject({ status: "completed", counts: { blocked: 1 }, errors: [] });
    expect(scene.writes()).toEqual([]);
    expect(scene.company("B-1")["warp_status"]).toBe("ACTIVE");
    expect(await blocked()).toEqual([
      {
        field: "status",
        before: "ACTIVE",
        after: "PAUSED",
        rule: expect.stringContaining("enum_values"),
        outcome: "rejected",
      },
    ]);
  });

  test("is shown by a dry run", async () => {
    const { counts, result } = await scene.sync({ dry_run: true });

    expect(counts).toEqual({ would_blocked: 1 });
    expect(result).toMatchObject({
      records: [{ hubspot_changes: [], blocked: [{ field: "status", after: "PAUSED" }] }],
    });
  });

  test("is told once, however often the record is looked at", async () => {
    await scene.sync();
    await lookAgain();
    const job = await lookAgain();

    expect(job.counts).toEqual({ blocked: 1 });
    expect(await blocked()).toHaveLength(1);
  });

  test("is told again when it changes to another one that may not travel", async () => {
    await scene.sync();
    scene.sql("update customers set status = 'ASLEEP'");
    await scene.sync();

    expect((await blocked()).map(({ after }) => after)).toEqual(["ASLEEP", "PAUSED"]);
  });

  test("does not keep the record's other fields back", async () => {
    scene.sql("update customers set company_name = 'Acme Ltd'");

    expect((await scene.sync()).counts).toEqual({ updated: 1, blocked: 1 });

    expect(scene.sent()).toEqual([["name"]]);
    expect(await blocked()).toHaveLength(1);
  });

  test("travels once it is mended, and a later one is news again", async () => {
    await scene.sync();
    scene.sql("update customers set status = 'suspended'");
    await scene.sync();
    expect(scene.company("B-1")["warp_status"]).toBe("SUSPENDED");
    expect(Object.keys(await scene.base("customers", id))).not.toContain("status@blocked");

    scene.sql("update customers set status = 'PAUSED'");
    await scene.sync();

    expect(await blocked()).toHaveLength(2);
  });

  test("keeps its pending change until it has travelled", async () => {
    await scene.sync();
    expect(scene.rows("select field from change_log")).toEqual([{ field: "status" }]);

    scene.sql("update customers set status = 'TRIAL'");
    await scene.sync();

    expect(scene.rows("select field from change_log")).toEqual([]);
  });
});

test("a value of HubSpot's that the map does not allow stays there, and is told once", async () => {
  const asText = { label: "Tier", type: "string", field_type: "text" };
  const maps = mapsWith({ customers: { tier: { create_property: asText } } });
  await scene.close();
  scene = await syncScene({ maps });
  id = await scene.customer({ ban: "B-1", company_name: "Acme" });
  await scene.sync();
  scene.editCompany("B-1", { warp_tier: "Gold" });

  const job = await lookAgain();
  await lookAgain();

  expect(job.counts).toEqual({ blocked: 1 });
  expect((await scene.local("B-1"))?.tier).toBeNull();
  expect(await blocked()).toHaveLength(1);
  scene.editCompany("B-1", { warp_tier: "premium" });
  await lookAgain();
  expect((await scene.local("B-1"))?.tier).toBe("PREMIUM");
});

test("an emptied value does not travel where the map does not say so, in neither direction", async () => {
  scene.sql("update customers set company_name = null");
  scene.editCompany("B-1", { warp_contact_email: "" });

  await scene.sync();

  expect(scene.company("B-1")["name"]).toBe("Acme");
  expect((await scene.local("B-1"))?.contact).toEqual({ email: "ada@acme.com" });
  expect((await blocked()).map(({ field, before, after }) => [field, before, after])).toEqual([
    ["company_name", "Acme", null],
    ["contact_email", "ada@acme.com", null],
  ]);
});

test("a column that holds no JSON is left as it is while HubSpot has news for it", async () => {
  scene.sql("update customers set contact = 'not json'");
  scene.editCompany("B-1", { warp_contact_email: "grace@acme.com" });
  const job = await lookAgain();

  expect(job.counts).toEqual({ blocked: 1 });
  expect(scene.rows("select contact from customers")).toEqual([{ contact: "not json" }]);
  expect(scene.writes()).toEqual([]);

  scene.sql('update customers set contact = \'{"email":"ada@acme.com"}\'');
  await lookAgain();

  expect((await scene.local("B-1"))?.contact).toEqual({ email: "grace@acme.com" });
});

test("a contact whose field is blocked is synced all the same", async () => {
  const email = "ada@acme-robotics.com";
  const contact = await scene.contact(email, { city: "Bonn" });
  await scene.sync();
  scene.sql("update contacts set city = null");

  const job = await scene.sync();

  expect(job.counts).toEqual({ blocked: 1 });
  expect(await scene.one(email)).toMatchObject({ status: "synced", city: null });
  expect((await scene.history("contacts", contact))[0]).toMatchObject({ action: "blocked" });
});
