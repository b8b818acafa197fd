/** Who writes decides what is recorded, and the name never outlives its write. */
import { beforeEach, expect, test } from "vitest";
import { describeEachEngine } from "../support/store.ts";
import { insertOne, LATER, NOW } from "./builders.ts";
import { type CaptureRig, captureRig } from "./capture-rig.ts";

describeEachEngine("named writers", (_open, under) => {
  let rig: CaptureRig;
  beforeEach(async () => {
    rig = await captureRig(under);
  });

  test("what the sync writes is neither recorded nor work", async () => {
    const sync = rig.store.by("sync");
    await sync.contacts.update([{ id: rig.ada, set: { phone: "+2" } }], LATER);
    await sync.contacts.updateAll([rig.ada], { first_name: "Ada" }, LATER);
    await sync.customers.update([{ id: rig.acme, set: { current_balance: "7" } }], LATER);
    await sync.customers.upsert([{ ban: "B-2" }, { ban: "B-1", company_name: "X" }], LATER);

    expect(await rig.log()).toEqual([]);
    expect(await rig.queue()).toEqual([]);
    expect(await rig.store.customers.findByBans(["B-1"])).toMatchObject([
      { current_balance: "7", company_name: "X" },
    ]);
  });

  test.each(["import", "enrich", "person"] as const)(
    "what %s writes is recorded without its values, and is no work by itself",
    async (writer) => {
      await rig.store.by(writer).contacts.update([{ id: rig.ada, set: { phone: "+2" } }], LATER);
      await rig.store
        .by(writer)
        .customers.update([{ id: rig.acme, set: { contact: { email: "b" } } }], NOW);

      const silent = { before: null, after: null, changed_by: writer };
      expect(await rig.log()).toEqual([
        { object: "contacts", local_id: rig.ada, field: "phone", ...silent },
        { object: "customers", local_id: rig.acme, field: "contact_email", ...silent },
      ]);
      expect(await rig.queue()).toEqual([]);
    },
  );

  test("an imported customer that is new is work", async () => {
    await rig.store.by("import").customers.upsert([{ ban: "B-2" }], NOW);

    expect(await rig.queue()).toMatchObject([{ reason: "created" }]);
  });

  test("our own unnamed writes count as another program's", async () => {
    await rig.store.contacts.update([{ id: rig.ada, set: { phone: "+2" } }], LATER);

    expect(await rig.log()).toMatchObject([{ field: "phone", before: "+1", after: "+2" }]);
    expect(await rig.queue()).toHaveLength(1);
  });

  test("a writer's name ends with its write, also inside a transaction and after a failure", async () => {
    const taken = await insertOne(rig.store, { email: "taken@example.com" });
    await rig.store.transaction(async (within) => {
      await within.by("sync").contacts.update([{ id: rig.ada, set: { phone: "+2" } }], LATER);
      await within.contacts.update([{ id: rig.ada, set: { phone: "+3" } }], LATER);
    });
    const refused = rig.store
      .by("sync")
      .contacts.update([{ id: taken, set: { email: "ada@example.com" } }], LATER);
    await expect(refused).rejects.toMatchObject({ code: "NOT_UNIQUE" });
    await rig.store.contacts.update([{ id: rig.ada, set: { phone: "+4" } }], LATER);

    expect(await rig.log()).toMatchObject([
      { before: "+2", after: "+3" },
      { before: "+3", after: "+4" },
    ]);
  });

  test.runIf(under.engine === "sqlite")(
    "a named write that fails inside a transaction which goes on leaves no name behind",
    async () => {
      const taken = await insertOne(rig.store, { email: "taken@example.com" });
      await rig.store.transaction(async (within) => {
        const refused = within
          .by("sync")
          .contacts.update([{ id: taken, set: { email: "ada@example.com" } }], LATER);
        await expect(refused).rejects.toMatchObject({ code: "NOT_UNIQUE" });
        await within.contacts.update([{ id: rig.ada, set: { phone: "+9" } }], LATER);
      });

      expect(await rig.log()).toMatchObject([{ field: "phone", after: "+9" }]);
    },
  );

  test("a named store opens transactions under its name", async () => {
    await rig.store.by("sync").transaction(async (within) => {
      await within.contacts.update([{ id: rig.ada, set: { phone: "+2" } }], LATER);
      await within.by("import").contacts.update([{ id: rig.ada, set: { first_name: "A" } }], LATER);
    });

    expect(await rig.log()).toMatchObject([{ field: "first_name", changed_by: "import" }]);
  });

  test("the newest change of each field is found, and forgotten up to what was seen", async () => {
    await rig.other.run("update customers set company_name = 'One'");
    await rig.other.run("update customers set company_name = 'Two', tier = 'PREMIUM'");
    const seen = await rig.store.changes.latest("customers", [rig.acme, 99]);
    expect(seen.map(({ field, before, changed_by }) => [field, before, changed_by]).sort()).toEqual(
      [
        ["company_name", "One", "sql"],
        ["tier", null, "sql"],
      ],
    );
    await rig.other.run("update customers set tier = 'STANDARD'");

    await rig.store.changes.forget("contacts", seen);
    await rig.store.changes.forget("customers", seen);

    expect(await rig.log()).toMatchObject([
      { field: "tier", before: "PREMIUM", after: "STANDARD" },
    ]);
    expect(await rig.store.changes.latest("contacts", [rig.acme])).toEqual([]);
  });
});
