/** Reconciliation of what only HubSpot has, of customers, of companies, and beside other syncs. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  causesOf,
  contactsOf,
  type ReconcileScene,
  reconcileScene,
  reportOf,
} from "./reconcile-scene.ts";

let scene: ReconcileScene;
const open = async (options: Parameters<typeof reconcileScene>[0] = {}): Promise<void> => {
  scene = await reconcileScene(options);
};
afterEach(() => scene.close());

describe("what only HubSpot has", () => {
  beforeEach(async () => {
    await open();
  });

  test("does not count the record that merged ones live on in", async () => {
    await scene.synced("ada@example.com", "second@example.com");
    scene.simulator.hubspot.mergeAsUser("contacts", "ada@example.com", "second@example.com");

    const part = contactsOf(await scene.reconcile({ dry_run: true }));

    expect(part.findings).toMatchObject({ gone: { count: 2 }, only_in_hubspot: { count: 0 } });
  });

  test("hands contacts made since this server first ran to whoever takes new ones over", async () => {
    await scene.synced("ada@example.com");
    const yesterday = new Date(Date.now() - 3 * 86_400_000).toISOString();
    await scene.store.cursors.set("inbound-since", yesterday, yesterday);
    const [id = ""] = scene.simulator.hubspot.seedContacts([{ email: "new@example.com" }]);

    const part = contactsOf(await scene.reconcile());

    expect(part.findings).toMatchObject({ only_in_hubspot: { count: 1 }, signalled: 1 });
    expect(scene.rows("select hubspot_id, kind from hubspot_queue")).toEqual([
      { hubspot_id: id, kind: "look" },
    ]);
  });

  test("looks at a record again that was deleted there and is back", async () => {
    await scene.synced("ada@example.com");
    const { hubspot } = scene.simulator;
    const id = hubspot.find("contacts", "ada@example.com")?.id ?? "";
    hubspot.archiveAsUser("contacts", id);
    await scene.reconcile();
    hubspot.restoreAsUser("contacts", id);

    const part = contactsOf(await scene.reconcile());

    expect(part.findings).toMatchObject({ restored: { count: 1 } });
    expect(await scene.store.tombstones.any()).toBe(false);
  });
});

describe("a reconciliation of customers", () => {
  beforeEach(async () => {
    await open();
  });

  test("compares companies that have an account number, and no others", async () => {
    const id = await scene.customer({ ban: "B-1", company_name: "Acme", status: "ACTIVE" });
    await scene.sync({ object: "customers" });
    scene.simulator.hubspot.seedCompanies([{ name: "Nobody's customer" }]);
    scene.editCompany("B-1", { name: "Acme GmbH", warp_status: "CLOSED" });
    scene.forget();

    const { parts } = reportOf(await scene.reconcile({ object: "customers" }));

    expect(parts.map(({ object }) => object)).toEqual(["customers"]);
    expect(parts[0]?.findings).toMatchObject({
      hubspot_records: 2,
      compared: 1,
      only_in_hubspot: { count: 0 },
    });
    expect(parts.flatMap(causesOf).sort()).toEqual([
      "company_name: changed_in_hubspot 1",
      "status: changed_in_hubspot 1",
    ]);
    expect((await scene.local("B-1"))?.company_name).toBe("Acme GmbH");
    expect(scene.company("B-1")["warp_status"]).toBe("ACTIVE");
    expect(await scene.base("customers", id)).toMatchObject({ company_name: "Acme GmbH" });
  });

  test("asks HubSpot for no companies while there are no customers", async () => {
    await scene.contact("ada@example.com");
    await scene.sync();
    scene.forget();

    const job = await scene.reconcile({ object: "all" });

    expect(reportOf(job).parts.map(({ object }) => object)).toEqual(["contacts"]);
    expect(scene.requests().filter((request) => request.endsWith("/companies"))).toEqual([]);
  });
});

describe("what HubSpot deleted and people entered there anew", () => {
  beforeEach(() => open());

  test("is the kept customer's company from then on", async () => {
    const id = await scene.customer({ ban: "B-1", company_name: "Acme" });
    await scene.sync();
    const { hubspot } = scene.simulator;
    hubspot.archiveAsUser("companies", scene.companyId("B-1"));
    await scene.reconcile({ object: "customers" });
    expect(scene.rows("select policy from tombstones")).toEqual([{ policy: "kept" }]);
    const [anew = ""] = hubspot.seedCompanies([{ warp_ban: "B-1", name: "Acme anew" }]);

    const job = await scene.reconcile({ object: "customers" });

    expect(reportOf(job).parts[0]?.findings).toMatchObject({ joined: { count: 1 } });
    expect(await scene.store.links.byLocalIds("customers", [id])).toMatchObject([
      { hubspot_id: anew },
    ]);
    expect(scene.rows("select policy from tombstones")).toEqual([]);
    expect(reportOf(await scene.reconcile({ object: "customers" })).parts[0]).toMatchObject({
      findings: { joined: { count: 0 }, equal: 1 },
    });
  });

  test("is the kept contact's record from then on", async () => {
    const [id = 0] = await scene.synced("ada@example.com");
    const { hubspot } = scene.simulator;
    hubspot.archiveAsUser("contacts", hubspot.find("contacts", "ada@example.com")?.id ?? "");
    await scene.reconcile();
    const [anew = ""] = hubspot.seedContacts([{ email: "ada@example.com", city: "Bonn" }]);

    expect(contactsOf(await scene.reconcile()).findings).toMatchObject({ joined: { count: 1 } });

    expect(await scene.store.links.byLocalIds("contacts", [id])).toMatchObject([
      { hubspot_id: anew },
    ]);
  });
});

test("runs one at a time with every other sync", async () => {
  await open();
  await scene.synced("ada@example.com");

  const first = await scene.jobs.start("sync", { mode: "reconcile" });
  const second = await scene.jobs.start("sync", {});
  await scene.jobs.wait(first.job.job_id, 10_000);

  expect(second).toMatchObject({ alreadyRunning: true, job: { job_id: first.job.job_id } });
});

test("notices that a contact belongs to another company in HubSpot", async () => {
  await open();
  await scene.contact("ada@acme.com", { domain: "acme.com", company: "Acme" });
  await scene.sync({ object: "contacts" });
  const { hubspot } = scene.simulator;
  const [other = ""] = hubspot.seedCompanies([{ name: "Globex", domain: "globex.com" }]);
  hubspot.associate(["contacts", "ada@acme.com"], ["companies", other], [1]);

  const part = contactsOf(await scene.reconcile());

  expect(causesOf(part)).toEqual(["company: company 1"]);
  expect(contactsOf(await scene.reconcile()).counts).toMatchObject({ different: 0, equal: 1 });
});
