/** The `import` tool: contacts and customers from files, typed-in records and providers into the local database. */
import { z } from "zod";
import { badArgument } from "../core/argument-error.ts";
import { importSources } from "../core/contact.ts";
import { crmConditionsSchema } from "../core/crm-conditions.ts";
import { AppError } from "../core/errors.ts";
import { refuseWithoutCustomers } from "../core/import-args.ts";
import { startAndWait, waitSecondsSchema } from "./job-call.ts";
import { startedJobSchema } from "./job-view.ts";
import { type Capabilities, defineTool, type Tool, type ToolServices } from "./tool.ts";

const MAX_RECORDS = 200;

const input = z.strictObject({
  source: z.enum(importSources).describe("Where the records are; customers: csv or records"),
  path: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .describe("csv: file on the server's machine, inside IMPORT_ROOTS"),
  records: z
    .array(z.record(z.string(), z.unknown()))
    .min(1)
    .max(MAX_RECORDS)
    .optional()
    .describe(
      'records: objects, e.g. {"email": "ada@acme.com", "first_name": "Ada"}; customers: {"ban": "1001", "company_name": "Acme", "contact": {"email": "ada@acme.com"}}, null clears',
    ),
  column_map: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      'csv, records: column → field where names differ, e.g. {"Mail": "email"}; customers also {"Fax": "contact.fax"}',
    ),
  campaign_id: z.string().max(100).optional().describe("lemlist: one campaign; default all"),
  filter: crmConditionsSchema
    .optional()
    .describe("hubspot: conditions that must all hold; default all contacts"),
  object: z
    .enum(["contacts", "customers"])
    .optional()
    .describe("contacts (default), keyed by e-mail, or customers, keyed by ban"),
  dry_run: z.boolean().optional().describe("Read and judge everything, store nothing"),
  wait_seconds: waitSecondsSchema,
});
type ImportInput = z.output<typeof input>;

// Which arguments belong to which source; one that would be ignored is refused, so that nobody relies on it.
const argumentsOf = {
  csv: ["path", "column_map"],
  lemlist: ["campaign_id"],
  hubspot: ["filter"],
  records: ["records", "column_map"],
} as const;
const sourceArguments = ["path", "records", "column_map", "campaign_id", "filter"] as const;

/** Starts an import job; the same input twice changes nothing the second time. */
export function importTool(services: ToolServices): Tool {
  return defineTool({
    name: "import",
    title: "Import contacts or customers",
    description:
      "Bring contacts into the local database from a CSV file, Lemlist, HubSpot, or records you type in (at most 200; use a file for more); " +
      "or customers of the billing system from a file or records. " +
      "Rows are cleaned and de-duplicated; empty cells leave what is stored; the same input twice changes nothing. " +
      "Every row ends as created, updated, unchanged or rejected (kept with its reason). " +
      "Long imports answer with a job_id: follow it with job-status. Enrichment and sync may follow by themselves if the server is set up so. " +
      "Do not use it to read contacts (query-contacts) or to send changes to HubSpot (sync).",
    input,
    output: startedJobSchema,
    annotations: {
      readOnlyHint: false,
      // Newer values replace older ones in the local database.
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: true,
    },
    run: async (args, context) => {
      checkArguments(args);
      requireKey(args.source, services.capabilities);
      const { wait_seconds, ...rest } = args;
      return await startAndWait(
        services,
        { kind: "import", args: { object: "contacts", ...rest }, waitSeconds: wait_seconds },
        context,
      );
    },
  });
}

function checkArguments(args: ImportInput): void {
  if (args.object === "customers") refuseWithoutCustomers(args.source);
  const allowed: readonly string[] = argumentsOf[args.source];
  const stray = sourceArguments.find((name) => args[name] !== undefined && !allowed.includes(name));
  if (stray) {
    throw badArgument(
      stray,
      `"${stray}" does not go with source "${args.source}", which takes: ${allowed.join(", ")}.`,
    );
  }
  if (args.source === "csv" && args.path === undefined) {
    throw badArgument("path", '"path" is missing: source "csv" needs the file\'s path.');
  }
  if (args.source === "records" && args.records === undefined) {
    throw badArgument("records", '"records" is missing: source "records" needs 1 to 200 objects.');
  }
}

function requireKey(source: ImportInput["source"], capabilities: Capabilities): void {
  const key =
    source === "hubspot"
      ? { has: capabilities.hubspot, name: "HUBSPOT_ACCESS_TOKEN" }
      : { has: source !== "lemlist" || capabilities.lemlist, name: "LEMLIST_API_KEY" };
  if (key.has) return;
  throw new AppError("input", `Importing from ${source} is off: set ${key.name} and restart.`, {
    code: "NOT_CONFIGURED",
    details: { variable: key.name },
  });
}
