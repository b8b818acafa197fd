/** Which company is a customer's: by link, by account number in any case, by the id that it names; and what is nobody's or somebody else's. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type SyncScene, syncScene } from "./sync-scene.ts";

let scene: SyncScene;
beforeEach(async () => {
  scene = await syncScene();
});
afterEach(() => scene.close());

const companies = () => scene.simulator.hubspot.all("companies");
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
  scene.forget();
  return id;
}

/** HubSpot gets the property that holds account numbers. */
async function setUp(): Promise<void> {
  await linked("first");
  scene.sql("delete from customers");
}

describe("a customer that is new here", () => {
  test("is the company with its account number, however that is spelt there", async () => {
    await setUp();
    const company = seeded({ warp_ban: "b-7", name: "Acme" });
    const id = await scene.customer({ ban: "B-7" });

    const job = await scene.sync();

    expect(job.errors).toEqual([]);
    expect(companies()).toHaveLength(2);
    expect(await linkOf(id)).toBe(company);
    expect((await scene.local("B-7"))?.company_name).toBe("Acme");
    expect(scene.company("B-7")["warp_ban"]).toBe("B-7");
    scene.forget();
    expect((await scene.sync()).counts).toEqual({});
  });

  test("is not the company that it names when that has another account number", async () => {
    await setUp();
    const company = seeded({ warp_ban: "B-8", name: "Stranger" });
    const id = await scene.customer({
      ban: "B-7",
      company_name: "Acme",
      external_ids: { hubspot_company_id: company },
    });

    const job = await scene.sync();

    expect(job.counts).toEqual({ failed: 1 });
    expect(errorCodes(job)).toEqual(["OTHER_HUBSPOT_RECORD"]);
    expect(scene.company("B-8")).toMatchObject({ name: "Stranger" });
    expect(companies()).toHaveLength(2);
    expect(await linkOf(id)).toBeUndefined();
  });

  test("is created when the company that it names does not exist, and learns the right id", async () => {
    const id = await scene.customer({
      ban: "B-7",
      company_name: "Acme",
      external_ids: { hubspot_company_id: "999999", erp: "7" },
    });

    const job = await scene.sync();

    expect(job).toMatchObject({ counts: { created: 1 }, errors: [] });
    expect((await scene.local("B-7"))?.external_ids).toEqual({
      hubspot_company_id: scene.companyId("B-7"),
      erp: "7",
    });
    expect(await linkOf(id)).toBe(scene.companyId("B-7"));
  });

  test.each([
    ["in one chunk", 100],
    ["in two chunks", 1],
  ])(
    "shares its company with nobody: of two that name one, one has it (%s)",
    async (_how, chunkSize) => {
      const company = seeded({ name: "Acme" });
      const names = { external_ids: { hubspot_company_id: company } };
      const one = await scene.customer({ ban: "B-1", company_name: "One", ...names });
      const two = await scene.customer({ ban: "B-2", company_name: "Two", ...names });
      const small = await scene.process({ chunkSize });

      const job = await small.sync();

      expect(job.counts).toEqual({ updated: 1, failed: 1 });
      expect(errorCodes(job)[0]).toMatch(/^(SAME_HUBSPOT_COMPANY|OTHER_HUBSPOT_RECORD)$/);
      expect(companies()).toHaveLength(1);
      expect([await linkOf(one), await linkOf(two)].filter(Boolean)).toEqual([company]);
    },
  );

  test.each([
    ["in one chunk", 100],
    ["in two chunks", 1],
  ])(
    "does not write over another one whose account number differs only in case (%s)",
    async (_how, chunkSize) => {
      await scene.customer({ ban: "B-1", company_name: "One", status: "ACTIVE" });
      await scene.customer({ ban: "b-1", company_name: "Two", status: "CLOSED" });
      const small = await scene.process({ chunkSize });

      const job = await small.sync();

      expect(job.counts).toEqual({ created: 1, failed: 1 });
      expect(errorCodes(job)).toEqual(["SAME_HUBSPOT_COMPANY"]);
      expect(companies()).toHaveLength(1);
      expect(scene.company("B-1")).toMatchObject({ name: "One", warp_status: "ACTIVE" });
      await scene.look("customers", 1);
      await scene.sync();
      expect(await scene.local("B-1")).toMatchObject({ company_name: "One" });
    },
  );
});

describe("a company that is gone", () => {
  test("is not created again, and the customer keeps what it holds", async () => {
    const id = await linked();
    scene.simulator.hubspot.archiveAsUser("companies", "warp_ban=B-1");
    scene.sql("update customers set company_name = 'Acme Ltd'");

    const job = await scene.sync();

    expect(job).toMatchObject({ counts: { conflicts: 1 }, errors: [] });
    const { conflicts } = await scene.store.conflicts.list({}, { afterId: 0, limit: 5 });
    expect(conflicts).toMatchObject([{ local_id: id, field: "@record" }]);
    expect(companies()).toEqual([]);
    expect(await scene.local("B-1")).toMatchObject({ company_name: "Acme Ltd" });
    expect((await scene.sync()).counts).toEqual({});
    expect(await linkOf(id)).toBeDefined();
  });

  test("harms no other customer of its batch", async () => {
    await linked();
    await scene.customer({ ban: "B-2", company_name: "Other" });
    await scene.sync();
    scene.simulator.hubspot.archiveAsUser("companies", "warp_ban=B-1");
    scene.sql("update customers set company_name = company_name || ' Ltd'");

    const job = await scene.sync();

    expect(job.counts).toEqual({ updated: 1, conflicts: 1 });
    expect(scene.company("B-2")["name"]).toBe("Other Ltd");
  });

  test("because it was merged is followed to the one that lives on", async () => {
    const id = await linked();
    const other = seeded({ name: "Acme, twice" });
    const survivor = scene.simulator.hubspot.mergeAsUser("companies", "warp_ban=B-1", other);
    scene.sql("update customers set company_name = 'Acme Ltd'");

    const job = await scene.sync();

    expect(job).toMatchObject({ counts: { updated: 1 }, errors: [] });
    expect(await linkOf(id)).toBe(survivor);
    expect(companies()).toEqual([
      expect.objectContaining({
        id: survivor,
        properties: expect.objectContaining({ name: "Acme Ltd", warp_ban: "B-1" }),
      }),
    ]);
    expect((await scene.local("B-1"))?.external_ids).toEqual({ hubspot_company_id: survivor });
  });

  test("because it was merged with another customer's stays with one, and names the other", async () => {
    const one = await linked("B-1");
    const two = await scene.customer({ ban: "B-2", company_name: "Two" });
    await scene.sync();
    scene.simulator.hubspot.mergeAsUser("companies", "warp_ban=B-1", "warp_ban=B-2");
    await scene.look("customers", one);
    await scene.look("customers", two);

    const job = await scene.sync();

    expect(job.counts).toMatchObject({ failed: 1 });
    expect(errorCodes(job)).toEqual(["SAME_HUBSPOT_COMPANY"]);
    const links = await scene.store.links.byLocalIds("customers", [one, two]);
    expect(new Set(links.map(({ hubspot_id }) => hubspot_id)).size).toBe(links.length);
  });
});

describe("a customer that was deleted here", () => {
  test("costs nothing, and its company stays", async () => {
    await linked();
    await scene.look("customers", 1);
    scene.sql("delete from customers");

    const job = await scene.sync();

    expect(job).toMatchObject({ status: "completed", counts: {}, errors: [] });
    expect(companies()).toHaveLength(1);
    expect(scene.queued("customers")).toEqual([]);
  });

  test("leaves its company to the one that has the account number now", async () => {
    await linked();
    const company = scene.companyId("B-1");
    scene.sql("delete from customers");
    scene.sql("update sqlite_sequence set seq = 100 where name = 'customers'");
    const id = await scene.customer({ ban: "B-1", company_name: "Acme, again" });

    const job = await scene.sync();

    expect(job.errors).toEqual([]);
    expect(await linkOf(id)).toBe(company);
    expect(companies()).toHaveLength(1);
  });
});

test("a column that another program breaks during the sync is not written over", async () => {
  await scene.customer({ ban: "B-1", company_name: "Acme" });
  scene.whileWaitingFor("/companies/batch/upsert", () =>
    scene.sql("update customers set external_ids = 'broken', contact = 'broken'"),
  );

  await scene.sync();

  expect(scene.rows("select external_ids, contact from customers")).toEqual([
    { external_ids: "broken", contact: "broken" },
  ]);
  expect(await linkOf(1)).toBe(scene.companyId("B-1"));
});

test("a value from HubSpot does not replace a column that broke during the sync", async () => {
  await linked();
  scene.editCompany("B-1", { phone: "+49 30 901820" });
  scene.sql("update customers set company_name = 'Acme Ltd'");
  scene.whileWaitingFor("/companies/batch/update", () =>
    scene.sql("update customers set contact = 'broken'"),
  );

  await scene.sync();

  expect(scene.rows("select contact from customers")).toEqual([{ contact: "broken" }]);
  expect(scene.company("B-1")["name"]).toBe("Acme Ltd");
});
