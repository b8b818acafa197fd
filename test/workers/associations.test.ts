/** A contact's company on both sides: what people do in HubSpot is followed, what changes here is sent, and neither goes round in circles. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ADA,
  type AssociationRig,
  associationRig,
  atAcme,
  DOMAIN,
  globexIn,
} from "./associations-rig.ts";

let rig: AssociationRig;
afterEach(() => rig.close());

const GLOBEX = "globex.example.com";

describe("only HubSpot moved", () => {
  beforeEach(async () => {
    rig = await atAcme();
  });

  test("the local contact gets the company that people made primary, and nothing is parted", async () => {
    const id = globexIn(rig);

    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", id], { primary: true });
    await rig.settle();

    expect(await rig.one(ADA)).toMatchObject({
      domain: "globex.com",
      company: "Globex",
      status: "synced",
      provenance: { domain: { source: "hubspot" }, company: { source: "hubspot" } },
    });
    expect(rig.companiesOf(ADA)).toEqual(["*globex.com", DOMAIN]);
    expect(rig.remote(ADA)).toMatchObject({ company: "Globex" });
    expect(await rig.base(ADA)).toMatchObject({ company: id, primary: id, made: null });
  });

  test("its company exists here with HubSpot's name, linked, and the log says what became of it", async () => {
    const acme = rig.companyId(DOMAIN);
    const id = globexIn(rig);
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", id], { primary: true });

    await rig.settle();

    const [row] = await rig.store.companies.findByDomains(["globex.com"]);
    expect(row).toMatchObject({ name: "Globex" });
    expect(await rig.store.links.byHubspotIds("companies", [id])).toEqual([
      { object: "companies", local_id: row?.id, hubspot_id: id },
    ]);
    expect((await rig.moves(ADA)).at(-1)).toMatchObject({
      field: "@company",
      before: acme,
      after: id,
      rule: "only HubSpot moved",
    });
  });

  test("by a whole sync alone, it is met too, and counted once", async () => {
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globexIn(rig)], { primary: true });

    const job = await rig.sync({ emails: [ADA] });
    const again = await rig.sync({ emails: [ADA] });

    expect(job.counts).toMatchObject({ companies_followed: 1, pulled: 1, updated: 1 });
    expect(again.counts).toEqual({ unchanged: 1 });
  });

  test("a company without a domain leaves the contact without one, also after the next import", async () => {
    const [id = ""] = rig.hubspot.seedCompanies([{ name: "Nameplate" }]);

    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", id], { primary: true });
    await rig.settle();

    expect(await rig.one(ADA)).toMatchObject({ domain: null, company: "Nameplate" });
    rig.forget();
    await rig.settle();
    expect(rig.writes()).toEqual([]);
    expect(rig.companiesOf(ADA)).toContain("*Nameplate");
  });

  test("a second HubSpot company of the same domain changes nothing here: the link stays one to one", async () => {
    const acme = rig.companyId(DOMAIN);
    const [twin = ""] = rig.hubspot.seedCompanies([{ domain: DOMAIN, name: "Acme again" }]);

    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", twin], { primary: true });
    await rig.settle();

    expect(await rig.one(ADA)).toMatchObject({ domain: DOMAIN, company: "Acme Robotics" });
    const [row] = await rig.store.companies.findByDomains([DOMAIN]);
    expect(await rig.store.links.byLocalIds("companies", [row?.id ?? 0])).toMatchObject([
      { hubspot_id: acme },
    ]);
    expect(rig.writes()).toEqual([]);
    expect(await rig.base(ADA)).toMatchObject({ company: twin });
  });

  test("people's own further associations are nobody's move", async () => {
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globexIn(rig)]);
    const before = await rig.one(ADA);

    await rig.settle();

    expect(await rig.one(ADA)).toMatchObject({ domain: before.domain, company: before.company });
    expect(rig.writes()).toEqual([]);
    expect(rig.companiesOf(ADA)).toEqual([`*${DOMAIN}`, "globex.com"]);
  });
});

describe("HubSpot's people took the company away", () => {
  beforeEach(async () => {
    rig = await atAcme();
  });

  const part = (domain = DOMAIN): void =>
    rig.hubspot.dissociateAsUser(["contacts", ADA], ["companies", rig.companyId(domain)]);

  test("it is not given back, whatever comes by, and the domain that the e-mail says stays", async () => {
    part();

    await rig.settle();
    await rig.sync({ emails: [ADA] });
    await rig.edit(ADA, { first_name: "Ada" });
    await rig.sync();

    expect(rig.companiesOf(ADA)).toEqual([]);
    expect(await rig.one(ADA)).toMatchObject({ domain: DOMAIN, first_name: "Ada" });
    expect(rig.writes().filter((line) => line.includes("associations"))).toEqual([]);
    expect((await rig.moves(ADA)).at(-1)).toMatchObject({ after: null });
  });

  test("given back by people, it is as it was", async () => {
    const acme = rig.companyId(DOMAIN);
    part();
    await rig.settle();

    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", acme], { primary: true });
    await rig.settle();

    expect(await rig.one(ADA)).toMatchObject({ domain: DOMAIN });
    expect(await rig.base(ADA)).toMatchObject({ company: acme, primary: acme });
  });

  test("a domain that came from HubSpot goes with it, and what the e-mail says holds again", async () => {
    const id = globexIn(rig);
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", id], { primary: true });
    await rig.settle();
    expect((await rig.one(ADA)).domain).toBe("globex.com");
    rig.hubspot.dissociateAsUser(["contacts", ADA], ["companies", id]);

    await rig.settle();

    expect((await rig.one(ADA)).domain).toBe(DOMAIN);
    expect(rig.companiesOf(ADA)).toEqual([DOMAIN]);
  });

  test("while this side gave the contact a new one, the new one is sent", async () => {
    part();
    await rig.edit(ADA, { domain: GLOBEX });

    await rig.sync();

    expect(rig.companiesOf(ADA)).toEqual([`*${GLOBEX}`]);
    expect((await rig.one(ADA)).domain).toBe(GLOBEX);
  });
});

describe("only the local domain moved", () => {
  beforeEach(async () => {
    rig = await atAcme();
  });

  test("the new company becomes primary, and the association that we made before ends", async () => {
    await rig.edit(ADA, { domain: GLOBEX });

    const job = await rig.sync();
    const again = await rig.sync({ emails: [ADA] });

    expect(rig.companiesOf(ADA)).toEqual([`*${GLOBEX}`]);
    expect(job.counts).toMatchObject({ associations: 1, associations_ended: 1 });
    expect(again.counts).toEqual({ unchanged: 1 });
    expect((await rig.moves(ADA)).at(-1)).toMatchObject({ after: rig.companyId(GLOBEX) });
  });

  test("a primary company that people chose stays, as do their associations; ours is replaced beside it", async () => {
    const people = globexIn(rig);
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", people], { primary: true });
    await rig.settle();
    await rig.edit(ADA, { domain: DOMAIN });
    await rig.sync();
    // HubSpot's primary company was followed and is in step, so the new one takes its place; people's association stays.
    expect(rig.companiesOf(ADA)).toEqual([`*${DOMAIN}`, "globex.com"]);

    await rig.edit(ADA, { domain: GLOBEX });
    await rig.sync();

    expect(rig.companiesOf(ADA)).toEqual([`*${GLOBEX}`, DOMAIN, "globex.com"]);
  });

  test("an emptied domain ends the association that we made", async () => {
    await rig.edit(ADA, { domain: null });

    await rig.sync();

    expect(rig.companiesOf(ADA)).toEqual([]);
    expect((await rig.one(ADA)).domain).toBeNull();
  });
});

describe("people chose another primary company before we met the contact", () => {
  test("ours stands beside it, and is replaced there; theirs is never touched", async () => {
    rig = await associationRig();
    rig.hubspot.seedContacts([{ email: ADA }]);
    rig.hubspot.associate(["contacts", ADA], ["companies", globexIn(rig)], [1, 279]);
    await rig.contact(ADA, { domain: DOMAIN });

    await rig.sync();
    expect(rig.companiesOf(ADA)).toEqual(["*globex.com", DOMAIN]);
    expect((await rig.sync({ emails: [ADA] })).counts).toEqual({ unchanged: 1 });
    await rig.edit(ADA, { domain: GLOBEX });
    await rig.sync();

    expect(rig.companiesOf(ADA)).toEqual(["*globex.com", GLOBEX]);
    expect((await rig.one(ADA)).domain).toBe(GLOBEX);
  });

  test("an association that people had made already is not ours to end", async () => {
    rig = await associationRig();
    rig.hubspot.seedContacts([{ email: ADA }]);
    const [acme = ""] = rig.hubspot.seedCompanies([{ domain: DOMAIN, name: "Acme" }]);
    rig.hubspot.associate(["contacts", ADA], ["companies", globexIn(rig)], [1, 279]);
    rig.hubspot.associate(["contacts", ADA], ["companies", acme], [279]);
    await rig.contact(ADA, { domain: DOMAIN });
    await rig.sync();

    await rig.edit(ADA, { domain: GLOBEX });
    await rig.sync();

    expect(rig.companiesOf(ADA)).toEqual(["*globex.com", DOMAIN, GLOBEX]);
  });

  test("a contact without a domain gets the company of HubSpot", async () => {
    rig = await associationRig();
    rig.hubspot.seedContacts([{ email: "ada@gmail.com" }]);
    rig.hubspot.associate(["contacts", "ada@gmail.com"], ["companies", globexIn(rig)], [1, 279]);
    await rig.contact("ada@gmail.com");

    await rig.sync();

    expect(await rig.one("ada@gmail.com")).toMatchObject({
      domain: "globex.com",
      company: "Globex",
      status: "synced",
    });
  });
});
