/** Each write of a customer sync, broken in every way that a network and HubSpot know: nothing is doubled, nothing is lost. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FaultOrder } from "../../mcp-server/simulator/faults.ts";
import type { CustomerRow } from "../../mcp-server/src/ports/customer-store.ts";
import { QUARTER_HOUR } from "../support/sync-rig.ts";
import { mapsWith, type SyncScene, syncScene } from "./sync-scene.ts";

const FAULTS = [
  "timeout-before-commit",
  "timeout-after-commit",
  "reset-before-commit",
  "reset-after-commit",
  "drop-mid-body",
  "empty-2xx",
  "http-429",
  "http-500",
  "http-502",
  "http-503",
] as const;
// As often as one request is tried (three times), and refusals for a limit even more often.
const OUTAGE = 10;

type Fault = Pick<FaultOrder, "name" | "path" | "times">;

let scene: SyncScene;
afterEach(() => scene.close());

const breakRequests = (fault: Fault): unknown =>
  scene.simulator.faults.add({ service: "hubspot", ...fault });

/** What the passing of time sets off, nobody asking, once HubSpot is well again. */
async function retryLater(): Promise<void> {
  expect(scene.simulator.requests.list().some(({ fault }) => fault !== null)).toBe(true);
  scene.simulator.faults.clear();
  scene.clock.advance(QUARTER_HOUR);
  await scene.live(new AbortController().signal);
}

/** What is open in any way: work, unsettled changes, writes that nobody knows the end of. */
const leftOpen = () =>
  scene.rows(
    `select 'queue' as what, reason as detail from sync_queue
     union all select 'change', field from change_log
     union all select 'intent', fields from sync_log where outcome = 'intent'`,
  );

async function expectQuiet(): Promise<void> {
  expect(leftOpen()).toEqual([]);
  scene.forget();
  for (const { id } of scene.rows("select id from customers"))
    await scene.look("customers", Number(id));
  await scene.sync({ object: "customers" });
  expect(scene.writes()).toEqual([]);
}

describe("two new customers, one edited here and one edited there", () => {
  beforeEach(async () => {
    scene = await syncScene();
    await scene.customer({ ban: "here", company_name: "Acme", current_balance: "1" });
    await scene.customer({ ban: "there", company_name: "Acme", current_balance: "1" });
    await scene.sync({ object: "customers" });
    scene.sql(
      "update customers set current_balance = 2, contact = '{\"email\":\"a@acme.com\"}' where ban = 'here'",
    );
    scene.editCompany("here", { warp_tier: "PREMIUM" });
    scene.editCompany("there", { name: "Acme Ltd", warp_credit_limit: "500" });
    for (const { id } of scene.rows("select id from customers"))
      await scene.look("customers", Number(id));
    await scene.customer({ ban: "new-1", company_name: "One", status: "ACTIVE" });
    await scene.customer({ ban: "new-2", company_name: "Two", contact: { phone: "+4930901820" } });
  });

  const paths = ["/companies/batch/upsert", "/companies/batch/update"] as const;
  const once = paths.flatMap((path) => FAULTS.map((name) => ({ name, path, times: 1 })));
  // Timeouts are real time, and differ from broken connections only by it.
  const lasting = once
    .filter(({ name }) => !name.startsWith("timeout"))
    .map((fault) => ({ ...fault, times: OUTAGE }));

  test.each([...once, ...lasting])("$name at $path ($times×)", async (fault) => {
    breakRequests(fault);

    await scene.sync({ object: "customers" });
    await retryLater();

    expect(scene.simulator.hubspot.counts()["companies"]).toBe(4);
    expect(scene.rows("select * from links")).toHaveLength(4);
    expect(scene.company("here")).toMatchObject({
      warp_current_balance: "2",
      warp_contact_email: "a@acme.com",
      warp_tier: "PREMIUM",
    });
    expect(scene.company("new-1")).toMatchObject({ name: "One", warp_status: "ACTIVE" });
    expect(scene.company("new-2")).toMatchObject({ name: "Two", phone: "+4930901820" });
    expect(await scene.local("here")).toMatchObject({ tier: "PREMIUM", current_balance: "2" });
    expect(await scene.local("there")).toMatchObject({
      company_name: "Acme Ltd",
      credit_limit: "5",
    });
    expect(scene.rows("select * from conflicts")).toEqual([]);
    await expectQuiet();
  });
});

describe("a read that fails is not taken for an empty HubSpot", () => {
  beforeEach(async () => {
    scene = await syncScene();
    const id = await scene.customer({ ban: "known", company_name: "Acme", tier: "STANDARD" });
    await scene.sync({ object: "customers" });
    scene.editCompany("known", { name: "Acme Ltd", warp_tier: "PREMIUM" });
    await scene.look("customers", id);
    scene.simulator.hubspot.seedCompanies([{ warp_ban: "met", name: "Met", warp_tier: "PREMIUM" }]);
    await scene.customer({ ban: "met", company_name: "Older here", status: "TRIAL" });
    scene.sql("update customers set created_at = '2020-01-01T00:00:00.000Z' where ban = 'met'");
  });

  const cases = FAULTS.flatMap((name) => [1, 2, OUTAGE].map((times) => ({ name, times })))
    // Real time, as above.
    .filter(({ name, times }) => times === 1 || !name.startsWith("timeout"));

  test.each(cases)("$name ($times×)", async ({ name, times }) => {
    breakRequests({ name, path: "/companies/batch/read", times });

    await scene.sync({ object: "customers" });
    await retryLater();

    expect(scene.simulator.hubspot.counts()["companies"]).toBe(2);
    expect(await scene.local("known")).toMatchObject({ company_name: "Acme Ltd", tier: "PREMIUM" });
    expect(scene.company("known")).toMatchObject({ name: "Acme Ltd" });
    expect(scene.company("met")).toMatchObject({ name: "Met", warp_status: "TRIAL" });
    expect(await scene.local("met")).toMatchObject({ company_name: "Met", tier: "PREMIUM" });
    await expectQuiet();
  });
});

describe("a first sync, which sets HubSpot up", () => {
  beforeEach(async () => {
    scene = await syncScene();
    await scene.customer({ ban: "B-1", company_name: "Acme" });
    await scene.customer({ ban: "B-2", company_name: "Bell" });
  });

  const paths = ["/companies/groups", "/companies/batch/create"] as const;
  const cases = paths.flatMap((path) =>
    FAULTS.flatMap((name) =>
      [1, OUTAGE]
        .filter((times) => times === 1 || !name.startsWith("timeout"))
        .map((times) => ({ name, path, times })),
    ),
  );

  test.each(cases)("$name at $path ($times×)", async (fault) => {
    breakRequests(fault);

    await scene.sync({ object: "customers" });
    await retryLater();
    // Nothing is sent by itself before a first sync has set HubSpot up: somebody asks again.
    await scene.sync({ object: "customers" });

    expect(scene.simulator.hubspot.counts()["companies"]).toBe(2);
    expect(scene.company("B-1")).toMatchObject({ name: "Acme" });
    expect(scene.company("B-2")).toMatchObject({ name: "Bell" });
    await expectQuiet();
  });
});

describe("of 150 customers", () => {
  const bans = Array.from({ length: 150 }, (_, n) => `B-${n}`);
  const bad = ["B-7", "B-99", "B-100", "B-149"];
  const good = bans.filter((ban) => !bad.includes(ban));
  // An enumeration of HubSpot's own, and a property that an admin made unique.
  const maps = mapsWith({
    customers: {
      legal_name: { hubspot_property: "industry" },
      payment_terms: { hubspot_property: "tax_id", sync_direction: "WARP_TO_HUBSPOT" },
    },
  });
  const taxId = { name: "tax_id", label: "Tax id", type: "string", fieldType: "text" };
  const wrong = {
    "a value that is no option": { legal_name: "FALCONRY" },
    "a unique value that another company has": { payment_terms: "T-1" },
  };
  const cases = Object.entries(wrong);
  let other: string;

  beforeEach(async () => {
    scene = await syncScene({ maps });
    const { hubspot } = scene.simulator;
    hubspot.defineProperty("companies", {
      ...taxId,
      hasUniqueValue: true,
      groupName: "companyinformation",
    });
    [other = ""] = hubspot.seedCompanies([{ tax_id: "T-1", name: "Another" }]);
  });

  const customers = (row: Partial<CustomerRow>) =>
    Promise.all(
      bans.map((ban) =>
        scene.customer({
          ban,
          company_name: ban,
          legal_name: "BANKING",
          ...(bad.includes(ban) ? row : {}),
        }),
      ),
    );
  const names = (of: readonly string[]) => of.map((ban) => scene.company(ban)["name"]);

  test.each(cases)("%s keeps nobody else from being created", async (_what, row) => {
    await customers(row);

    const job = await scene.sync({ object: "customers" });

    expect(job).toMatchObject({ status: "completed", counts: { created: 146, failed: 4 } });
    expect(names(good)).toEqual(good);
    expect(names(bad)).toEqual(bad.map(() => undefined));
    expect(scene.simulator.hubspot.counts()["companies"]).toBe(147);
    expect(scene.simulator.hubspot.find("companies", other)?.properties).toMatchObject({
      name: "Another",
    });
    expect(leftOpen()).toEqual([]);
  });

  test.each(cases)("%s keeps nobody else from being updated", async (_what, row) => {
    await customers({});
    await scene.sync({ object: "customers" });
    const [[column, value] = ["", ""]] = Object.entries(row);
    scene.sql("update customers set company_name = company_name || '!'");
    for (const ban of bad)
      scene.sql(`update customers set ${column} = ? where ban = ?`, value, ban);

    const job = await scene.sync({ object: "customers" });

    expect(job).toMatchObject({ status: "completed", counts: { updated: 146, failed: 4 } });
    expect(names(good)).toEqual(good.map((ban) => `${ban}!`));
    expect(names(bad)).toEqual(bad);
  });
});
