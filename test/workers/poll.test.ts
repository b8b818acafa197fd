/** Polling marks what HubSpot changed, costs next to nothing in a quiet time, and passes nothing over. */
import { afterEach, describe, expect, test } from "vitest";
import { type PollRig, pollRig } from "./poll-rig.ts";
import { mapsWith } from "./sync-scene.ts";

let rig: PollRig;
afterEach(() => rig.close());

describe("a quiet HubSpot", () => {
  test("costs two requests per kind of record, and marks nothing", async () => {
    rig = await pollRig();
    await rig.synced("ada@acme.com", "bob@acme.com");
    rig.minutes(15);

    const report = await rig.pass();

    expect(report).toEqual({ kind: "polled", seen: 0, marked: 0, looked: 0 });
    expect(rig.requests()).toEqual([
      "POST /crm/objects/2026-09/contacts/search",
      "GET /crm/objects/2026-09/contacts",
      "POST /crm/objects/2026-09/companies/search",
      "GET /crm/objects/2026-09/companies",
    ]);
  });

  test("our own writes mark nothing", async () => {
    rig = await pollRig();
    await rig.poll.begin();
    await rig.contact("ada@acme.com", { first_name: "Ada", phone: "+44 20 7946 0000" });
    await rig.sync();
    rig.minutes(1);

    const report = await rig.pass();

    expect(report).toMatchObject({ marked: 0, looked: 0 });
    expect(report).not.toMatchObject({ seen: 0 });
  });

  test("edits of properties that are not mapped mark nothing", async () => {
    rig = await pollRig();
    await rig.synced("ada@acme.com");
    rig.simulator.hubspot.editAsUser("contacts", "ada@acme.com", { hs_lead_status: "OPEN" });

    expect(await rig.pass()).toMatchObject({ seen: 1, marked: 0 });
  });
});

describe("an edit in HubSpot", () => {
  test("is marked, and comes to the local record with the next sync", async () => {
    rig = await pollRig();
    const [ada] = await rig.synced("ada@acme.com", "bob@acme.com");
    rig.minutes(5);
    rig.simulator.hubspot.editAsUser("contacts", "ada@acme.com", { jobtitle: "CTO" });
    rig.minutes(10);

    const report = await rig.pass();

    expect(report).toMatchObject({ kind: "polled", marked: 1 });
    expect(await rig.inbound("contacts")).toEqual([ada]);
    await rig.sync();
    expect((await rig.one("ada@acme.com")).job_title).toBe("CTO");
  });

  // HubSpot docs, search: new and updated records take a few moments to appear; reports speak of minutes (read 2026-04).
  test("that search shows five minutes later is found by the pass after that", async () => {
    rig = await pollRig({ settings: { searchLagMs: 5 * 60_000 } });
    const [ada] = await rig.synced("ada@acme.com");
    rig.minutes(14);
    rig.simulator.hubspot.editAsUser("contacts", "ada@acme.com", { jobtitle: "CTO" });
    rig.minutes(1);

    expect(await rig.pass()).toMatchObject({ marked: 0 });
    rig.minutes(15);
    expect(await rig.pass()).toMatchObject({ marked: 1 });

    expect(await rig.inbound("contacts")).toEqual([ada]);
  });

  test("of a customer's company marks the customer", async () => {
    rig = await pollRig();
    await rig.poll.begin();
    await rig.store
      .by("sync")
      .customers.upsert([{ ban: "B1", company_name: "Acme" }], rig.clock.iso());
    await rig.sync();
    await rig.calm();
    rig.simulator.hubspot.editAsUser("companies", "warp_ban=B1", { warp_tier: "PREMIUM" });
    rig.minutes(1);

    await rig.pass();

    const [customer] = await rig.store.customers.findByBans(["B1"]);
    expect(await rig.inbound("customers")).toEqual([customer?.id]);
  });

  test("made while search was down is found when it is back, and the trouble is told meanwhile", async () => {
    rig = await pollRig();
    const [ada] = await rig.synced("ada@acme.com");
    rig.simulator.hubspot.editAsUser("contacts", "ada@acme.com", { jobtitle: "CTO" });
    rig.simulator.faults.add({ service: "hubspot", name: "http-500", path: "/search", times: 40 });
    rig.minutes(15);

    await expect(rig.pass()).rejects.toMatchObject({ kind: "unavailable" });
    const trouble = await rig.store.cursors.get("poll-trouble");
    rig.simulator.faults.clear();
    rig.minutes(90);
    await rig.pass();

    expect(JSON.parse(trouble ?? "{}")).toMatchObject({ message: expect.any(String) });
    expect(await rig.store.cursors.get("poll-trouble")).toBe("");
    expect(await rig.inbound("contacts")).toEqual([ada]);
  });

  test("is found although the map's properties are too many for a search", async () => {
    const fields = Array.from({ length: 60 }, (_, index) => [
      `custom_${index}`,
      {
        hubspot_property: `a_property_with_quite_a_long_name_for_one_field_${index}`,
        warp_field: "custom",
        warp_field_path: `custom->>'field_${index}'`,
        sync_direction: "HUBSPOT_TO_WARP",
        conflict_resolution: "HUBSPOT_WINS",
        create_property: { label: `Field ${index}`, type: "string", field_type: "text" },
      },
    ]);
    rig = await pollRig({ maps: mapsWith({ contacts: Object.fromEntries(fields) }) });
    const [ada] = await rig.synced("ada@acme.com");
    rig.simulator.hubspot.editAsUser("contacts", "ada@acme.com", { jobtitle: "CTO" });
    rig.minutes(1);

    await rig.pass();

    expect(await rig.inbound("contacts")).toEqual([ada]);
  });
});

describe("a company that contacts belong to", () => {
  test("is looked at when it has another name, and not for what we made of it ourselves", async () => {
    rig = await pollRig();
    await rig.poll.begin();
    await rig.contact("ada@acme.com", { company: "Acme", domain: "acme.com" });
    await rig.sync();
    rig.minutes(15);
    const first = await rig.pass();
    const [company] = rig.simulator.hubspot.all("companies");
    rig.simulator.hubspot.editAsUser("companies", company?.id ?? "", { name: "Acme Robotics" });
    rig.minutes(1);

    const second = await rig.pass();

    expect(first).toMatchObject({ looked: 0 });
    expect(second).toMatchObject({ looked: 1 });
    expect(await rig.looks()).toEqual([company?.id]);
  });
});

describe("the life of a record", () => {
  test("a merge marks the local record of either side", async () => {
    rig = await pollRig();
    const ids = await rig.synced("ada@acme.com", "bob@acme.com");
    rig.simulator.hubspot.mergeAsUser("contacts", "ada@acme.com", "bob@acme.com");
    rig.minutes(1);

    await rig.pass();

    expect(await rig.inbound("contacts")).toEqual(ids);
  });

  test("a record that HubSpot deleted is met in the recycle bin, whatever number it has there", async () => {
    rig = await pollRig();
    const strangers = Array.from({ length: 150 }, (_, n) => ({ email: `s${n}@elsewhere.com` }));
    for (const id of rig.simulator.hubspot.seedContacts(strangers))
      rig.simulator.hubspot.archiveAsUser("contacts", id);
    const [ada] = await rig.synced("ada@acme.com");
    rig.simulator.hubspot.archiveAsUser("contacts", "ada@acme.com");

    await rig.pass();
    await rig.pass();

    expect(await rig.inbound("contacts")).toEqual([ada]);
  });

  test("a record that was merged away is met there with the one that it became part of", async () => {
    rig = await pollRig();
    const [ada] = await rig.synced("ada@acme.com");
    rig.simulator.hubspot.seedContacts([{ email: "bob@acme.com" }]);
    const both = rig.simulator.hubspot.mergeAsUser("contacts", "ada@acme.com", "bob@acme.com");
    rig.simulator.hubspot.archiveAsUser("contacts", both);

    await rig.pass();

    expect(await rig.inbound("contacts")).toEqual([ada]);
  });

  test("what is remembered as deleted is not marked with every round", async () => {
    rig = await pollRig();
    const [ada = 0] = await rig.synced("ada@acme.com");
    const [link] = await rig.store.links.byLocalIds("contacts", [ada]);
    rig.simulator.hubspot.archiveAsUser("contacts", "ada@acme.com");
    await rig.store.tombstones.put([
      {
        object: "contacts",
        hubspot_id: link?.hubspot_id ?? "",
        local_id: ada,
        key_hash: null,
        reason: "deleted",
        policy: "kept",
        created_at: rig.clock.iso(),
      },
    ]);

    expect(await rig.pass()).toMatchObject({ marked: 0 });
  });
});

describe("contacts that only HubSpot has", () => {
  test("are looked at when HubSpot created them after the first poll", async () => {
    rig = await pollRig();
    const [old = ""] = rig.simulator.hubspot.seedContacts([{ email: "old@elsewhere.com" }]);
    await rig.synced();
    rig.minutes(20);
    const { id } = await created("new@elsewhere.com");
    rig.simulator.hubspot.editAsUser("contacts", old, { jobtitle: "CTO" });
    rig.minutes(1);

    expect(await rig.pass()).toMatchObject({ looked: 1 });

    expect(await rig.looks()).toEqual([id]);
  });

  test.each([
    ["changed", 1],
    ["off", 0],
  ] as const)("that changed are looked at by the policy %s: %i", async (newContacts, looked) => {
    rig = await pollRig();
    const [old = ""] = rig.simulator.hubspot.seedContacts([{ email: "old@elsewhere.com" }]);
    await rig.synced();
    rig.simulator.hubspot.editAsUser("contacts", old, { jobtitle: "CTO" });
    rig.minutes(1);

    expect(await rig.pollWith({ newContacts }).run({})).toMatchObject({ looked });
  });

  async function created(email: string): Promise<{ readonly id: string }> {
    const [outcome] = await rig.crm.create("contacts", [
      { ref: "a", properties: { email }, associations: [] },
    ]);
    if (outcome?.kind !== "written") throw new Error("not created");
    return outcome.record;
  }

  test("are passed over where they were before the first poll", async () => {
    rig = await pollRig();
    rig.simulator.hubspot.seedContacts([{ email: "old@elsewhere.com" }]);

    await rig.pass();

    expect(await rig.looks()).toEqual([]);
  });
});
