/** Contacts that come after HubSpot's people merged or deleted their company: nothing undoes what people did. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ADA, type AssociationRig, atAcme, DOMAIN } from "./associations-rig.ts";

const ELSE = "acme-mobile.com";
const BO = `bo@${ELSE}`;
const CY = `cy@${ELSE}`;
const DEE = `dee@${DOMAIN}`;

let rig: AssociationRig;
afterEach(() => rig.close());

async function companyRow(domain: string) {
  const [row] = await rig.store.companies.findByDomains([domain]);
  if (!row) throw new Error(`no company ${domain}`);
  const [link] = await rig.store.links.byLocalIds("companies", [row.id]);
  return { ...row, link: link?.hubspot_id ?? null };
}

function companyIds(): readonly string[] {
  return rig.hubspot.all("companies").map(({ id }) => id);
}

describe("of two companies that people merged", () => {
  let survivor: string;
  beforeEach(async () => {
    rig = await atAcme();
    await rig.contact(BO, { domain: ELSE, company: "Acme Mobile" });
    await rig.sync();
    survivor = rig.hubspot.mergeAsUser("companies", rig.companyId(DOMAIN), rig.companyId(ELSE));
  });

  async function hearOf(how: string): Promise<void> {
    if (how === "notifications") await rig.settle();
    else for (const email of how.split(" ")) await rig.sync({ emails: [email] });
  }

  test.each(["notifications", ADA, BO, `${ADA} ${BO}`, `${BO} ${ADA}`])(
    "the one whose domain lives on keeps the link, and the other remembers it: heard by %s",
    async (how) => {
      await hearOf(how);

      const kept = await companyRow(DOMAIN);
      expect(kept).toMatchObject({ link: survivor, merged_into: null, name: "Acme Robotics" });
      expect(await companyRow(ELSE)).toMatchObject({ link: null, merged_into: kept.id });
    },
  );

  test("new contacts of both domains belong to the one that lives on, and no other is made", async () => {
    await rig.settle();
    await rig.contact(CY, { domain: ELSE });
    await rig.contact(DEE, { domain: DOMAIN });

    await rig.sync();
    await rig.settle();

    for (const email of [ADA, BO, CY, DEE]) expect(rig.companiesOf(email)).toEqual([`*${DOMAIN}`]);
    expect(companyIds()).toEqual([survivor]);
    expect((await rig.one(CY)).domain).toBe(ELSE);
    rig.forget();
    await rig.sync({ emails: [ADA, BO, CY, DEE] });
    expect(rig.writes()).toEqual([]);
  });

  test("the name follows HubSpot's, whatever the merged one was called", async () => {
    await rig.settle();

    rig.hubspot.editAsUser("companies", survivor, { name: "Acme Group" });
    await rig.settle();

    expect(await companyRow(DOMAIN)).toMatchObject({ name: "Acme Group" });
    expect(await companyRow(ELSE)).toMatchObject({ name: "Acme Mobile" });
  });
});

describe("a contact whose company people deleted before it came", () => {
  let acme: string;
  beforeEach(async () => {
    rig = await atAcme();
    acme = rig.companyId(DOMAIN);
    rig.hubspot.archiveAsUser("companies", acme);
    await rig.settle();
    await rig.contact(DEE, { domain: DOMAIN });
  });

  test("is synced without one, counted as such, and at rest", async () => {
    const job = await rig.sync();

    expect(job.counts).toMatchObject({ created: 1, company_deleted: 1 });
    expect(job.counts).not.toHaveProperty("failed");
    expect(await rig.one(DEE)).toMatchObject({ status: "synced", domain: DOMAIN });
    expect(companyIds()).toEqual([]);
    rig.forget();
    await rig.sync({ emails: [DEE] });
    expect(rig.writes()).toEqual([]);
  });

  test("gets it once it is restored, without anybody asking", async () => {
    await rig.sync();

    rig.hubspot.restoreAsUser("companies", acme);
    await rig.settle();

    expect(rig.companiesOf(DEE)).toEqual([`*${DOMAIN}`]);
    expect(companyIds()).toEqual([acme]);
    expect(await companyRow(DOMAIN)).toMatchObject({ link: acme, hubspot_deleted_id: null });
  });

  test("gets the one that people entered anew for the domain", async () => {
    await rig.sync();
    const [anew = ""] = rig.hubspot.seedCompanies([{ domain: DOMAIN, name: "Acme again" }]);

    await rig.sync({ emails: [DEE] });

    expect(rig.companiesOf(DEE)).toEqual([`*${DOMAIN}`]);
    expect(companyIds()).toEqual([anew]);
    expect(await companyRow(DOMAIN)).toMatchObject({ link: anew, hubspot_deleted_id: null });
  });
});

describe("a contact that HubSpot's people moved and whose new company they took away", () => {
  beforeEach(async () => {
    rig = await atAcme();
    const [globex = ""] = rig.hubspot.seedCompanies([{ domain: "globex.com", name: "Globex" }]);
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globex], { primary: true });
    await rig.settle();
    expect(await rig.one(ADA)).toMatchObject({ domain: "globex.com", company: "Globex" });
  });

  test("has the domain of its e-mail again, with that company's name", async () => {
    rig.hubspot.archiveAsUser("companies", rig.companyId("globex.com"));
    await rig.settle();

    expect(await rig.one(ADA)).toMatchObject({ domain: DOMAIN, company: "Acme Robotics" });
  });

  test("keeps a name that it got here meanwhile", async () => {
    await rig.edit(ADA, { company: "Globex & Ada" });
    rig.hubspot.archiveAsUser("companies", rig.companyId("globex.com"));
    await rig.settle();

    expect(await rig.one(ADA)).toMatchObject({ domain: DOMAIN, company: "Globex & Ada" });
  });
});
