/** Another field map on records that were synced before: what is new reaches them all, once; what comes from elsewhere is decided afresh. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mapsWith, type SyncScene, syncScene } from "./sync-scene.ts";

const ADA = "ada@acme-robotics.com";

let scene: SyncScene;
beforeEach(async () => {
  scene = await syncScene();
});
afterEach(() => scene.close());

const define = (object: "contacts" | "companies", name: string, more = {}): void =>
  scene.simulator.hubspot.defineProperty(object, {
    name,
    label: name,
    type: "string",
    fieldType: "text",
    groupName: object === "contacts" ? "contactinformation" : "companyinformation",
    ...more,
  });

/** Deletes a property of companies as an admin does, with its values. */
async function deleteProperty(name: string): Promise<void> {
  const url = `${scene.simulator.hubspotUrl}/crm/v3/properties/companies/${name}`;
  const headers = { authorization: `Bearer ${scene.simulator.hubspotToken}` };
  expect((await fetch(url, { method: "DELETE", headers })).status).toBe(204);
}

async function synced(count = 3): Promise<void> {
  await scene.contact(ADA, { first_name: "Ada", custom: { colour: "red" } });
  for (const number of Array.from({ length: count }, (_, index) => index + 1)) {
    await scene.customer({
      ban: `B-${number}`,
      company_name: `Acme ${number}`,
      legal_name: `Acme ${number} Ltd`,
      contact: { email: "ada@acme.com", fax: `+4930${number}` },
    });
  }
  await scene.sync();
  scene.forget();
}

describe("a field that is new in the map", () => {
  const maps = mapsWith({
    contacts: {
      colour: {
        hubspot_property: "our_colour",
        warp_field: "custom",
        warp_field_path: "custom->>'colour'",
        sync_direction: "BIDIRECTIONAL",
        conflict_resolution: "LATEST_WINS",
      },
    },
    customers: {
      fax: {
        hubspot_property: "our_fax",
        warp_field: "contact",
        warp_field_path: "contact->>'fax'",
        sync_direction: "WARP_TO_HUBSPOT",
        conflict_resolution: "WARP_WINS",
      },
    },
  });

  test("gets its property, and the values of all linked records, once", async () => {
    await synced();
    const other = await scene.process({ maps });

    const job = await other.sync();

    expect(job.counts).toEqual({ updated: 4 });
    expect(job.notes.join()).toContain("our_fax");
    expect(scene.remote(ADA)["our_colour"]).toBe("red");
    for (const number of [1, 2, 3])
      expect(scene.company(`B-${number}`)["our_fax"]).toBe(`+4930${number}`);
    scene.forget();
    expect((await other.sync()).counts).toEqual({});
    expect(scene.requests()).toEqual([]);
  });

  test("is in a dry run before it is in HubSpot, and the plan holds", async () => {
    await synced();
    const other = await scene.process({ maps });
    const before = scene.everything();

    const preview = await other.sync({ dry_run: true });

    expect(preview.counts).toEqual({ would_update: 4 });
    expect(preview.result).toMatchObject({
      properties_to_create: ["contacts.our_colour", "companies.our_fax"],
    });
    expect(scene.writes()).toEqual([]);
    expect(scene.everything()).toEqual(before);
    const job = await other.sync({ plan_id: preview.result?.["plan_id"] });
    expect(job).toMatchObject({ status: "completed", counts: { updated: 4 } });
  });

  test("brings HubSpot's values home where it had some", async () => {
    await synced();
    define("contacts", "our_colour");
    scene.editContact(ADA, { our_colour: "blue" });
    scene.sql("update contacts set custom = null");
    const other = await scene.process({ maps });

    await other.sync();

    expect((await scene.one(ADA)).custom).toEqual({ colour: "blue" });
  });

  test("is set up and filled by itself where changes are sent by themselves", async () => {
    await synced();
    const other = await scene.process({ maps });

    await other.live(new AbortController().signal);

    expect(scene.company("B-1")["our_fax"]).toBe("+49301");
    expect(scene.remote(ADA)["our_colour"]).toBe("red");
  });
});

describe("a field that moves to another property", () => {
  const maps = mapsWith({
    customers: { legal_name: { hubspot_property: "our_legal_name", propagate_clear: true } },
  });

  test("fills the new one, and takes its emptiness for no edit", async () => {
    await synced();
    const other = await scene.process({ maps });

    const job = await other.sync({ object: "customers" });

    expect(job.counts).toEqual({ updated: 3 });
    expect(scene.company("B-2")["our_legal_name"]).toBe("Acme 2 Ltd");
    expect(await scene.local("B-2")).toMatchObject({ legal_name: "Acme 2 Ltd" });
  });

  test("decides two different values by the field's rule, and keeps the one that lost", async () => {
    await synced();
    define("companies", "our_legal_name");
    scene.editCompany("B-1", { our_legal_name: "There" });
    const other = await scene.process({ maps });

    await other.sync({ object: "customers" });

    expect(await scene.local("B-1")).toMatchObject({ legal_name: "There" });
    const logged = (await scene.history("customers", 1)).flatMap(({ fields }) => fields);
    expect(logged).toContainEqual(
      expect.objectContaining({ field: "legal_name", after: "There", lost: "Acme 1 Ltd" }),
    );
  });

  test("is previewed as it will be decided", async () => {
    await synced();
    const other = await scene.process({ maps });

    const preview = await other.sync({ object: "customers", dry_run: true });

    expect(preview.counts).toEqual({ would_update: 3 });
    expect(preview.result).toMatchObject({
      records: expect.arrayContaining([
        expect.objectContaining({
          hubspot_changes: [expect.objectContaining({ field: "legal_name", after: "Acme 1 Ltd" })],
          local_changes: [],
        }),
      ]),
    });
    const job = await other.sync({
      object: "customers",
      plan_id: preview.result?.["plan_id"],
    });
    expect(job.counts).toEqual({ updated: 3 });
  });
});

describe("a field that the map has no more", () => {
  const without = mapsWith({ customers: { legal_name: null } });

  test("is left alone on both sides", async () => {
    await synced();
    const other = await scene.process({ maps: without });
    scene.sql("update customers set legal_name = 'Here', company_name = 'Here'");

    const job = await other.sync();

    expect(job).toMatchObject({ counts: { updated: 3 }, errors: [] });
    expect(scene.sent()).toEqual([["name"]]);
    expect(scene.company("B-1")["warp_legal_name"]).toBe("Acme 1 Ltd");
  });

  test("may come back on another property without emptying anything", async () => {
    await synced();
    await (await scene.process({ maps: without })).sync();
    const back = await scene.process({
      maps: mapsWith({
        customers: { legal_name: { hubspot_property: "our_legal_name", propagate_clear: true } },
      }),
    });

    const job = await back.sync();

    expect(job.errors).toEqual([]);
    expect(await scene.local("B-1")).toMatchObject({ legal_name: "Acme 1 Ltd" });
    expect(scene.company("B-1")["our_legal_name"]).toBe("Acme 1 Ltd");
  });
});

describe("a property of ours that somebody deleted in HubSpot", () => {
  test("is created anew and filled from here, however many values its emptiness would clear", async () => {
    const maps = mapsWith({ customers: { legal_name: { propagate_clear: true } } });
    await scene.close();
    scene = await syncScene({ maps });
    await synced();
    await deleteProperty("warp_legal_name");
    scene.sql("update customers set legal_name = 'Acme Limited' where ban = 'B-1'");

    const noticing = await scene.sync();
    const job = await scene.sync();

    expect(noticing.errors).toEqual([expect.objectContaining({ code: "PROPERTY_DOESNT_EXIST" })]);

    expect(job.errors).toEqual([]);
    expect(await scene.local("B-2")).toMatchObject({ legal_name: "Acme 2 Ltd" });
    expect(scene.company("B-1")["warp_legal_name"]).toBe("Acme Limited");
    expect(scene.company("B-2")["warp_legal_name"]).toBe("Acme 2 Ltd");
  });
});

test("a property of ours that somebody deleted comes back while changes are sent as they happen", async () => {
  await synced();
  await deleteProperty("warp_legal_name");
  scene.sql("update customers set legal_name = 'Acme Limited' where ban = 'B-1'");
  scene.sql("update sync_queue set due_at = '2026-01-01T00:00:00.000Z'");
  const { signal } = new AbortController();

  await scene.live(signal);
  await scene.look("customers", 1);
  await scene.live(signal);

  expect(scene.company("B-1")["warp_legal_name"]).toBe("Acme Limited");
  expect(scene.company("B-2")["warp_legal_name"]).toBe("Acme 2 Ltd");
  expect(scene.log.lines.map(({ fields }) => fields["codes"])).toContainEqual([
    "PROPERTY_DOESNT_EXIST",
  ]);
});
