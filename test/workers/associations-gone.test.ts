/** Contacts' companies that HubSpot merged, deleted, restored or renamed. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lookAtCompanies } from "../../mcp-server/src/workers/company-looks.ts";
import { ADA, type AssociationRig, atAcme, DOMAIN, globexIn } from "./associations-rig.ts";

let rig: AssociationRig;
beforeEach(async () => {
  rig = await atAcme();
});
afterEach(() => rig.close());

async function linkOf(domain: string): Promise<string | undefined> {
  const rows = await rig.store.companies.findByDomains([domain]);
  const links = await rig.store.links.byLocalIds(
    "companies",
    rows.map(({ id }) => id),
  );
  return links[0]?.hubspot_id;
}

async function look(...ids: readonly string[]): Promise<void> {
  const { store, crm, clock } = rig;
  await lookAtCompanies(
    { store: store.by("sync"), crm, runId: "look", call: {}, now: () => clock.now() },
    ids,
  );
}

async function waiting(): Promise<readonly number[]> {
  return rig.store.queue.dueIds("contacts", rig.clock.iso(), { afterId: 0, limit: 10 });
}

/** What the log says of the company of a domain, newest first. */
async function told(domain: string): Promise<readonly unknown[]> {
  const [row] = await rig.store.companies.findByDomains([domain]);
  const rows = await rig.store.syncLog.forRecord("companies", row?.id ?? 0, 10);
  return rows.flatMap(({ fields }) =>
    fields.map(({ field, before, after }) => [field, before, after]),
  );
}

describe("a merged company", () => {
  test("is followed by link and base, and moves nobody", async () => {
    const survivor = rig.hubspot.mergeAsUser("companies", globexIn(rig), rig.companyId(DOMAIN));

    await rig.settle();

    expect(await linkOf(DOMAIN)).toBe(survivor);
    expect(await rig.one(ADA)).toMatchObject({ domain: DOMAIN, company: "Acme Robotics" });
    expect(await rig.base(ADA)).toMatchObject({ company: survivor, made: survivor });
    expect(rig.writes()).toEqual([]);
    rig.forget();
    await rig.sync({ emails: [ADA] });
    expect(rig.writes()).toEqual([]);
  });

  test("is met without a notification too, when the contact is looked at", async () => {
    const survivor = rig.hubspot.mergeAsUser("companies", globexIn(rig), rig.companyId(DOMAIN));

    const job = await rig.sync({ emails: [ADA] });

    expect(job.counts).toEqual({ unchanged: 1 });
    expect(await linkOf(DOMAIN)).toBe(survivor);
    expect((await rig.one(ADA)).domain).toBe(DOMAIN);
  });

  test("into one that another local company has: that one keeps it, and the contact stays there", async () => {
    const globex = globexIn(rig);
    await rig.contact("bo@globex.com", { domain: "globex.com" });
    await rig.sync();
    const survivor = rig.hubspot.mergeAsUser("companies", globex, rig.companyId(DOMAIN));
    await look(globex);

    await look(rig.companyId("globex.com"), survivor);
    await rig.settle();

    expect(await rig.store.links.byHubspotIds("companies", [survivor])).toHaveLength(1);
    expect(await rig.store.links.byHubspotIds("companies", [globex])).toEqual([]);
    rig.forget();
    await rig.sync({ emails: [ADA, "bo@globex.com"] });
    expect(rig.writes()).toEqual([]);
  });
});

describe("a deleted company", () => {
  test("loses its link; its contacts are looked at once, keep their domain and get no new one", async () => {
    const acme = rig.companyId(DOMAIN);
    rig.hubspot.archiveAsUser("companies", acme);

    await rig.settle();

    expect(await linkOf(DOMAIN)).toBeUndefined();
    expect(await rig.one(ADA)).toMatchObject({ domain: DOMAIN, status: "synced" });
    expect(rig.hubspot.all("companies")).toEqual([]);
    expect(await waiting()).toEqual([]);
    rig.forget();
    await rig.sync({ emails: [ADA] });
    expect(rig.writes()).toEqual([]);
  });

  test("that is restored is linked again, with its contacts", async () => {
    const acme = rig.companyId(DOMAIN);
    rig.hubspot.archiveAsUser("companies", acme);
    await rig.settle();

    rig.hubspot.restoreAsUser("companies", acme);
    await look(acme);
    await rig.sync({ emails: [ADA] });

    expect(await linkOf(DOMAIN)).toBe(acme);
    expect(rig.companiesOf(ADA)).toEqual([`*${DOMAIN}`]);
    expect(await rig.base(ADA)).toMatchObject({ company: acme });
    expect(rig.hubspot.all("companies")).toHaveLength(1);
  });

  test("marks only contacts that were last seen with it", async () => {
    await rig.contact("new@acme-robotics.com", { domain: DOMAIN });
    const acme = rig.companyId(DOMAIN);
    rig.hubspot.archiveAsUser("companies", acme);

    await look(acme);

    expect(await waiting()).toEqual([(await rig.one(ADA)).id]);
  });
});

describe("a company that people changed in HubSpot", () => {
  test("gives its name to the local one; a new domain is told of once and moves nobody", async () => {
    const acme = rig.companyId(DOMAIN);
    rig.hubspot.editAsUser("companies", acme, { name: "Acme AG", domain: "acme.ag" });

    await look(acme);
    await look(acme);

    const [row] = await rig.store.companies.findByDomains([DOMAIN]);
    expect(row).toMatchObject({ name: "Acme AG" });
    expect(await linkOf(DOMAIN)).toBe(acme);
    expect(await told(DOMAIN)).toEqual([
      ["domain", DOMAIN, "acme.ag"],
      ["name", "Acme Robotics", "Acme AG"],
      // From when the company was made there.
      ["domain", null, DOMAIN],
    ]);
    expect(await waiting()).toEqual([]);
    await rig.sync({ emails: [ADA] });
    expect(await rig.one(ADA)).toMatchObject({ domain: DOMAIN });
  });

  test("is the company of its later domain too, and keeps the link with the earlier one", async () => {
    const acme = rig.companyId(DOMAIN);
    rig.hubspot.editAsUser("companies", acme, { domain: "acme.ag" });
    await rig.contact("bo@acme.ag", { domain: "acme.ag" });

    await rig.sync();

    expect(rig.companiesOf("bo@acme.ag")).toEqual(["*acme.ag"]);
    expect(await linkOf(DOMAIN)).toBe(acme);
    expect(rig.hubspot.all("companies")).toHaveLength(1);
  });
});

test.each(["http-503", "drop-mid-body"] as const)(
  "%s while companies are read clears nothing, and the next look mends it",
  async (name) => {
    const acme = rig.companyId(DOMAIN);
    rig.hubspot.archiveAsUser("companies", acme);
    rig.simulator.faults.add({ service: "hubspot", name, path: "/companies/batch/read", times: 9 });

    await expect(look(acme)).rejects.toMatchObject({ kind: "unavailable" });

    expect(await linkOf(DOMAIN)).toBe(acme);
    expect(await waiting()).toEqual([]);
    rig.simulator.faults.clear();
    await look(acme);
    expect(await linkOf(DOMAIN)).toBeUndefined();
  },
);
