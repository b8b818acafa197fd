/** The `sync` tool: makes local contacts and customers and HubSpot equal, field by field. */
import { z } from "zod";
import { badArgument } from "../core/argument-error.ts";
import { AppError, type ErrorKind } from "../core/errors.ts";
import { contactFilterSchema } from "../core/selection.ts";
import { refuseNarrowing } from "../core/sync-args.ts";
import { startAndWait, waitSecondsSchema } from "./job-call.ts";
import { type JobView, startedJobSchema } from "./job-view.ts";
import { usablePlan } from "./plan-check.ts";
import {
  checkedCustomers,
  checkedSelection,
  emailsSchema,
  idsSchema,
  type SelectionInput,
} from "./selection-arguments.ts";
import { defineTool, type Tool, type ToolContext, type ToolServices } from "./tool.ts";

const input = z.strictObject({
  object: z
    .enum(["all", "contacts", "customers"])
    .optional()
    .describe("all (default); a selection means contacts unless customers are named"),
  emails: emailsSchema,
  ids: idsSchema,
  filter: contactFilterSchema.optional().describe("Only contacts that match all of these"),
  direction: z
    .enum(["both", "push", "pull"])
    .optional()
    .describe("both (default); push = to HubSpot only, pull = from HubSpot only"),
  mode: z
    .enum(["changes", "reconcile"])
    .optional()
    .describe("changes (default); reconcile = compare everything on both sides, repair, report"),
  dry_run: z
    .boolean()
    .optional()
    .describe("Show before and after per field for both sides, write nothing"),
  plan_id: z.string().max(100).optional().describe("Carry out exactly what a dry run showed, once"),
  wait_seconds: waitSecondsSchema,
});
type SyncInput = z.output<typeof input>;

/** Starts a sync job; one runs at a time, so while one is active that one comes back. */
export function syncTool(services: ToolServices): Tool {
  return defineTool({
    name: "sync",
    title: "Sync with HubSpot",
    description:
      "Make local contacts and customers and HubSpot equal, field by field: creates and updates contacts and companies in HubSpot, links them, " +
      "adds a timeline note per enrichment, and takes over what changed in HubSpot. " +
      "Each field follows the field map's direction and conflict rule; what a rule leaves to a person waits in list-conflicts. " +
      "Without emails, ids or filter it takes everything that is due or changed in HubSpot; nothing changed means nothing written. " +
      "Preview with dry_run before a first or large sync: it changes real CRM data. The preview's plan_id carries out exactly that within 15 minutes, or answers PLAN_STALE. " +
      "mode reconcile finds what any signal missed, and takes minutes. " +
      "One sync runs at a time; a second call returns the running one. Long runs answer with a job_id: follow it with job-status. " +
      "Do not use it to load contacts from HubSpot for the first time (import with source hubspot).",
    input,
    output: startedJobSchema,
    annotations: {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: true,
    },
    run: async (args, context) => {
      if (args.mode === "reconcile") refuseNarrowing(args);
      if (!services.capabilities.hubspot) throw noToken();
      return args.plan_id === undefined
        ? await syncNow(services, args, context)
        : await syncByPlan(services, { ...args, plan_id: args.plan_id }, context);
    },
  });
}

async function syncNow(
  services: ToolServices,
  args: SyncInput,
  context: ToolContext,
): Promise<JobView> {
  const { args: selection, remarks } = await selected(services, args);
  const options = {
    object: args.object ?? "all",
    direction: args.direction ?? "both",
    mode: args.mode ?? "changes",
    dry_run: args.dry_run,
  };
  const job = await startAndWait(
    services,
    { kind: "sync", args: { ...selection, ...options }, waitSeconds: args.wait_seconds, remarks },
    context,
  );
  return refusedAsSuch(job);
}

/** The plan's own arguments hold; what else was said must be the same. */
async function syncByPlan(
  services: ToolServices,
  args: SyncInput & { readonly plan_id: string },
  context: ToolContext,
): Promise<JobView> {
  const { plan_id, object, direction } = args;
  if (args.dry_run) {
    throw badArgument(
      "dry_run",
      '"dry_run" makes a plan and "plan_id" carries one out: give one of them.',
    );
  }
  const given = { ...(await selected(services, args)).args, object, direction };
  const plan = await usablePlan(services, { planId: plan_id, kind: "sync", given });
  const { dry_run: _previewed, ...planned } = plan.args;
  const job = await startAndWait(
    services,
    { kind: "sync", args: { ...planned, plan_id }, waitSeconds: args.wait_seconds },
    context,
  );
  return refusedAsSuch(job);
}

async function selected(
  { store }: ToolServices,
  { object, emails, ids, filter }: SyncInput,
): Promise<{ readonly args: SelectionInput; readonly remarks: readonly string[] }> {
  const selection = { emails, ids, filter };
  return object === "customers"
    ? await checkedCustomers(selection, store)
    : await checkedSelection(selection, store);
}

// Refusals that only the run itself can find, before it writes anything.
const refusals: Readonly<Record<string, ErrorKind>> = {
  PLAN_STALE: "stale",
  RUN_CAP_EXCEEDED: "input",
};

/** A job that refused to begin is a refused call, not a job to follow. */
function refusedAsSuch(job: JobView): JobView {
  if (job.status !== "failed" || job.already_running) return job;
  const error = job.errors.find((each) => Object.hasOwn(refusals, each.code));
  if (!error) return job;
  const { code, message } = error;
  throw new AppError(refusals[code] ?? "bug", message, { code, details: { job_id: job.job_id } });
}

function noToken(): AppError {
  return new AppError("input", "Sync is off: set HUBSPOT_ACCESS_TOKEN and restart.", {
    code: "NOT_CONFIGURED",
    details: { variable: "HUBSPOT_ACCESS_TOKEN" },
  });
}
