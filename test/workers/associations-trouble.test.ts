/** Associations under trouble: crashes, single failures, failed reads, echoes, and a HubSpot that makes companies by itself. */
import { afterEach, describe, expect, test } from "vitest";
import { planSides } from "../../mcp-server/src/core/sync-record.ts";
import { type CompanyRun, decideCompanies } from "../../mcp-server/src/workers/company-reading.ts";
import { contactSides } from "../../mcp-server/src/workers/contact-kind.ts";
import {
  ADA,
  type AssociationRig,
  associationRig,
  atAcme,
  DOMAIN,
  globexIn,
} from "./associations-rig.ts";

const BO = "bo@acme-robotics.com";
const CY = "cy@globex.example.com";
const GLOBEX = "globex.example.com";

let rig: AssociationRig;
afterEach(() => rig.close());

/** As if the process had died before what it did in HubSpot was kept here. */
async function forgetBase(email: string, base: Readonly<Record<string, string | null>>) {
  const { id } = await rig.one(email);
  await rig.store.fieldStates.put([
    { object: "contacts", local_id: id, base, synced_at: rig.clock.iso() },
  ]);
}

describe("after a crash between HubSpot's answer and the base", () => {
  test("a first association is found as it is and written no second time", async () => {
    rig = await associationRig();
    await rig.contact(ADA, { domain: DOMAIN });
    await rig.sync();
    await forgetBase(ADA, {});
    rig.forget();

    await rig.sync({ emails: [ADA] });

    expect(rig.writes().filter((line) => line.includes("associations"))).toEqual([]);
    expect(rig.companiesOf(ADA)).toEqual([`*${DOMAIN}`]);
    expect(await rig.base(ADA)).toMatchObject({ company: rig.companyId(DOMAIN) });
  });

  test("a change of company is finished: the association that we made before ends", async () => {
    rig = await atAcme();
    const before = await rig.wholeBase(ADA);
    await rig.edit(ADA, { domain: GLOBEX });
    await rig.sync();
    rig.hubspot.associate(["contacts", ADA], ["companies", rig.companyId(DOMAIN)], [279]);
    await forgetBase(ADA, before);

    await rig.sync({ emails: [ADA] });

    expect(rig.companiesOf(ADA)).toEqual([`*${GLOBEX}`]);
    expect((await rig.one(ADA)).domain).toBe(GLOBEX);
    expect((await rig.sync({ emails: [ADA] })).counts).toEqual({ unchanged: 1 });
  });

  test("an answer that was lost is asked again, and nothing is doubled", async () => {
    rig = await atAcme();
    await rig.edit(ADA, { domain: GLOBEX });
    for (const path of ["/batch/create", "/labels/archive"])
      rig.simulator.faults.add({ service: "hubspot", name: "reset-after-commit", path, times: 1 });

    await rig.sync();
    await rig.retryLater();

    expect(rig.companiesOf(ADA)).toEqual([`*${GLOBEX}`]);
  });
});

describe("one pair that fails", () => {
  test("harms only its own contact, which is tried again without the company that is no more", async () => {
    rig = await atAcme();
    await rig.contact(BO, { domain: DOMAIN });
    await rig.contact(CY, { domain: GLOBEX });
    rig.hubspot.archiveAsUser("companies", rig.companyId(DOMAIN));

    const job = await rig.sync();

    expect(job.counts).toMatchObject({ failed: 1, created: 1, associations: 1 });
    expect(rig.companiesOf(CY)).toEqual([`*${GLOBEX}`]);
    expect(await rig.one(BO)).toMatchObject({ status: "failed", failed_stage: "sync" });
    const { id } = await rig.one(BO);
    const log = await rig.store.syncLog.forRecord("contacts", id, 10);
    expect(log.find(({ action }) => action === "associate")).toMatchObject({ outcome: "failed" });
    await rig.retryLater();
    expect(await rig.one(BO)).toMatchObject({ status: "synced" });
    expect(rig.companiesOf(BO)).toEqual([]);
    expect(rig.hubspot.all("companies")).toHaveLength(1);
  });

  test("and an old association that cannot be ended yet is ended later", async () => {
    rig = await atAcme();
    await rig.edit(ADA, { domain: GLOBEX });
    rig.simulator.faults.add({
      service: "hubspot",
      name: "http-503",
      path: "/labels/archive",
      times: 9,
    });

    await rig.sync();
    expect(rig.companiesOf(ADA)).toEqual([`*${GLOBEX}`, DOMAIN]);
    expect(await rig.one(ADA)).toMatchObject({ status: "failed" });
    rig.simulator.faults.clear();
    await rig.retryLater();

    expect(rig.companiesOf(ADA)).toEqual([`*${GLOBEX}`]);
    expect(await rig.one(ADA)).toMatchObject({ status: "synced", domain: GLOBEX });
  });
});

test.each(["/associations/2026-09/contacts/companies/batch/read", "/companies/batch/read"])(
  "what cannot be read is neither gone nor moved: %s",
  async (path) => {
    rig = await atAcme();
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globexIn(rig)], { primary: true });
    const [contact, base] = [await rig.one(ADA), await rig.base(ADA)];
    rig.simulator.faults.add({ service: "hubspot", name: "http-503", path, times: 9 });

    await rig.sync({ emails: [ADA] });

    expect(await rig.one(ADA)).toMatchObject({ domain: contact.domain, company: contact.company });
    expect(await rig.base(ADA)).toEqual(base);
    rig.simulator.faults.clear();
    await rig.retryLater();
    expect((await rig.one(ADA)).domain).toBe("globex.com");
  },
);

describe("no circles", () => {
  test("the echo of our own association is heard, and nothing is written", async () => {
    rig = await atAcme();
    await rig.edit(ADA, { domain: GLOBEX });
    await rig.sync();
    rig.forget();

    await rig.settle();
    await rig.settle();

    expect(rig.writes()).toEqual([]);
    expect(rig.companiesOf(ADA)).toEqual([`*${GLOBEX}`]);
  });

  test("a followed company is at rest after one round", async () => {
    rig = await atAcme();
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globexIn(rig)], { primary: true });
    await rig.settle();
    rig.forget();

    await rig.settle();
    await rig.sync({ emails: [ADA] });

    expect(rig.writes()).toEqual([]);
  });

  test("a HubSpot that makes companies of e-mail domains by itself comes to rest with us", async () => {
    rig = await associationRig();
    rig.hubspot.configure({ autoCreateCompanies: true });
    rig.listen();
    await rig.contact(ADA, { domain: DOMAIN });
    await rig.contact(BO, { domain: DOMAIN });
    await rig.sync();
    await rig.settle();
    rig.forget();

    await rig.settle();
    await rig.sync({ emails: [ADA, BO] });

    expect(rig.writes()).toEqual([]);
    expect(await rig.one(ADA)).toMatchObject({ domain: DOMAIN, status: "synced" });
    expect(await rig.one(BO)).toMatchObject({ domain: DOMAIN, status: "synced" });
  });

  test("a property that lags behind the associations moves nobody back", async () => {
    rig = await atAcme();
    const acme = rig.companyId(DOMAIN);
    await rig.edit(ADA, { domain: GLOBEX });
    await rig.sync();

    const { decided } = await decideCompanies(runOf(rig), [await shown(rig, acme)]);

    const moves = [...decided.values()].map(({ move }) => move.kind);
    expect(moves).toEqual(["rest"]);
  });
});

function runOf({ store, crm, clock }: AssociationRig): CompanyRun {
  const now = () => clock.now();
  return { store: store.by("sync"), crm, call: {}, direction: "both", runId: "test", now };
}

/** Ada as she is here, while HubSpot's property still tells this company. */
async function shown(
  { store, maps, one, wholeBase }: AssociationRig,
  associatedcompanyid: string,
): Promise<Parameters<typeof decideCompanies>[1][number]> {
  const contact = await one(ADA);
  const [side] = await contactSides(store, maps.contacts, [contact]);
  if (!side) throw new Error("Ada is gone");
  const [link] = await store.links.byLocalIds("contacts", [contact.id]);
  const remote = { email: ADA, associatedcompanyid };
  const hubspotId = link?.hubspot_id ?? null;
  const sides = { ...side, hubspotId, remote, base: await wholeBase(ADA), remoteAt: null };
  return { sides, plan: planSides([], sides, "both") };
}
