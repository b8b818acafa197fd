/** Every figure of a scrape against what the test did: a real server, real work, HubSpot's own log of requests. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { foreignProgram } from "../store/foreign.ts";
import { testFolder } from "../support/folder.ts";
import { besides, type Scrape, scrapeAt, type Watched, watched } from "./scraped.ts";

const jobSchema = z.object({
  status: z.literal("completed"),
  counts: z.record(z.string(), z.number()),
});

async function run({ post }: Watched, path: string, args: object) {
  return jobSchema.parse(await post(path, { ...args, wait_seconds: 20 })).counts;
}

/** Three people of one company, imported and synced for the first time. */
async function synced(world: Watched) {
  const people = ["ada", "bob", "cyd"].map((name) => ({
    email: `${name}@acme.com`,
    first_name: name,
  }));
  await run(world, "/api/import/records", { records: people });
  const other = await foreignProgram(world.database);
  await other.run("update contacts set status = 'enriched', enriched_at = imported_at");
  return { counts: await run(world, "/api/sync/hubspot", {}), other };
}

async function until(world: Watched, holds: (scrape: Scrape) => boolean): Promise<Scrape> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const scrape = await world.scrape();
    if (holds(scrape)) return scrape;
    if (Date.now() > deadline) throw new Error(`never held:\n${scrape.text.slice(0, 6_000)}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

const answeredWith = (low: number) => (status: number | null) =>
  status !== null && status >= low && status < low + 100;

test("what alerts divide by is there before anything happened, as zero", async () => {
  const scrape = await (await watched()).scrape();

  for (const object of ["contacts", "customers"]) {
    expect(scrape.value("hubspot_sync_looks_total", { object })).toBe(0);
    expect(scrape.value("hubspot_sync_conflicting_looks_total", { object })).toBe(0);
    expect(scrape.value("hubspot_sync_outcomes_total", { object, outcome: "failed" })).toBe(0);
  }
  for (const status of ["4xx", "429", "5xx", "none"])
    expect(scrape.value("hubspot_sync_api_requests_total", { lane: "objects", status })).toBe(0);
});

test("requests are those that HubSpot counted, by what they were answered", async () => {
  const world = await watched();
  world.simulator.faults.add({ service: "hubspot", name: "http-503", path: "batch", times: 2 });
  await synced(world);

  const scrape = await world.scrape();

  const statuses = world.simulator.requests.list({ service: "hubspot" }).map((one) => one.status);
  expect(scrape.sum("hubspot_sync_api_requests_total")).toBe(statuses.length);
  for (const [status, low] of [
    ["2xx", 200],
    ["4xx", 400],
    ["5xx", 500],
  ] as const)
    expect(scrape.sum("hubspot_sync_api_requests_total", { status })).toBe(
      statuses.filter(answeredWith(low)).length,
    );
  expect(scrape.sum("hubspot_sync_api_requests_total", { status: "5xx" })).toBe(2);
  expect(scrape.sum("hubspot_sync_api_request_duration_seconds_count")).toBe(statuses.length);
});

test("outcomes are those of the job, writes those of HubSpot, and each push took as long as it waited", async () => {
  const world = await watched();
  const { counts } = await synced(world);

  const scrape = await world.scrape();

  expect(counts["created"]).toBe(3);
  const told = Object.entries(counts).filter(([, count]) => count > 0);
  for (const [outcome, count] of told)
    expect([outcome, scrape.sum("hubspot_sync_outcomes_total", { outcome })]).toEqual([
      outcome,
      count,
    ]);
  const written = { object: "contacts", action: "upsert", outcome: "written" };
  expect(scrape.value("hubspot_sync_writes_total", written)).toBe(3);
  expect(scrape.value("hubspot_sync_looks_total", { object: "contacts" })).toBe(3);
  const push = { object: "contacts", direction: "push" };
  expect(scrape.value("hubspot_sync_latency_seconds_count", push)).toBe(3);
  expect(scrape.value("hubspot_sync_jobs_total", { kind: "sync", status: "completed" })).toBe(1);
  expect(scrape.value("hubspot_sync_jobs_total", { kind: "import", status: "completed" })).toBe(1);
});

test("HubSpot's edits are counted from their notification to their arrival, with how late that was", async () => {
  const world = await watched();
  const { webhooks } = world.simulator.hubspot;
  await synced(world);
  webhooks.subscribe({ targetUrl: `${world.url}/webhooks/hubspot` });
  const ada = world.simulator.hubspot.find("contacts", "ada@acme.com");

  world.simulator.hubspot.editAsUser("contacts", ada?.id ?? "", { city: "Turin" });
  const sent = webhooks.pending().length;
  await new Promise((wake) => setTimeout(wake, 300));
  await webhooks.deliver();

  const pull = { object: "contacts", direction: "pull" };
  const scrape = await until(
    world,
    (now) => now.value("hubspot_sync_latency_seconds_count", pull) === 1,
  );
  expect(sent).toBeGreaterThan(0);
  expect(scrape.sum("hubspot_sync_webhook_requests_total", { status: "200" })).toBe(
    webhooks.attempts().length,
  );
  expect(scrape.sum("hubspot_sync_webhook_events_total")).toBe(sent);
  expect(scrape.value("hubspot_sync_webhook_lag_seconds_count")).toBe(sent);
  expect(scrape.value("hubspot_sync_webhook_lag_seconds_sum")).toBeGreaterThanOrEqual(0.3 * sent);
  expect(scrape.value("hubspot_sync_latency_seconds_sum", pull)).toBeGreaterThanOrEqual(0.3);
  expect(scrape.value("hubspot_sync_fields_total", { object: "contacts", decision: "pull" })).toBe(
    1,
  );
  expect(scrape.sum("hubspot_sync_notifications_waiting")).toBe(0);
});

test("the oldest change is as old as it is, to the second, over every try while HubSpot is away", async () => {
  const world = await watched();
  const { other } = await synced(world);
  const settled = await until(world, (now) => now.sum("hubspot_sync_queue_depth") === 0);
  expect(settled.sum("hubspot_sync_oldest_unsynced_age_seconds")).toBe(0);
  world.simulator.faults.add({ service: "hubspot", name: "reset-before-commit", times: 100_000 });

  await other.run("update contacts set first_name = 'Bobby' where email = 'bob@acme.com'");
  const [entry] = await other.rows("select since from sync_queue");
  const since = Date.parse(String(entry?.["since"]));
  await until(world, (now) => now.sum("hubspot_sync_api_requests_total", { status: "none" }) > 0);
  await other.run("update contacts set first_name = 'Rob' where email = 'bob@acme.com'");

  const before = Date.now();
  const scrape = await world.scrape();
  const age = scrape.value("hubspot_sync_oldest_unsynced_age_seconds", { what: "records" }) ?? 0;
  expect(age).toBeGreaterThanOrEqual((before - since) / 1_000);
  expect(age).toBeLessThanOrEqual((Date.now() - since) / 1_000);
  expect(scrape.sum("hubspot_sync_queue_depth", { object: "contacts" })).toBe(1);

  const push = { object: "contacts", direction: "push" };
  const taken = settled.value("hubspot_sync_latency_seconds_sum", push) ?? 0;
  world.simulator.faults.clear();
  await other.run("delete from shared_state where name like 'circuit:%'");
  await run(world, "/api/sync/hubspot", { emails: ["bob@acme.com"] });
  const mended = await until(world, (now) => now.sum("hubspot_sync_queue_depth") === 0);
  expect(mended.sum("hubspot_sync_oldest_unsynced_age_seconds")).toBe(0);
  const sum = mended.value("hubspot_sync_latency_seconds_sum", push) ?? 0;
  expect(sum - taken).toBeGreaterThanOrEqual((before - since) / 1_000);
});

test("a refused token shows at once, and so does what is left of HubSpot's limits", async () => {
  const world = await watched();
  await synced(world);
  const healthy = await world.scrape();
  world.simulator.faults.add({ service: "hubspot", name: "unauthorized", times: 100 });

  await world.post("/api/sync/hubspot", { wait_seconds: 20 });

  const scrape = await world.scrape();
  expect(healthy.value("hubspot_sync_circuit_state", { state: "closed" })).toBe(1);
  expect(scrape.value("hubspot_sync_circuit_state", { state: "auth" })).toBe(1);
  const limit = healthy.value("hubspot_sync_api_daily_limit_requests") ?? 0;
  const left = healthy.value("hubspot_sync_api_daily_remaining_requests") ?? 0;
  expect(limit).toBeGreaterThan(0);
  expect(limit - left).toBeGreaterThan(0);
  expect(healthy.value("hubspot_sync_api_budget_used_ratio", { budget: "daily" })).toBeCloseTo(
    (limit - left) / limit,
  );
  expect(healthy.value("hubspot_sync_api_daily_reserve_requests")).toBeCloseTo(limit / 10);
});

/** The shipped field map, but that a person decides about cities. */
async function manualCities(): Promise<string> {
  const text = await readFile("data/field-map.json", "utf8");
  const map = z
    .looseObject({ contacts: z.looseObject({ city: z.looseObject({}) }) })
    .parse(JSON.parse(text));
  map.contacts.city["conflict_resolution"] = "MANUAL";
  const folder = await testFolder();
  return await folder.write("field-map.json", JSON.stringify(map));
}

test("a conflict is counted once, however often its record is looked at, and stays open", async () => {
  const world = await watched({ FIELD_MAP: await manualCities() });
  const { other } = await synced(world);
  const bob = world.simulator.hubspot.find("contacts", "bob@acme.com")?.id ?? "";
  world.simulator.hubspot.editAsUser("contacts", bob, { city: "there" });
  await other.run("update contacts set city = 'here' where email = 'bob@acme.com'");

  for (let round = 0; round < 3; round++)
    await run(world, "/api/sync/hubspot", { emails: ["bob@acme.com"] });

  const scrape = await world.scrape();
  expect(scrape.value("hubspot_sync_open_conflicts", { reason: "both_changed" })).toBe(1);
  expect(scrape.value("hubspot_sync_open_conflicts", { reason: "loop" })).toBe(0);
  expect(scrape.value("hubspot_sync_conflicting_looks_total", { object: "contacts" })).toBe(1);
  const fields = { object: "contacts", decision: "conflict" };
  expect(scrape.value("hubspot_sync_fields_total", fields)).toBe(1);
  expect(scrape.value("hubspot_sync_looks_total", { object: "contacts" })).toBeGreaterThanOrEqual(
    6,
  );
});

test("what providers were asked and paid is what the job says, and what they saw themselves", async () => {
  const world = await watched();
  const people = ["ada@acme.com", "bob@globex.com"].map((email) => ({ email, job_title: "CFO" }));
  await run(world, "/api/import/records", { records: people });
  const spentSchema = z.object({ result: z.object({ cost_usd: z.number() }) });

  const job = await world.post("/api/enrich", { wait_seconds: 20 });

  const { counts } = jobSchema.parse(job);
  const scrape = await world.scrape();
  for (const provider of ["explorium", "anthropic"]) {
    const asked = world.simulator.requests.count({ service: provider });
    expect(asked).toBeGreaterThan(0);
    expect(scrape.sum("hubspot_sync_provider_requests_total", { provider })).toBe(asked);
  }
  const explorium = { provider: "explorium" };
  expect(scrape.value("hubspot_sync_provider_credits_total", explorium)).toBe(counts["credits"]);
  expect(scrape.value("hubspot_sync_provider_entities_total", explorium)).toBe(counts["lookups"]);
  const model = "claude-haiku-5-5";
  for (const kind of ["input", "output"])
    expect(scrape.value("hubspot_sync_model_tokens_total", { model, kind })).toBe(
      counts[`${kind}_tokens`],
    );
  const { cost_usd } = spentSchema.parse(job).result;
  expect(cost_usd).toBeGreaterThan(0);
  expect(scrape.value("hubspot_sync_model_cost_usd_total", { model })).toBeCloseTo(cost_usd, 10);
});

test("what a server counted outlives it, and another one on the same database adds to it", async () => {
  const world = await watched();
  await synced(world);
  const before = (await world.scrape()).sum("hubspot_sync_api_requests_total");

  const heir = await besides(world);

  const scrape = await scrapeAt(heir);
  expect(before).toBeGreaterThan(0);
  expect(scrape.sum("hubspot_sync_api_requests_total")).toBe(before);
  expect(scrape.value("hubspot_sync_jobs_total", { kind: "sync", status: "completed" })).toBe(1);
});

test("no figure carries anything of a record", async () => {
  const world = await watched();
  await synced(world);

  const { text } = await world.scrape();

  expect(text).not.toMatch(/acme|ada|bob|cyd|@/i);
});
