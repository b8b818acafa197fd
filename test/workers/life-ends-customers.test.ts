/** Customers whose companies people deleted, merged or restored in HubSpot, under each policy. */
import { afterEach, describe, expect, test } from "vitest";
import type { DeletionPolicy } from "../../mcp-server/src/core/life.ts";
import { createLiveSync, type LiveSync } from "../../mcp-server/src/workers/live-sync.ts";
import { type SyncScene, syncScene } from "./sync-scene.ts";

let scene: SyncScene;
let look: LiveSync;
afterEach(() => scene.close());

const BAN = "B-1";
const never = new AbortController().signal;

async function begin(
  policy: DeletionPolicy,
): Promise<{ readonly id: number; readonly there: string }> {
  scene = await syncScene();
  const { store, crm, maps, clock, log, events } = scene;
  let ids = 0;
  look = createLiveSync({
    ...{ store, crm, maps, clock, log, events },
    accountKey: "account",
    owner: "looking",
    newId: (prefix) => `${prefix}_look${++ids}`,
    caps: { creates: 100, updates: 100, clears: 100 },
    burstLimit: 1_000,
    deletions: { contacts: policy, customers: policy },
  });
  const id = await scene.customer({ ban: BAN, company_name: "Acme", status: "ACTIVE" });
  await scene.sync();
  scene.listen();
  return { id, there: scene.companyId(BAN) };
}

async function hear(rounds = 2): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    scene.clock.advance(5_000);
    await scene.hear();
    await look(never);
  }
}

const companies = () => scene.simulator.hubspot.all("companies").map(({ id }) => id);
const linkOf = async (id: number) =>
  (await scene.store.links.byLocalIds("customers", [id]))[0]?.hubspot_id;
const open = async () =>
  (await scene.store.conflicts.list({}, { afterId: 0, limit: 9 })).conflicts.map(
    ({ field }) => field,
  );

test.each([
  ["keep", true],
  ["unlink", false],
] as const)(
  "the policy %s keeps HubSpot's id in the customer's row: %s",
  async (policy, isKept) => {
    const { there } = await begin(policy);
    scene.sql("update customers set external_ids = json_set(external_ids, '$.erp', 'E-7')");
    await scene.sync();
    const before = await scene.local(BAN);
    expect(before?.external_ids).toEqual({ hubspot_company_id: there, erp: "E-7" });
    scene.simulator.hubspot.archiveAsUser("companies", there);

    await hear();

    const after = (await scene.local(BAN))?.external_ids ?? {};
    expect(after["hubspot_company_id"] ?? null).toBe(isKept ? there : null);
    expect(after["erp"]).toBe("E-7");
  },
);

describe.each(["keep", "unlink", "delete"] as const)("a customer under the policy %s", (policy) => {
  test("ends with its company, and is not billed into HubSpot again by itself", async () => {
    const { id, there } = await begin(policy);
    scene.simulator.hubspot.archiveAsUser("companies", there);
    await hear();
    await scene.sync();

    expect((await scene.local(BAN)) === undefined).toBe(policy === "delete");
    expect(await linkOf(id)).toBe(policy === "keep" ? there : undefined);
    expect(companies()).toEqual([]);
    const anew =
      policy === "delete" ? await scene.customer({ ban: BAN, company_name: "Acme" }) : id;
    await scene.sync();
    expect(companies()).toEqual([]);
    expect(anew > 0).toBe(true);
  });

  test("with a balance that changed here waits for a person", async () => {
    const { there } = await begin(policy);
    scene.simulator.hubspot.archiveAsUser("companies", there);
    scene.sql("update customers set current_balance = 99.5");
    await hear();

    expect(await open()).toEqual(["@record"]);
    expect(await scene.local(BAN)).toMatchObject({ current_balance: "99.5" });
    expect(companies()).toEqual([]);
  });

  test("with a field of HubSpot's own that was scribbled on here does not", async () => {
    const { there } = await begin(policy);
    scene.simulator.hubspot.archiveAsUser("companies", there);
    scene.sql("update customers set tier = 'PREMIUM'");
    await hear();

    expect(await open()).toEqual([]);
    expect(companies()).toEqual([]);
  });
});

test("a restored company has its customer back, unless that was deleted here by policy", async () => {
  const { id, there } = await begin("unlink");
  scene.simulator.hubspot.archiveAsUser("companies", there);
  await hear();
  scene.simulator.hubspot.restoreAsUser("companies", there);
  await hear();

  expect(await linkOf(id)).toBe(there);
  scene.forget();
  await hear();
  expect(scene.writes()).toEqual([]);
});

test("a deleted customer whose company is back is joined once it is billed again", async () => {
  const { there } = await begin("delete");
  scene.simulator.hubspot.archiveAsUser("companies", there);
  await hear();
  scene.simulator.hubspot.restoreAsUser("companies", there);
  await hear();
  expect(await scene.local(BAN)).toBeUndefined();
  const anew = await scene.customer({ ban: BAN, company_name: "Acme" });
  await scene.sync();

  expect(await linkOf(anew)).toBe(there);
  expect(companies()).toEqual([there]);
});

test("of two customers whose companies were merged one has the company and the other says so", async () => {
  const { id, there } = await begin("keep");
  const other = await scene.customer({ ban: "B-2", company_name: "Acme Two", status: "ACTIVE" });
  await scene.sync();
  const survivor = scene.simulator.hubspot.mergeAsUser("companies", there, scene.companyId("B-2"));
  await hear();
  await scene.sync();
  await hear();

  expect(await linkOf(id)).toBe(survivor);
  expect(await linkOf(other)).not.toBe(survivor);
  expect(scene.company(BAN)).toMatchObject({ name: "Acme" });
  const created = companies().filter((company) => company !== survivor);
  const failures = (await scene.history("customers", other)).filter(({ error }) => error !== null);
  expect(created.length === 1 || failures.length > 0).toBe(true);
  scene.forget();
  scene.clock.advance(60 * 60_000);
  await scene.sync();
  await hear();
  expect(scene.writes()).toEqual([]);
});

test("a customer whose row another program deleted is let go when its company is heard of", async () => {
  const { id, there } = await begin("keep");
  scene.sql("delete from customers");
  scene.editCompany(BAN, { city: "Bonn" });
  await hear();

  expect(await linkOf(id)).toBeUndefined();
  expect(companies()).toEqual([there]);
  const [stone] = await scene.store.tombstones.byHubspotIds("customers", [there]);
  expect(stone).toMatchObject({ reason: "removed" });
});
