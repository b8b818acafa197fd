/** The whole loop against the simulator, told step by step: import, enrich, sync, look, and do it all again. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type Agent, startAgent } from "./demo/agent.ts";
import {
  contactsNotedTwice,
  recordsIn,
  refusedForSpeed,
  requestsTo,
  rowsOf,
  sharedDomains,
  sharedEmails,
  unassociated,
  writesTo,
} from "./demo/checks.ts";
import { playCustomers, writeDemoMap } from "./demo/customers.ts";
import { playInbound } from "./demo/inbound.ts";
import { Teller } from "./demo/teller.ts";
import { environmentOf } from "./simulator/environment.ts";
import { type Simulator, startSimulator } from "./simulator/simulator.ts";

const { values } = parseArgs({
  options: {
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

// A larger plan than the smallest one, so that nobody waits minutes for a demo.
const EXPLORIUM_RATE = 2_000;

const project = fileURLToPath(new URL("..", import.meta.url));
const sample = join(project, "data", "samples", "contacts.csv");

const storySchema = z.object({
  fields: z.array(z.object({ field: z.string(), value: z.unknown(), why: z.string() })),
});

interface Scene {
  readonly agent: Agent;
  readonly simulator: Simulator;
  readonly tell: Teller;
}

async function run(): Promise<boolean> {
  const started = performance.now();
  const folder = values.keep
    ? join(project, "data")
    : mkdtempSync(join(tmpdir(), "hubspot-sync-demo-"));
  const database = join(folder, "demo.db");
  for (const tail of ["", "-wal", "-shm"]) rmSync(`${database}${tail}`, { force: true });
  const tell = new Teller(process.stdout.isTTY === true);
  const simulator = await startSimulator({
    seedDemo: true,
    explorium: { quota: { limit: EXPLORIUM_RATE, windowMs: 60_000 } },
  });
  const environment = environmentFor(simulator, folder);
  writeDemoMap(join(project, "data", "field-map.json"), environment["FIELD_MAP"] ?? "");
  const agent = await startAgent(environment);
  try {
    await play({ agent, simulator, tell });
    await playCustomers({ agent, simulator, tell, database });
    await agent.close();
    await playInbound({ simulator, tell, environment });
  } finally {
    await agent.close();
    if (!values.keep) rmSync(folder, { recursive: true, force: true });
  }
  const held = tell.end((performance.now() - started) / 1_000);
  if (values.keep) await keepRunning(simulator, environment);
  else await simulator.close();
  return held;
}

function environmentFor(simulator: Simulator, folder: string): Record<string, string> {
  return {
    DATABASE_URL: join(folder, "demo.db"),
    FIELD_MAP: join(folder, "demo-field-map.json"),
    IMPORT_ROOTS: join(project, "data", "samples"),
    ...environmentOf(simulator),
    EXPLORIUM_RATE_LIMIT: String(EXPLORIUM_RATE),
    // The demo takes the steps one by one; in daily use they chain by themselves.
    AUTO_ENRICH_ON_IMPORT: "false",
    AUTO_SYNC_AFTER_ENRICH: "false",
    HTTP_PORT: "0",
    LOG_LEVEL: "error",
  };
}

async function play(scene: Scene): Promise<void> {
  scene.tell.title(
    "hubspot-sync: contacts and customers equal with HubSpot, field by field, driven over MCP",
  );
  await meet(scene);
  await importCsv(scene);
  await importLemlist(scene);
  await importHubspot(scene);
  await enrich(scene);
  await sync(scene);
  await lookAtOne(scene);
  await doItAllAgain(scene);
}

async function meet({ agent, simulator, tell }: Scene): Promise<void> {
  tell.step("An agent connects");
  tell.say(`tools: ${(await agent.tools()).join(", ")}`);
  tell.aside(
    `HubSpot (simulated) already holds ${recordsIn(simulator, "contacts")} contacts and ${recordsIn(simulator, "companies")} companies.`,
  );
}

async function importCsv({ agent, tell }: Scene): Promise<void> {
  tell.step("import { source: csv, path: contacts.csv }");
  const job = await agent.job("import", { source: "csv", path: sample });
  tell.counts(job.counts);
  for (const note of job.notes) tell.aside(note);
  for (const error of job.errors) tell.aside(`${error.count} × ${error.code}: ${error.message}`);
  tell.check(
    `every one of the file's ${rowsOf(sample)} rows has exactly one outcome`,
    outcomes(job.counts) === rowsOf(sample),
  );
}

function outcomes(counts: Readonly<Record<string, number>>): number {
  return ["created", "updated", "unchanged", "rejected"].reduce(
    (sum, name) => sum + (counts[name] ?? 0),
    0,
  );
}

async function importLemlist({ agent, simulator, tell }: Scene): Promise<void> {
  const { campaigns, leads } = simulator.lemlist.state();
  const campaign = campaigns[0];
  const expected = leads.filter((lead) => lead.campaignId === campaign?._id).length;
  tell.step(`import { source: lemlist, campaign: ${campaign?.name} }`);
  const job = await agent.job("import", { source: "lemlist", campaign_id: campaign?._id });
  tell.counts(job.counts);
  tell.check("every lead has exactly one outcome", outcomes(job.counts) === expected);
}

async function importHubspot({ agent, simulator, tell }: Scene): Promise<void> {
  tell.step("import { source: hubspot }");
  const before = recordsIn(simulator, "contacts");
  const job = await agent.job("import", { source: "hubspot" });
  tell.counts(job.counts);
  tell.check(`all ${before} HubSpot contacts were read`, outcomes(job.counts) === before);
}

async function enrich({ agent, tell }: Scene): Promise<void> {
  tell.step("enrich { }");
  const job = await agent.job("enrich", {});
  tell.counts(job.counts);
  for (const note of job.notes) tell.aside(note);
  const { total } = await agent.call("query-contacts", {
    filter: { status: "enriched" },
    limit: 1,
  });
  tell.check("every contact that was enriched is marked so", total === job.counts["enriched"]);
}

async function sync({ agent, simulator, tell }: Scene): Promise<void> {
  tell.step("sync { dry_run: true }, then sync { }");
  const before = recordsIn(simulator, "contacts");
  const preview = await agent.job("sync", { dry_run: true });
  tell.counts(preview.counts);
  tell.check("the preview changed nothing in HubSpot", recordsIn(simulator, "contacts") === before);
  simulator.requests.clear();
  const job = await agent.job("sync", {});
  tell.counts(job.counts);
  for (const error of job.errors) tell.aside(`${error.count} × ${error.code}: ${error.message}`);
  tell.aside(`${requestsTo(simulator)} HubSpot requests in all`);
  const created = job.counts["created"] ?? 0;
  tell.check(
    "HubSpot gained exactly the created contacts",
    recordsIn(simulator, "contacts") === before + created,
  );
  tell.check("the preview had foretold them", preview.counts["would_create"] === created);
  tell.check("no e-mail address is held by two contacts", sharedEmails(simulator).length === 0);
  tell.check("no domain is held by two companies", sharedDomains(simulator).length === 0);
  tell.check(
    "every synced contact of a known company is associated with it",
    unassociated(simulator) === 0,
  );
  tell.check(
    `${job.counts["notes"] ?? 0} timeline notes, one per enriched contact`,
    (job.counts["notes"] ?? 0) > 0 &&
      recordsIn(simulator, "notes") === job.counts["notes"] &&
      contactsNotedTwice(simulator) === 0,
  );
  tell.check("no request was refused for coming too fast", refusedForSpeed(simulator) === 0);
}

async function lookAtOne({ agent, tell }: Scene): Promise<void> {
  tell.step("query-contacts { filter: { status: synced }, sort by quality }, then one of them");
  const page = await agent.call("query-contacts", {
    filter: { status: "synced" },
    fields: ["email", "first_name", "company", "job_title", "quality_score"],
    sort: "-quality_score",
    limit: 5,
  });
  const rows = Array.isArray(page["contacts"]) ? page["contacts"] : [];
  for (const row of rows) tell.say(Object.values(row).slice(0, 6).join("  ·  "));
  const email: unknown = rows[0]?.email;
  const one = await agent.call("query-contacts", { email });
  const fields = storySchema.parse(one["story"]).fields.filter(({ value }) => value !== null);
  tell.aside(`why ${String(email)} holds what it holds:`);
  for (const field of fields.slice(0, 6)) tell.aside(`  ${field.field}: ${field.why}`);
  tell.check(
    "the page and the record agree",
    rows.length > 0 && JSON.stringify(one).includes(String(email)),
  );
}

async function doItAllAgain({ agent, simulator, tell }: Scene): Promise<void> {
  tell.step("The same import and the same sync once more");
  const job = await agent.job("import", { source: "csv", path: sample });
  tell.counts(job.counts);
  const changed = (job.counts["created"] ?? 0) + (job.counts["updated"] ?? 0);
  tell.check(
    "the same file changes nothing the second time",
    changed === 0 && outcomes(job.counts) === rowsOf(sample),
  );
  simulator.requests.clear();
  const again = await agent.job("sync", {});
  tell.counts(again.counts);
  tell.check(
    `the second sync wrote nothing; it asked HubSpot what changed, in ${requestsTo(simulator)} requests`,
    again.status === "completed" && writesTo(simulator) === 0 && requestsTo(simulator) <= 4,
  );
}

async function keepRunning(
  simulator: Simulator,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  console.log("\nThe simulator and the database stay. To go on with them:\n");
  for (const [name, value] of Object.entries(environment)) console.log(`  export ${name}=${value}`);
  console.log(
    `\n  npm start            # MCP at /mcp, REST at /api\n  curl ${simulator.controlUrl}/requests\n\nCtrl-C ends it.`,
  );
  await new Promise<void>((resolve) => process.once("SIGINT", resolve));
  await simulator.close();
}

if (values.help)
  console.log("npm run demo [-- --keep]   --keep leaves the database and the simulator running");
else process.exitCode = (await run()) ? 0 : 1;
