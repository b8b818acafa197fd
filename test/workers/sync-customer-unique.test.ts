/** Values that HubSpot keeps unique, in the hands of another company: refused for one customer, and nobody's company is taken for it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mapsWith, type SyncScene, syncScene } from "./sync-scene.ts";

let scene: SyncScene;
beforeEach(async () => {
  scene = await syncScene();
});
afterEach(() => scene.close());

const seeded = (row: Record<string, string>): string =>
  scene.simulator.hubspot.seedCompanies([row])[0] ?? "";
const linkOf = async (id: number) =>
  (await scene.store.links.byLocalIds("customers", [id]))[0]?.hubspot_id;
const errorCodes = (job: Awaited<ReturnType<SyncScene["sync"]>>) =>
  job.errors.map(({ code }) => code);

/** A customer that both sides know. */
async function linked(ban = "B-1"): Promise<number> {
  const id = await scene.customer({ ban, company_name: "Acme" });
  await scene.sync();
  return id;
}

test("an account number that another company has is refused for that customer alone, and told", async () => {
  await linked("B-1");
  await scene.customer({ ban: "B-2", company_name: "Two" });
  await scene.sync();
  seeded({ warp_ban: "B-9", name: "Stranger" });
  scene.sql("update customers set ban = 'B-9' where ban = 'B-1'");
  scene.sql("update customers set company_name = 'Two Ltd' where ban = 'B-2'");
  await scene.look("customers", 1);

  const job = await scene.sync();

  expect(job.counts).toEqual({ updated: 1, failed: 1 });
  expect(errorCodes(job)).toEqual(["CONFLICTING_UNIQUE_VALUE"]);
  expect(scene.company("B-9")).toMatchObject({ name: "Stranger" });
  expect(scene.company("B-1")).toMatchObject({ name: "Acme" });
  expect(scene.company("B-2")["name"]).toBe("Two Ltd");
});

describe("a customer with a unique value that a stranger's company has", () => {
  let stranger: string;
  let id: number;

  beforeEach(async () => {
    await scene.close();
    const legal_name = { hubspot_property: "tax_id" };
    scene = await syncScene({ maps: mapsWith({ customers: { legal_name } }) });
    scene.simulator.hubspot.defineProperty("companies", {
      name: "tax_id",
      label: "Tax id",
      type: "string",
      fieldType: "text",
      groupName: "companyinformation",
      hasUniqueValue: true,
    });
    stranger = seeded({ name: "Stranger", tax_id: "T-1" });
    id = await scene.customer({ ban: "B-1", company_name: "Acme", legal_name: "T-1" });
    await scene.customer({ ban: "B-2", company_name: "Other" });
  });

  const strangersCompany = () => scene.simulator.hubspot.find("companies", stranger)?.properties;

  test("does not join that company, and is refused", async () => {
    const job = await scene.sync();

    expect(job.counts).toEqual({ created: 1, failed: 1 });
    expect(errorCodes(job)).toEqual(["CONFLICTING_UNIQUE_VALUE"]);
    expect(await linkOf(id)).toBeUndefined();
    expect(strangersCompany()).toMatchObject({ name: "Stranger", tax_id: "T-1" });
    expect(scene.company("B-1")).toEqual({});
  });

  test("is tried again while nobody can tell whose company it is, and harms no other", async () => {
    scene.whileWaitingFor("/companies/batch/upsert", () =>
      scene.simulator.faults.add({
        service: "hubspot",
        name: "http-503",
        times: 1_000,
        path: "/companies/batch/read",
      }),
    );

    const job = await scene.sync();

    expect(job).toMatchObject({ status: "completed", counts: { created: 1, failed: 1 } });
    expect(scene.queued("customers")).toEqual([id]);
    expect(await linkOf(id)).toBeUndefined();
    expect(await linkOf(id + 1)).toBe(scene.companyId("B-2"));
    expect(strangersCompany()).toMatchObject({ name: "Stranger" });
  });
});

test("an account number that changes here changes in HubSpot, on the same company", async () => {
  const id = await linked();
  const company = scene.companyId("B-1");
  scene.sql("update customers set ban = 'B-100' where ban = 'B-1'");

  const job = await scene.sync();

  expect(job).toMatchObject({ counts: { updated: 1 }, errors: [] });
  expect(scene.companyId("B-100")).toBe(company);
  expect(await linkOf(id)).toBe(company);
});
