/** The demo's second half: customers of a billing system and companies in HubSpot, edited on both sides, field by field. */
import { readFileSync, writeFileSync } from "node:fs";
import Database from "better-sqlite3";
import { z } from "zod";
import type { Simulator } from "../simulator/simulator.ts";
import type { Agent } from "./agent.ts";
import { writesTo } from "./checks.ts";
import type { Teller } from "./teller.ts";

/** What the chapter plays on. */
export interface CustomerScene {
  readonly agent: Agent;
  readonly simulator: Simulator;
  readonly tell: Teller;
  readonly database: string;
}

const ban = "B-1001";

/** The shipped map with one field more for people to decide: a map is data, and this is all it takes to change a rule. */
export function writeDemoMap(shipped: string, target: string): void {
  const map = JSON.parse(readFileSync(shipped, "utf8"));
  map.customers.legal_name.conflict_resolution = "MANUAL";
  writeFileSync(target, JSON.stringify(map, null, 2));
}

const planSchema = z.object({
  plan_id: z.string(),
  requests_needed: z.number(),
  records: z.array(
    z.object({ hubspot_changes: z.array(z.unknown()), local_changes: z.array(z.unknown()) }),
  ),
});
const conflictsSchema = z.object({
  conflicts: z.array(
    z.object({
      conflict_id: z.string(),
      version: z.number(),
      field: z.string(),
      base: z.string().nullable(),
      local: z.string().nullable(),
      local_by: z.string().nullable(),
      hubspot: z.string().nullable(),
      hubspot_by: z.string().nullable(),
    }),
  ),
});
const storySchema = z.object({
  fields: z.array(
    z.object({
      field: z.string(),
      why: z.string(),
      last_decision: z
        .object({ rule: z.string(), lost: z.string().nullable().optional() })
        .optional(),
    }),
  ),
});

/** Imports customers, edits both sides, previews and applies a plan, settles a conflict and undoes a decision. */
export async function playCustomers(scene: CustomerScene): Promise<void> {
  await bringIn(scene);
  await editBothSides(scene);
  await applyPlan(scene);
  await settleConflict(scene);
  await undoDecision(scene);
}

async function bringIn({ agent, simulator, tell }: CustomerScene): Promise<void> {
  tell.step("import { object: customers }, sync { object: customers }");
  const records = [
    customer(ban, "Acme", "1200.50"),
    customer("B-1002", "Birch & Sons", "0"),
    customer("B-1003", "Cobalt Ltd", "-35.10"),
  ];
  const job = await agent.job("import", { object: "customers", source: "records", records });
  tell.counts(job.counts);
  const synced = await agent.job("sync", { object: "customers" });
  tell.counts(synced.counts);
  for (const note of synced.notes) tell.aside(note);
  tell.check(
    "each billing account is one company in HubSpot, to the cent",
    held(simulator)["warp_current_balance"] === "1200.5" && synced.counts["created"] === 3,
  );
}

function customer(account: string, company_name: string, current_balance: string) {
  return {
    ban: account,
    company_name,
    legal_name: company_name,
    current_balance,
    status: "ACTIVE",
    tier: "STANDARD",
    contact: { email: `billing@${account.toLowerCase()}.example`, phone: "+49 30 901820" },
    address: { line1: "Main St 1", city: "Berlin", zip: "10115", country: "DE" },
  };
}

function held(simulator: Simulator): Readonly<Record<string, string>> {
  return simulator.hubspot.find("companies", `warp_ban=${ban}`)?.properties ?? {};
}

async function editBothSides({ simulator, tell, database }: CustomerScene): Promise<void> {
  tell.step("Meanwhile the billing system writes SQL, and sales edits HubSpot");
  const changes = [
    "current_balance = 980.25",
    "company_name = 'Acme Holding'",
    "legal_name = 'Acme Holding Ltd'",
    "contact = json_set(contact, '$.phone', '+49 30 901821')",
  ];
  editLocally(database, changes);
  for (const change of changes) tell.say(`SQL      update customers set ${change}`);
  // HubSpot's times have milliseconds; the later edit is to be later.
  await new Promise((resolve) => setTimeout(resolve, 5));
  const edits = {
    warp_tier: "PREMIUM",
    warp_credit_limit: "1500050",
    name: "ACME Group",
    warp_legal_name: "Acme Group AG",
  };
  simulator.hubspot.editAsUser("companies", `warp_ban=${ban}`, edits, { userId: 17 });
  for (const [name, value] of Object.entries(edits)) tell.say(`HubSpot  ${name} = ${value}`);
}

function editLocally(database: string, assignments: readonly string[]): void {
  const db = new Database(database);
  db.prepare(`update customers set ${assignments.join(", ")} where ban = ?`).run(ban);
  db.close();
}

async function idOf({ agent }: CustomerScene): Promise<number> {
  const answer = await agent.call("query-contacts", { ban });
  return (
    z.object({ customers: z.array(z.object({ id: z.number() })) }).parse(answer).customers[0]?.id ??
    0
  );
}

async function applyPlan(scene: CustomerScene): Promise<void> {
  const { agent, simulator, tell } = scene;
  tell.step("sync { object: customers, ids, dry_run }, then sync { plan_id }");
  const ids = [await idOf(scene)];
  simulator.requests.clear();
  const preview = await agent.job("sync", { object: "customers", ids, dry_run: true });
  const plan = planSchema.parse(preview.result);
  for (const record of plan.records) {
    for (const line of record.hubspot_changes) tell.aside(`to HubSpot  ${told(line)}`);
    for (const line of record.local_changes) tell.aside(`to us       ${told(line)}`);
  }
  tell.check("the preview wrote nothing", writesTo(simulator) === 0);
  simulator.requests.clear();
  const job = await agent.job("sync", { plan_id: plan.plan_id });
  tell.counts(job.counts);
  const story = await agent.call("query-contacts", { ban });
  const [local] = z
    .object({ customers: z.array(z.record(z.string(), z.unknown())) })
    .parse(story).customers;
  const remote = held(simulator);
  tell.check("WARP_WINS: the balance went out", remote["warp_current_balance"] === "980.25");
  tell.check("HUBSPOT_WINS: the tier came in", local?.["tier"] === "PREMIUM");
  tell.check("cents came in as dollars", Number(local?.["credit_limit"]) === 15_000.5);
  tell.check("LATEST_WINS: the later name won", local?.["company_name"] === "ACME Group");
  tell.check("only one side moved: the phone went out", remote["phone"] === "+4930901821");
  tell.check(
    "MANUAL: the legal name was left alone on both sides",
    local?.["legal_name"] === "Acme Holding Ltd" && remote["warp_legal_name"] === "Acme Group AG",
  );
}

const lineSchema = z.object({
  field: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  rule: z.string(),
});

function told(line: unknown): string {
  const { field, before, after, rule } = lineSchema.parse(line);
  return `${field}: ${before ?? "–"} → ${after ?? "–"}  (${rule})`;
}

async function settleConflict({ agent, simulator, tell }: CustomerScene): Promise<void> {
  tell.step("list-conflicts { }, resolve-conflict { keep_local }, sync { }");
  const { conflicts } = conflictsSchema.parse(
    await agent.call("list-conflicts", { object: "customers" }),
  );
  const conflict = conflicts[0];
  if (conflict) {
    tell.say(`${conflict.field}: ${conflict.base} before`);
    tell.say(`  here     ${conflict.local}  (by ${conflict.local_by})`);
    tell.say(`  HubSpot  ${conflict.hubspot}  (by ${conflict.hubspot_by})`);
  }
  tell.check("one conflict waits", conflicts.length === 1 && conflict?.field === "legal_name");
  await agent.call("resolve-conflict", {
    conflict_id: conflict?.conflict_id,
    version: conflict?.version,
    resolution: "keep_local",
    note: "as registered",
  });
  tell.counts((await agent.job("sync", { object: "customers" })).counts);
  tell.check(
    "the decision reached HubSpot",
    held(simulator)["warp_legal_name"] === "Acme Holding Ltd",
  );
}

async function undoDecision({ agent, simulator, tell, database }: CustomerScene): Promise<void> {
  tell.step("query-contacts { ban }: what did a rule decide, and what lost?");
  const answer = await agent.call("query-contacts", { ban });
  const name = storySchema
    .parse(answer["story"])
    .fields.find(({ field }) => field === "company_name");
  const lost = name?.last_decision?.lost;
  tell.aside(`company_name: ${name?.why}`);
  tell.check(`the log still holds the value that lost, "${lost}"`, lost === "Acme Holding");
  editLocally(database, [`company_name = '${lost}'`]);
  tell.say("put back by SQL, as the latest edit it wins now:");
  tell.counts((await agent.job("sync", { object: "customers" })).counts);
  tell.check("both sides hold it again", held(simulator)["name"] === "Acme Holding");
  simulator.requests.clear();
  await agent.job("sync", {});
  tell.check("a further sync writes nothing", writesTo(simulator) === 0);
}
