/** What deleting a record here takes with it, and what it leaves. */
import { expect, test } from "vitest";
import { describeEachEngine } from "../support/store.ts";
import { insertOne, LATER, NOW } from "./builders.ts";
import { maps } from "./capture-rig.ts";
import { foreignProgram } from "./foreign.ts";
import { insertPerson, type Person, spread } from "./spread-person.ts";

const ADA: Person = {
  email: "ada@lovelace.example",
  earlier: "ada@byron.example",
  firstName: "Adeline",
  lastName: "Lovelace",
  phone: "+441815550100",
  linkedin: "https://www.linkedin.com/in/adelinelovelace",
  hubspotId: "901",
};

const KEPT_PER_RECORD = ["links", "field_state", "sync_queue", "change_log", "plan_records"];

describeEachEngine("deleting records here", (_open, { empty, openAt }) => {
  async function rig() {
    const url = await empty();
    const store = await openAt(url);
    await store.changes.capture(maps);
    const other = await foreignProgram(url);
    const count = async (table: string, id: number) =>
      (await other.rows(`select * from ${table} where local_id = ${id}`)).length;
    return { store, other, count };
  }

  test("a contact goes with all that is kept for it, and its log stays", async () => {
    const { store, other, count } = await rig();
    const ada = await insertPerson(store, ADA);
    await spread(store, other, ada);
    const bystander = await insertOne(store, { email: "bob@lovelace.example" });
    await store.links.put([{ object: "contacts", local_id: bystander, hubspot_id: "902" }], NOW);
    const logged = await count("sync_log", ada.id);

    await store.contacts.remove([ada.id, 999]);

    expect(await store.contacts.findByIds([ada.id])).toEqual([]);
    for (const table of KEPT_PER_RECORD)
      expect([table, await count(table, ada.id)]).toEqual([table, 0]);
    expect(await count("sync_log", ada.id)).toBe(logged);
    expect(await store.contacts.findByIds([bystander])).toHaveLength(1);
    expect(await store.links.byLocalIds("contacts", [bystander])).toHaveLength(1);
  });

  test("a customer goes, and the contact with the same number stays", async () => {
    const { store, other } = await rig();
    const contact = await insertOne(store, { email: "bob@lovelace.example" });
    await store.customers.upsert([{ ban: "B-1", company_name: "Acme" }], NOW);
    const [customer] = await store.customers.findByBans(["B-1"]);
    const id = customer?.id ?? 0;
    expect(id).toBe(contact);
    await store.links.put([{ object: "contacts", local_id: id, hubspot_id: "1" }], NOW);
    await store.links.put([{ object: "customers", local_id: id, hubspot_id: "2" }], NOW);

    await store.customers.remove([id]);

    expect(await store.customers.any()).toBe(false);
    expect(await store.contacts.findByIds([contact])).toHaveLength(1);
    expect(await other.rows("select object from links")).toEqual([{ object: "contacts" }]);
  });

  test("of nobody changes nothing", async () => {
    const { store } = await rig();
    const contact = await insertOne(store, { email: "bob@lovelace.example" });

    await store.contacts.remove([]);

    expect(await store.contacts.findByIds([contact])).toHaveLength(1);
  });

  test("an erasure that comes later still finds the log and the addresses in it", async () => {
    const { store, other, count } = await rig();
    const ada = await insertPerson(store, ADA);
    await spread(store, other, ada);
    const logged = await count("sync_log", ada.id);
    await store.contacts.remove([ada.id]);

    await store.privacy.erase({ contactIds: [], emails: [], hubspotIds: [ADA.hubspotId] }, LATER);

    const log = await other.rows(`select fields from sync_log where local_id = ${ada.id}`);
    expect(log).toHaveLength(logged);
    expect(JSON.stringify(log)).not.toContain("lovelace");
    const jobs = await other.rows("select args from jobs");
    expect(JSON.stringify(jobs)).not.toContain(ADA.email);
    const rejects = await other.rows("select raw from import_rejects");
    expect(JSON.stringify(rejects).toLowerCase()).not.toContain(ADA.email);
  });
});
