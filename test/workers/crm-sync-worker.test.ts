import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { intelligence, type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

const hubspotContact = (email: string) => rig.simulator.hubspot.find("contacts", email);

describe("a first sync", () => {
  test("creates the contact, its company, their association and one note", async () => {
    const id = await rig.contact("ada@acme-robotics.com", {
      first_name: "Ada",
      company: "Acme Robotics",
      domain: "acme-robotics.com",
      country: "DE",
      quality_score: 88,
      intelligence,
    });

    const job = await rig.sync();

    expect(job.status).toBe("completed");
    expect(job.counts).toMatchObject({
      created: 1,
      companies_created: 1,
      associations: 1,
      notes: 1,
    });
    const remote = hubspotContact("ada@acme-robotics.com");
    expect(remote?.properties).toMatchObject({
      firstname: "Ada",
      country: "Germany",
      sync_quality_score: "88",
      sync_summary: intelligence.summary,
    });
    const [company] = rig.simulator.hubspot.all("companies");
    expect(company?.properties).toMatchObject({
      domain: "acme-robotics.com",
      name: "Acme Robotics",
    });
    const associated = rig.simulator.hubspot.associations(
      "contacts",
      remote?.id ?? "",
      "companies",
    );
    expect(associated).toEqual([{ id: company?.id, typeIds: expect.arrayContaining([1, 279]) }]);
    const [note] = rig.simulator.hubspot.all("notes");
    expect(note?.properties["hs_note_body"]).toContain("Two customer lists");
    const local = await rig.one("ada@acme-robotics.com");
    expect(local).toMatchObject({ status: "synced", synced_at: expect.any(String), error: null });
    const [link] = await rig.store.links.byLocalIds("contacts", [id]);
    expect(link?.hubspot_id).toBe(remote?.id);
  });

  test("makes no request the second time, when nothing has changed", async () => {
    await rig.contact("ada@acme-robotics.com", { domain: "acme-robotics.com", intelligence });
    await rig.sync();
    rig.forget();

    const again = await rig.sync();

    expect(again.status).toBe("completed");
    expect(rig.requests()).toEqual([]);
  });

  test("logs every intent with its outcome and field values", async () => {
    const id = await rig.contact("ada@acme-robotics.com", { first_name: "Ada", intelligence });

    await rig.sync();

    const log = await rig.store.syncLog.forRecord("contacts", id, 10);
    const create = log.find((row) => row.action === "create");
    expect(create).toMatchObject({
      outcome: "done",
      hubspot_id: expect.any(String),
      finished_at: expect.any(String),
    });
    expect(create?.fields).toContainEqual({
      field: "first_name",
      before: null,
      after: "Ada",
      rule: "fills HubSpot",
    });
    expect(log.find((row) => row.action === "note")).toMatchObject({ outcome: "done" });
  });

  test("leaves people who objected to outreach out of HubSpot", async () => {
    await rig.contact("no@acme-robotics.com", { unsubscribed: true });

    const job = await rig.sync();

    expect(job.counts).toMatchObject({ skipped: 1 });
    expect(hubspotContact("no@acme-robotics.com")).toBeUndefined();
  });

  test("keeps the primary company that people chose, and gives one to a contact without", async () => {
    const { hubspot } = rig.simulator;
    const [chosen = ""] = hubspot.seedCompanies([{ name: "Holding", domain: "holding.com" }]);
    hubspot.seedContacts([{ email: "ada@acme-robotics.com" }, { email: "bo@acme-robotics.com" }]);
    hubspot.associate(["contacts", "ada@acme-robotics.com"], ["companies", chosen], [1, 279]);
    for (const email of ["ada@acme-robotics.com", "bo@acme-robotics.com"])
      await rig.contact(email, { domain: "acme-robotics.com", intelligence });

    await rig.sync();

    const acme = hubspot.all("companies").find(({ id }) => id !== chosen)?.id;
    const companiesOf = (email: string) => hubspot.associations("contacts", email, "companies");
    expect(companiesOf("ada@acme-robotics.com")).toEqual(
      expect.arrayContaining([
        { id: chosen, typeIds: [1, 279] },
        { id: acme, typeIds: [279] },
      ]),
    );
    expect(companiesOf("bo@acme-robotics.com")).toEqual([{ id: acme, typeIds: [1, 279] }]);
  });

  test("finds the company that people made, and gives a domain one company however many contacts it has", async () => {
    const [companyId] = rig.simulator.hubspot.seedCompanies([
      { domain: "acme-robotics.com", name: "ACME" },
    ]);
    await rig.contact("a@acme-robotics.com", { domain: "acme-robotics.com" });
    await rig.contact("b@acme-robotics.com", { domain: "acme-robotics.com" });
    await rig.contact("c@nordlicht-energie.de", { domain: "nordlicht-energie.de" });

    const job = await rig.sync();

    expect(job.counts).toMatchObject({ created: 3, companies_created: 1, associations: 3 });
    expect(rig.simulator.hubspot.all("companies")).toHaveLength(2);
    const contact = hubspotContact("a@acme-robotics.com");
    const [associated] = rig.simulator.hubspot.associations(
      "contacts",
      contact?.id ?? "",
      "companies",
    );
    expect(associated?.id).toBe(companyId);
  });
});

describe("meeting a contact that HubSpot has", () => {
  test("fills each side with what only the other knows", async () => {
    rig.simulator.hubspot.seedContacts([{ email: "ada@acme-robotics.com", jobtitle: "CTO" }]);
    await rig.contact("ada@acme-robotics.com", { first_name: "Ada" });

    const job = await rig.sync();

    expect(job.counts).toMatchObject({ updated: 1 });
    expect(hubspotContact("ada@acme-robotics.com")?.properties["firstname"]).toBe("Ada");
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({
      job_title: "CTO",
      provenance: { job_title: { source: "hubspot" } },
    });
  });

  test("lets the newer edit win per field, by HubSpot's own time of the field, and keeps the loser", async () => {
    rig.simulator.hubspot.seedContacts([
      { email: "ada@acme-robotics.com", jobtitle: "CTO", city: "Bonn" },
    ]);
    const past = "2001-01-01T00:00:00.000Z";
    const future = "2099-01-01T00:00:00.000Z";
    const id = await rig.contact("ada@acme-robotics.com", {
      job_title: "CEO",
      city: "Berlin",
      provenance: { job_title: { source: "csv", at: future }, city: { source: "csv", at: past } },
    });

    await rig.sync();

    expect(hubspotContact("ada@acme-robotics.com")?.properties).toMatchObject({
      jobtitle: "CEO",
      city: "Bonn",
    });
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({
      job_title: "CEO",
      city: "Bonn",
    });
    const lost = (await rig.store.syncLog.forRecord("contacts", id, 10)).flatMap(
      (row) => row.fields,
    );
    expect(lost).toContainEqual(expect.objectContaining({ field: "job_title", lost: "CTO" }));
    expect(lost).toContainEqual(expect.objectContaining({ field: "city", lost: "Berlin" }));
  });

  test("pulls a later edit in HubSpot and sends nothing back", async () => {
    await rig.contact("ada@acme-robotics.com", { first_name: "Ada" });
    await rig.sync();
    rig.simulator.hubspot.editAsUser("contacts", "ada@acme-robotics.com", { firstname: "Augusta" });
    const [id] = [(await rig.one("ada@acme-robotics.com")).id];
    await rig.store.queue.add([
      { object: "contacts", local_id: id, reason: "test", due_at: rig.clock.iso() },
    ]);
    rig.forget();

    const job = await rig.sync();

    expect(job.counts).toMatchObject({ pulled: 1 });
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ first_name: "Augusta" });
    expect(rig.requests().filter((request) => /update|upsert|create/.test(request))).toEqual([]);
  });

  test("recognises a contact by its secondary e-mail instead of creating a second one", async () => {
    rig.simulator.hubspot.seedContacts([
      { email: "ada@acme-robotics.com", hs_additional_emails: "ada@private-mail.com" },
    ]);
    await rig.contact("ada@private-mail.com", { first_name: "Ada" });

    const job = await rig.sync();

    expect(job.status).toBe("completed");
    expect(rig.simulator.hubspot.all("contacts")).toHaveLength(1);
    expect(hubspotContact("ada@acme-robotics.com")?.properties).toMatchObject({
      email: "ada@acme-robotics.com",
      firstname: "Ada",
    });
    expect(await rig.one("ada@private-mail.com")).toMatchObject({ status: "synced" });
  });

  test("says so when two local contacts are one record in HubSpot", async () => {
    rig.simulator.hubspot.seedContacts([
      { email: "ada@acme-robotics.com", hs_additional_emails: "ada@private-mail.com" },
    ]);
    await rig.contact("ada@acme-robotics.com");
    await rig.sync();
    await rig.contact("ada@private-mail.com");

    const job = await rig.sync();

    expect(job.counts).toMatchObject({ failed: 1 });
    expect(job.errors).toContainEqual(expect.objectContaining({ code: "SAME_HUBSPOT_CONTACT" }));
    expect(await rig.one("ada@private-mail.com")).toMatchObject({
      status: "failed",
      retry_at: null,
    });
  });

  test("does not create a contact again that was deleted in HubSpot", async () => {
    await rig.contact("ada@acme-robotics.com", { first_name: "Ada" });
    await rig.sync();
    rig.simulator.hubspot.archiveAsUser("contacts", "ada@acme-robotics.com");

    const job = await rig.sync({ emails: ["ada@acme-robotics.com"] });

    expect(job).toMatchObject({ counts: { deleted_in_hubspot: 1 }, errors: [] });
    expect(rig.simulator.hubspot.all("contacts")).toHaveLength(0);
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({
      status: "synced",
      retry_at: null,
    });
    expect((await rig.sync()).counts).toEqual({});
  });
});

describe("selecting", () => {
  test("syncs only the contacts that were named", async () => {
    await rig.contact("a@acme-robotics.com");
    await rig.contact("b@acme-robotics.com");

    const job = await rig.sync({ emails: ["A@acme-robotics.com"] });

    expect(job.counts).toMatchObject({ created: 1 });
    expect(hubspotContact("b@acme-robotics.com")).toBeUndefined();
    expect(await rig.one("b@acme-robotics.com")).toMatchObject({ status: "enriched" });
  });

  test("shows in a dry run what a sync would do, and writes nothing on either side", async () => {
    await rig.contact("ada@acme-robotics.com", { first_name: "Ada" });

    const job = await rig.sync({ dry_run: true });

    expect(job.counts).toEqual({ would_create: 1 });
    expect(job.result).toMatchObject({ records: [{ email: "ada@acme-robotics.com" }] });
    expect(
      rig
        .requests()
        .filter((request) => !request.startsWith("GET ") && !request.includes("batch/read")),
    ).toEqual([]);
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "enriched" });
  });

  test("lets nothing into HubSpot on a pull-only run", async () => {
    await rig.contact("new@acme-robotics.com");
    rig.simulator.hubspot.seedContacts([{ email: "old@acme-robotics.com", firstname: "Olga" }]);
    await rig.contact("old@acme-robotics.com", { city: "Bonn" });

    const job = await rig.sync({ direction: "pull" });

    expect(job.counts).toMatchObject({ skipped: 1, pulled: 1 });
    expect(hubspotContact("new@acme-robotics.com")).toBeUndefined();
    expect(hubspotContact("old@acme-robotics.com")?.properties["city"]).toBeUndefined();
    expect(await rig.one("old@acme-robotics.com")).toMatchObject({ first_name: "Olga" });
  });
});
