/** Contacts' companies in awkward circumstances: nothing flips, nothing of people's is taken away. */
import { afterEach, expect, test } from "vitest";
import { significantFields } from "../../mcp-server/src/core/significant.ts";
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

async function quiet(): Promise<void> {
  await rig.settle();
  rig.forget();
  rig.clock.advance(60_000);
  await rig.sync();
  await rig.settle();
  await rig.sync({ mode: "reconcile", object: "contacts" });
  await rig.settle();
  expect(rig.writes()).toEqual([]);
}

test("both moved: HubSpot's company wins here, the loser is told, and then it is quiet", async () => {
  rig = await atAcme();
  const globex = globexIn(rig);
  rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globex], { primary: true });
  await rig.edit(ADA, { domain: "initech.com", company: "Initech" });
  await rig.settle();
  await rig.sync();
  await rig.settle();

  expect(await rig.one(ADA)).toMatchObject({ domain: "globex.com" });
  expect(rig.companiesOf(ADA)).toContain("*globex.com");
  expect(JSON.stringify(await rig.moves(ADA))).toContain("initech.com");
  await quiet();
});

test("two local domains of one HubSpot company do not fight over it", async () => {
  rig = await atAcme();
  const BOB = "bob@acme.de";
  await rig.contact(BOB, { domain: "acme.de", company: "Acme" });
  await rig.sync();
  await rig.settle();
  rig.hubspot.associateAsUser(["contacts", BOB], ["companies", rig.companyId(DOMAIN)], {
    primary: true,
  });
  await rig.settle();
  await rig.sync();

  expect(rig.companiesOf(BOB)).toContain(`*${DOMAIN}`);
  expect(await rig.one(BOB)).toMatchObject({ domain: DOMAIN });
  await quiet();
});

test("two HubSpot companies with one domain: a contact may belong to either", async () => {
  rig = await atAcme();
  const [twin = ""] = rig.hubspot.seedCompanies([{ domain: DOMAIN, name: "Acme (old)" }]);
  rig.hubspot.associateAsUser(["contacts", ADA], ["companies", twin], { primary: true });
  await rig.settle();

  expect((await rig.base(ADA))?.primary).toBe(twin);
  expect(await rig.one(ADA)).toMatchObject({ domain: DOMAIN });
  await quiet();
});

test("two HubSpot companies with one domain that are merged stay one", async () => {
  rig = await atAcme();
  const [twin = ""] = rig.hubspot.seedCompanies([{ domain: DOMAIN, name: "Acme (old)" }]);
  const survivor = rig.hubspot.mergeAsUser("companies", rig.companyId(DOMAIN), twin);
  await rig.settle();
  await rig.sync();

  expect((await rig.base(ADA))?.company).toBe(survivor);
  expect(rig.companiesOf(ADA)).toEqual([`*${DOMAIN}`]);
  await quiet();
});

test("a company without a domain is followed, and its contact is not given another one", async () => {
  rig = await atAcme();
  const [bare = ""] = rig.hubspot.seedCompanies([{ name: "Secret Lab" }]);
  rig.hubspot.associateAsUser(["contacts", ADA], ["companies", bare], { primary: true });
  await rig.settle();
  await rig.sync();

  expect(await rig.one(ADA)).toMatchObject({ domain: null, company: "Secret Lab" });
  expect(rig.companiesOf(ADA)).toContain("*Secret Lab");
  await quiet();
});

test("a company that was taken away is not given back by enrichment", async () => {
  rig = await atAcme({ live: { significant: significantFields("company,domain") } });
  rig.hubspot.dissociateAsUser(["contacts", ADA], ["companies", rig.companyId(DOMAIN)]);
  await rig.settle();
  const { job } = await rig.jobs.start("enrich", { emails: [ADA], force: true });
  await rig.jobs.wait(job.job_id, 20_000);
  await rig.sync();
  await rig.settle();

  expect(rig.companiesOf(ADA)).toEqual([]);
  await quiet();
});

test("enrichment of a contact that followed another company settles", async () => {
  rig = await atAcme({ live: { significant: significantFields("company,domain") } });
  const globex = globexIn(rig);
  rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globex], { primary: true });
  await rig.settle();
  expect(await rig.one(ADA)).toMatchObject({ status: "imported", domain: "globex.com" });
  for (let n = 0; n < 3; n++) {
    const { job } = await rig.jobs.start("enrich", {});
    await rig.jobs.wait(job.job_id, 20_000);
    await rig.sync();
    await rig.settle();
  }

  expect(await rig.one(ADA)).toMatchObject({ status: "synced", domain: "globex.com" });
  expect(rig.companiesOf(ADA)).toContain("*globex.com");
  await quiet();
});

test("a mail provider's address names no company, and HubSpot's is followed", async () => {
  rig = await associationRig();
  const MAIL = "ada@gmail.com";
  await rig.contact(MAIL, {});
  await rig.sync();
  rig.listen();
  expect(rig.companiesOf(MAIL)).toEqual([]);
  const [id = ""] = rig.hubspot.seedCompanies([{ domain: "gmail.com", name: "Google Mail" }]);
  rig.hubspot.associateAsUser(["contacts", MAIL], ["companies", id], { primary: true });
  await rig.settle();

  expect(await rig.one(MAIL)).toMatchObject({ domain: null });
  expect(rig.companiesOf(MAIL)).toHaveLength(1);
  await quiet();
});

test("further companies and labels that people gave stay through a move here", async () => {
  rig = await atAcme();
  const globex = globexIn(rig);
  rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globex]);
  await rig.settle();
  await rig.edit(ADA, { domain: "initech.com", company: "Initech" });
  await rig.sync();
  await rig.settle();

  expect(rig.companiesOf(ADA)).toEqual(["*initech.com", "globex.com"]);
  await quiet();
});

test("a contact whose primary company people made another, and back, ends where it began", async () => {
  rig = await atAcme();
  const globex = globexIn(rig);
  rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globex], { primary: true });
  await rig.settle();
  rig.hubspot.associateAsUser(["contacts", ADA], ["companies", rig.companyId(DOMAIN)], {
    primary: true,
  });
  await rig.settle();

  expect(await rig.one(ADA)).toMatchObject({ domain: DOMAIN });
  expect(rig.companiesOf(ADA)).toEqual([`*${DOMAIN}`, "globex.com"]);
  await quiet();
});

test("associations that HubSpot would not make at first are made later, once", async () => {
  rig = await associationRig();
  rig.hubspot.seedCompanies([{ domain: DOMAIN, name: "Acme" }]);
  await rig.contact(ADA, { domain: DOMAIN });
  await rig.contact("bob@globex.com", { domain: "globex.com" });
  rig.simulator.faults.add({
    service: "hubspot",
    name: "http-500",
    times: 40,
    path: "/associations/",
  });
  await rig.sync();
  rig.simulator.faults.clear();
  rig.clock.advance(16 * 60_000);
  await rig.sync();

  expect(rig.companiesOf(ADA)).toEqual([`*${DOMAIN}`]);
  expect(rig.companiesOf("bob@globex.com")).toEqual(["*globex.com"]);
  await quiet();
});

test("companies that HubSpot makes by itself do not flip", async () => {
  rig = await associationRig();
  rig.hubspot.configure({ autoCreateCompanies: true });
  await rig.contact(ADA, { domain: DOMAIN, company: "Acme Robotics" });
  await rig.sync();
  rig.listen();
  rig.hubspot.editAsUser("contacts", ADA, { email: "ada@globex.com" });
  await rig.settle();
  await quiet();
});
