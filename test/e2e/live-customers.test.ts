/** Customers in the real server process: imported over REST, edited by another program's SQL and by people in HubSpot, synced as it happens. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Simulator, startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { type Sandbox, sandbox } from "../support/child-server.ts";
import {
  type JobSeen,
  killAll,
  type RunningServer,
  rowsOf,
  startHttp,
} from "../support/crash-rig.ts";

// Far more than an idle machine needs.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const patient = { timeout: 30_000, interval: 20 };

let box: Sandbox;
let simulator: Simulator;
let server: RunningServer;
let loggedBefore = 0;
let accounts = 0;
/** The account of the test that runs. */
let ban = "";

beforeAll(async () => {
  simulator = await startSimulator({
    hubspot: { settings: { searchLagMs: 0, burstLimit: 1_000, associationsBurstLimit: 1_000 } },
  });
  box = await sandbox({ AUTO_SYNC_AFTER_ENRICH: "true", HUBSPOT_BURST_LIMIT: "1000" });
  server = await startHttp({
    ...box.env,
    HUBSPOT_BASE_URL: simulator.hubspotUrl,
    HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
    FIELD_MAP: await mapWithManualPhone(),
  });
  // Nothing reaches HubSpot before somebody asked for a first sync.
  await job("/api/import/records", { object: "customers", records: [{ ban: "first" }] });
  await job("/api/sync/hubspot", { object: "customers" });
});
afterAll(async () => {
  await killAll();
  await simulator?.close();
  await box?.remove();
});

/** A customer of this test's own that both sides know and agree on. */
beforeEach(async () => {
  accounts += 1;
  ban = `B-${accounts}`;
  await job("/api/import/records", {
    object: "customers",
    records: [
      {
        ban,
        current_balance: "$1,010.50",
        company_name: "Acme",
        contact: { email: "ada@acme.com", phone: "1" },
      },
    ],
  });
  await settled(() => company()["name"], "Acme");
  simulator.requests.clear();
  loggedBefore = rows<{ id: number }>("select max(id) as id from sync_log")[0]?.id ?? 0;
});

test("an imported customer becomes a company by itself, and learns HubSpot's id", () => {
  expect(company()).toMatchObject({
    warp_ban: ban,
    warp_current_balance: "1010.5",
    warp_contact_email: "ada@acme.com",
  });
  expect(JSON.parse(String(customer()["external_ids"]))).toEqual({
    hubspot_company_id: simulator.hubspot.find("companies", `warp_ban=${ban}`)?.id,
  });
});

test("an import that changes a customer is sent like any other edit", async () => {
  const records = [{ ban, company_name: "Acme Ltd" }];
  const done = await job("/api/import/records", { object: "customers", records });

  expect(done.counts).toMatchObject({ updated: 1 });
  await settled(() => company()["name"], "Acme Ltd");
  expect(sent()).toEqual([["name"]]);
});

test("fields that another program's SQL changes are sent, and only those", async () => {
  write(
    "update customers set current_balance = 12.34, contact = json_set(contact, '$.email', 'bob@acme.com') where ban = ?",
  );

  await settled(() => company()["warp_current_balance"], "12.34");
  expect(company()["warp_contact_email"]).toBe("bob@acme.com");
  expect(sent().flat().sort()).toEqual(["warp_contact_email", "warp_current_balance"]);
  expect(customer()).toMatchObject({ current_balance: 12.34 });
});

test("what HubSpot owns stays here when SQL changes it, and comes from there in our unit", async () => {
  write("update customers set tier = 'ENTERPRISE' where ban = ?");
  expect(isQueued()).toBe(false);
  editInHubspot({ warp_tier: "PREMIUM", warp_credit_limit: "1050075" });

  await look();

  expect(customer()).toMatchObject({ tier: "PREMIUM", credit_limit: 10_500.75 });
  expect(sent()).toEqual([]);
  expect(logged()).toMatchObject([{ action: "pull", outcome: "done" }]);
});

test("of two edits the later wins, and the log keeps the other", async () => {
  editInHubspot({ name: "Earlier there" });
  await nextMillisecond();
  write("update customers set company_name = 'Later here' where ban = ?");
  await settled(() => company()["name"], "Later here");

  write("update customers set company_name = 'Earlier here' where ban = ?");
  await nextMillisecond();
  editInHubspot({ name: "Later there" });
  await settled(() => customer()["company_name"], "Later there");

  expect(company()["name"]).toBe("Later there");
  expect(logged()).toMatchObject([
    { action: "update", fields: expect.stringContaining("Earlier there") },
    { action: "pull", fields: expect.stringContaining("Earlier here") },
  ]);
});

test("what HubSpot changed does not go back as an edit of ours", async () => {
  editInHubspot({ name: "Renamed" });
  await look();
  expect(customer()).toMatchObject({ company_name: "Renamed" });

  expect(isQueued()).toBe(false);
  expect((await look()).counts).toEqual({ unchanged: 1 });
  expect(sent()).toEqual([]);
});

test("a field that is left to a person changes on neither side, while others go on", async () => {
  editInHubspot({ phone: "3", name: "Renamed" });
  write("update customers set contact = json_set(contact, '$.phone', '2') where ban = ?");
  await settled(() => customer()["company_name"], "Renamed");
  await look();

  expect(JSON.parse(String(customer()["contact"]))).toMatchObject({ phone: "2" });
  expect(company()["phone"]).toBe("3");
  const { id } = customer();
  expect(
    rows("select field, base, local, hubspot, status from conflicts where local_id = ?", id),
  ).toEqual([{ field: "contact_phone", base: "1", local: "2", hubspot: "3", status: "open" }]);
});

async function mapWithManualPhone(): Promise<string> {
  const map = JSON.parse(await readFile("data/field-map.json", "utf8"));
  Object.assign(map.customers.contact_phone, { conflict_resolution: "MANUAL", type: "text" });
  const file = join(box.folder, "map.json");
  await writeFile(file, JSON.stringify(map));
  return file;
}

/** Runs a job to its end. */
async function job(path: string, args: object): Promise<JobSeen> {
  const { job_id } = await server.post<JobSeen>(path, { ...args, wait_seconds: 0 });
  return server.jobUntil(job_id, ({ status }) => status === "completed");
}

/** What a webhook, a schedule or a person would say: look at this customer. */
const look = (): Promise<JobSeen> =>
  job("/api/sync/hubspot", { object: "customers", ids: [customer()["id"]] });

/** Waits until a value has arrived and nothing is left to do for the customer. */
async function settled(value: () => unknown, wanted: unknown): Promise<void> {
  await expect.poll(value, patient).toBe(wanted);
  await expect.poll(isQueued, patient).toBe(false);
}

/** One statement of a program that knows nothing of the sync. */
function write(statement: string): void {
  const db = new Database(join(box.folder, "test.db"), { timeout: 10_000 });
  try {
    db.prepare(statement).run(ban);
  } finally {
    db.close();
  }
}

function rows<T = Readonly<Record<string, unknown>>>(
  query: string,
  ...parameters: readonly unknown[]
): T[] {
  return rowsOf<T>(join(box.folder, "test.db"), query, ...parameters);
}

function customer(): Readonly<Record<string, unknown>> {
  const [row] = rows("select * from customers where ban = ?", ban);
  return row ?? expect.unreachable(`there is no customer ${ban}`);
}

function isQueued(): boolean {
  const { id } = customer();
  return (
    rows("select 1 from sync_queue where object = 'customers' and local_id = ?", id).length > 0
  );
}

/** What the log says of the customer since the test began; fields as they are stored. */
function logged(): readonly Readonly<Record<string, unknown>>[] {
  return rows(
    "select action, outcome, fields from sync_log where object = 'customers' and local_id = ? and id > ? order by id",
    customer()["id"],
    loggedBefore,
  );
}

const company = (): Readonly<Record<string, string>> =>
  simulator.hubspot.find("companies", `warp_ban=${ban}`)?.properties ?? {};

function editInHubspot(properties: Readonly<Record<string, string>>): void {
  simulator.hubspot.editAsUser("companies", `warp_ban=${ban}`, properties);
}

/** The properties that requests have set since the test began, request by request. */
const sent = (): readonly (readonly string[])[] =>
  simulator.requests
    .list({ service: "hubspot" })
    .flatMap(({ properties }) => (properties && properties.length > 0 ? [[...properties]] : []));

/** Times are compared to the millisecond, and a tie is HubSpot's. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now();
  await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(now + 1);
}
