/** What the tools hand to jobs is what the workers read. */
import { expect, test } from "vitest";
import { enrichmentArgs } from "../../mcp-server/src/core/enrichment-run.ts";
import { parseImportArgs } from "../../mcp-server/src/core/import-args.ts";
import { parseSyncArgs } from "../../mcp-server/src/core/sync-args.ts";
import { IMPORTED_AT, storedContact } from "../doors/contacts.ts";
import { open, run } from "./calls.ts";

async function argsOf(tool: "import" | "enrich" | "sync", input: Record<string, unknown>) {
  const seen: Readonly<Record<string, unknown>>[] = [];
  const services = await open({
    handlers: {
      [tool]: async (context: { job: { args: Readonly<Record<string, unknown>> } }) => {
        seen.push(context.job.args);
        return {};
      },
    },
  });
  await storedContact(services.store, "ada@example.com");
  await services.store.customers.upsert([{ ban: "B-1" }], IMPORTED_AT);
  await run(services, tool, { wait_seconds: 10, ...input });
  return seen[0] ?? {};
}

test.each([
  [{ source: "csv", path: "a.csv", column_map: { Mail: "email" } }],
  [{ source: "lemlist", campaign_id: "cam_1", dry_run: true }],
  [{ source: "records", records: [{ email: "a@example.com" }] }],
  [{ source: "hubspot", filter: [{ property: "lifecyclestage", operator: "EQ", value: "lead" }] }],
])("the import worker reads %j as it was said", async (input) => {
  expect(parseImportArgs(await argsOf("import", input))).toEqual(input);
});

test.each([
  [{}, { kind: "due" }],
  [{ emails: ["Ada@example.com"] }, { kind: "emails", emails: ["ada@example.com"] }],
  [{ filter: { min_quality: "50" } }, { kind: "filter", filter: { min_quality: 50 } }],
])("the enrichment worker reads %j as %j", async (input, selection) => {
  expect(enrichmentArgs(await argsOf("enrich", { ...input, force: "true" }))).toEqual({
    selection,
    force: true,
    dryRun: false,
  });
});

test.each([
  [{}, ["contacts", "customers"], { kind: "due" }],
  [{ emails: "ada@example.com" }, ["contacts"], { kind: "emails", emails: ["ada@example.com"] }],
  [{ ids: ["1"] }, ["contacts"], { kind: "ids", ids: [1] }],
  [
    { filter: { status: "failed" } },
    ["contacts"],
    { kind: "filter", filter: { status: "failed" } },
  ],
  [{ object: "customers", ids: ["1"] }, ["customers"], { kind: "ids", ids: [1] }],
])("the sync worker reads %j as %j %j", async (input, objects, selection) => {
  const args = await argsOf("sync", { ...input, direction: "push", dry_run: true });

  expect(parseSyncArgs(args)).toEqual({
    objects,
    selection,
    direction: "push",
    dryRun: true,
    planId: null,
    mode: "changes",
  });
});

test("the sync worker reads a reconciliation as one", async () => {
  const args = await argsOf("sync", { object: "customers", mode: "reconcile" });

  expect(parseSyncArgs(args)).toMatchObject({ mode: "reconcile", objects: ["customers"] });
});
