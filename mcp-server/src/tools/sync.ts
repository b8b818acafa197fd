/** The `sync` tool: makes local contacts and HubSpot equal, field by field. */
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import { contactFilterSchema } from "../core/selection.ts";
import { startAndWait, waitSecondsSchema } from "./job-call.ts";
import { jobSchema } from "./job-view.ts";
import { laterObject, laterPlan, laterReconcile } from "./later.ts";
import { checkedSelection, emailsSchema, idsSchema } from "./selection-arguments.ts";
import { defineTool, type Tool, type ToolServices } from "./tool.ts";

const input = z.strictObject({
  object: z.enum(["all", "contacts", "customers"]).optional().describe("all (default) or contacts"),
  emails: emailsSchema,
  ids: idsSchema,
  filter: contactFilterSchema.optional().describe("Only contacts that match all of these"),
  direction: z
    .enum(["both", "push", "pull"])
    .optional()
    .describe("both (default); push = to HubSpot only, pull = from HubSpot only"),
  mode: z.enum(["changes", "reconcile"]).optional().describe("changes (default)"),
  dry_run: z
    .boolean()
    .optional()
    .describe("Show before and after per field for both sides, write nothing"),
  plan_id: z.string().max(100).optional().describe("Apply a previewed plan (later release)"),
  wait_seconds: waitSecondsSchema,
});
type SyncInput = z.output<typeof input>;

/** Starts a sync job; one runs at a time, so while one is active that one comes back. */
export function syncTool(services: ToolServices): Tool {
  return defineTool({
    name: "sync",
    title: "Sync with HubSpot",
    description:
      "Make local contacts and HubSpot equal, field by field: creates and updates contacts and their companies in HubSpot, links them, " +
      "adds a timeline note per enrichment, and takes over what changed in HubSpot. Each field follows the field map's direction and conflict rule. " +
      "Without emails, ids or filter it takes everything that is due; nothing changed means nothing written. " +
      "Preview with dry_run before a first or large sync: it changes real CRM data. " +
      "One sync runs at a time; a second call returns the running one. Long runs answer with a job_id: follow it with job-status. " +
      "Do not use it to load contacts from HubSpot for the first time (import with source hubspot).",
    input,
    output: jobSchema,
    annotations: {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: true,
    },
    run: async (args, context) => {
      refuseLater(args);
      if (!services.capabilities.hubspot) throw noToken();
      const selection = { emails: args.emails, ids: args.ids, filter: args.filter };
      const checked = await checkedSelection(selection, services.store);
      const options = {
        object: args.object ?? "all",
        direction: args.direction ?? "both",
        mode: "changes",
        dry_run: args.dry_run,
      };
      return await startAndWait(
        services,
        {
          kind: "sync",
          args: { ...checked.args, ...options },
          waitSeconds: args.wait_seconds,
          remarks: checked.remarks,
        },
        context,
      );
    },
  });
}

function refuseLater(args: SyncInput): void {
  if (args.object === "customers") throw laterObject();
  if (args.mode === "reconcile") throw laterReconcile();
  if (args.plan_id !== undefined) throw laterPlan();
}

function noToken(): AppError {
  return new AppError("input", "Sync is off: set HUBSPOT_ACCESS_TOKEN and restart.", {
    code: "NOT_CONFIGURED",
    details: { variable: "HUBSPOT_ACCESS_TOKEN" },
  });
}
