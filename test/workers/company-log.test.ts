/** Companies that are made for contacts stand in the log like every other write: announced before the request, ended after it. */
import { afterEach, expect, test } from "vitest";
import type { SyncLogEntry } from "../../mcp-server/src/ports/sync-store.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

const DOMAIN = "acme-robotics.com";
const UPSERT = "/companies/batch/upsert";

let rig: SyncRig;
afterEach(() => rig.close());

async function companyRows(): Promise<readonly SyncLogEntry[]> {
  const [company] = await rig.store.companies.findByDomains([DOMAIN]);
  return rig.store.syncLog.forRecord("companies", company?.id ?? 0, 20);
}

const outcomes = async () =>
  (await companyRows()).map(({ action, outcome }) => `${action} ${outcome}`);

test("a company is announced once, and done with HubSpot's id", async () => {
  rig = await syncRig();
  await rig.contact("ada@acme-robotics.com", { domain: DOMAIN });
  await rig.contact("bob@acme-robotics.com", { domain: DOMAIN });

  await rig.sync();

  const [company] = rig.simulator.hubspot.all("companies");
  expect(await companyRows()).toMatchObject([
    {
      ...{ action: "create", outcome: "done", hubspot_id: company?.id, error: null },
      fields: [{ field: "domain", before: null, after: DOMAIN, rule: "NEW_COMPANY" }],
    },
  ]);
});

test("a company that HubSpot had already is announced by nobody", async () => {
  rig = await syncRig();
  rig.simulator.hubspot.seedCompanies([{ domain: DOMAIN, name: "Acme" }]);
  await rig.contact("ada@acme-robotics.com", { domain: DOMAIN });

  await rig.sync();

  expect(await companyRows()).toEqual([]);
});

test("a creation whose answer was lost is unknown, and none is left open once it was found", async () => {
  rig = await syncRig();
  await rig.contact("ada@acme-robotics.com", { domain: DOMAIN });
  const fault = { service: "hubspot", path: UPSERT, times: 1 } as const;
  rig.simulator.faults.add({ ...fault, name: "reset-after-commit" });

  await rig.sync();

  expect(await outcomes()).toEqual(["create unknown"]);
  expect(rig.simulator.hubspot.all("companies")).toHaveLength(1);
});

test("what a process announced and did not live to answer ends when the company is asked for again", async () => {
  rig = await syncRig();
  await rig.contact("ada@acme-robotics.com", { domain: DOMAIN });
  const [company] = await rig.store.companies.upsert(
    [{ domain: DOMAIN, name: null, firmographics: null, summary: null }],
    rig.clock.iso(),
  );
  await rig.store.syncLog.add([
    {
      ...{ run_id: "dead", object: "companies", local_id: company?.id ?? 0, hubspot_id: null },
      ...{ action: "create", outcome: "intent", fields: [], marker: null, error: null },
      ...{ created_at: rig.clock.iso(), finished_at: null },
    },
  ]);

  await rig.sync();

  expect(await outcomes()).toEqual(["create done", "create unknown"]);
});

test("a refused token ends the announcement, too", async () => {
  rig = await syncRig();
  await rig.contact("ada@acme-robotics.com", { domain: DOMAIN });
  const fault = { service: "hubspot", path: UPSERT, times: 5 } as const;
  rig.simulator.faults.add({ ...fault, name: "unauthorized" });

  await rig.sync();

  expect(await outcomes()).toEqual(["create unknown"]);
});
