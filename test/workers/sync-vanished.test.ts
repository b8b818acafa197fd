import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

const ADA = "ada@acme-robotics.com";
const GRACE = "grace@acme-robotics.com";
const DOMAIN = { domain: "acme-robotics.com" } as const;

function companiesOf(email: string): readonly string[] {
  const { hubspot } = rig.simulator;
  const contact = hubspot.find("contacts", email);
  return hubspot.associations("contacts", contact?.id ?? "", "companies").map(({ id }) => id);
}

describe("a company that is gone from HubSpot", () => {
  test("is not made anew for a further contact, nor asked for by its old id for ever", async () => {
    await rig.contact(ADA, DOMAIN);
    await rig.sync();
    const [company] = rig.simulator.hubspot.all("companies");
    rig.simulator.hubspot.archiveAsUser("companies", company?.id ?? "");
    await rig.contact(GRACE, DOMAIN);

    await rig.sync();
    await rig.retryLater();

    expect(await rig.one(GRACE)).toMatchObject({ status: "synced" });
    expect(rig.simulator.hubspot.all("companies")).toEqual([]);
    expect(companiesOf(GRACE)).toEqual([]);
  });

  test("because it was merged is followed to the one that lives on", async () => {
    await rig.contact(ADA, DOMAIN);
    await rig.sync();
    const [company] = rig.simulator.hubspot.all("companies");
    const [other] = rig.simulator.hubspot.seedCompanies([{ domain: "acme.example", name: "ACME" }]);
    const survivor = rig.simulator.hubspot.mergeAsUser("companies", company?.id ?? "", other ?? "");
    await rig.contact(GRACE, DOMAIN);

    await rig.sync();
    await rig.retryLater();

    expect(await rig.one(GRACE)).toMatchObject({ status: "synced" });
    expect(rig.simulator.hubspot.all("companies").map(({ id }) => id)).toEqual([survivor]);
    expect(companiesOf(GRACE)).toEqual([survivor]);
  });
});

describe("a contact that was merged in HubSpot", () => {
  test("is followed to the record that lives on", async () => {
    const id = await rig.contact(ADA, { first_name: "Ada" });
    await rig.sync();
    rig.simulator.hubspot.seedContacts([{ email: "ada@private-mail.com" }]);
    const survivor = rig.simulator.hubspot.mergeAsUser("contacts", ADA, "ada@private-mail.com");
    await rig.store.contacts.update(
      [{ id, set: { city: "Bonn", status: "enriched" } }],
      rig.clock.iso(),
    );

    const job = await rig.sync();

    expect(job.counts).toMatchObject({ updated: 1 });
    expect(rig.simulator.hubspot.find("contacts", ADA)?.properties).toMatchObject({ city: "Bonn" });
    const [link] = await rig.store.links.byLocalIds("contacts", [id]);
    expect(link?.hubspot_id).toBe(survivor);
  });

  test("with another local one keeps one of them in step and names the other", async () => {
    const ada = await rig.contact(ADA, { first_name: "Ada" });
    const grace = await rig.contact(GRACE, { first_name: "Grace" });
    await rig.sync();
    rig.simulator.hubspot.mergeAsUser("contacts", ADA, GRACE);

    const job = await rig.sync({ ids: [ada, grace] });

    expect(job.counts).toMatchObject({ failed: 1 });
    expect(job.errors).toEqual([
      expect.objectContaining({
        code: "SAME_HUBSPOT_CONTACT",
        message: expect.stringMatching(/the local contact \d+ as a single record/u),
      }),
    ]);
    const links = await rig.store.links.byLocalIds("contacts", [ada, grace]);
    expect(new Set(links.map((link) => link.hubspot_id)).size).toBe(links.length);
  });
});
