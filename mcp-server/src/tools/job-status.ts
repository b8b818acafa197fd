/** The `job-status` tool: how far a job is, what became of its items, and which rows it rejected. */
import { z } from "zod";
import { badArgument } from "../core/argument-error.ts";
import { shortened, UNTRUSTED_NOTE, withoutInvisible } from "../core/untrusted.ts";
import { waitFor, waitSecondsSchema } from "./job-call.ts";
import { jobSchema, viewJob } from "./job-view.ts";
import { jobIdSchema, knownJob } from "./known-job.ts";
import { defineTool, type Tool, type ToolServices } from "./tool.ts";

const REJECTS_PER_PAGE = 20;
const MAX_REJECT_CHARS = 12_000;

const input = z.strictObject({
  job_id: jobIdSchema,
  wait_seconds: waitSecondsSchema,
  include: z
    .array(z.enum(["rejects"]))
    .max(1)
    .optional()
    .describe("rejects: an import's rejected rows, 20 a page"),
  cursor: z.string().max(20).optional().describe("next_cursor of the last page of rejects"),
});

const rejectSchema = z.object({
  row: z.number(),
  code: z.string(),
  message: z.string(),
  field: z.string().nullable(),
  raw: z.record(z.string(), z.string()),
});
const output = jobSchema.extend({
  rejects: z.array(rejectSchema).optional(),
  next_cursor: z.string().nullable().optional(),
});

/** Looks at one job, waiting for its end when asked. */
export function jobStatusTool(services: ToolServices): Tool {
  return defineTool({
    name: "job-status",
    title: "Job status",
    description:
      "How far a job of import, enrich or sync is: status, progress, counts per outcome, grouped errors, notes, and what to do next. " +
      "Waits up to wait_seconds for the end (default 10), so call it again with wait_seconds 20 instead of in quick succession. " +
      'With include ["rejects"] it lists an import\'s rejected rows with their reasons. ' +
      "Do not use it without a job_id: sync-health lists recent jobs.",
    input,
    output,
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    run: async ({ job_id, wait_seconds, include, cursor }, context) => {
      const job = await knownJob(services.jobs, job_id);
      const now = await waitFor(services, job, { waitSeconds: wait_seconds, context });
      const view = viewJob(now);
      if (!include?.includes("rejects")) return view;
      return { ...view, ...(await rejectsPage(services, job_id, cursor)) };
    },
  });
}

async function rejectsPage(services: ToolServices, jobId: string, cursor: string | undefined) {
  const afterRow = cursor === undefined ? 0 : Number(cursor);
  if (!Number.isSafeInteger(afterRow) || afterRow < 0) {
    throw badArgument("cursor", '"cursor" must be the next_cursor of an earlier answer.');
  }
  const found = await services.store.rejects.list(jobId, afterRow, REJECTS_PER_PAGE + 1);
  const page = found.slice(0, REJECTS_PER_PAGE);
  const rejects = page.map(({ row, code, message, field, raw }) => ({
    row,
    code,
    message,
    field,
    raw,
  }));
  const last = page.at(-1);
  const fitted = shortened(withoutInvisible(rejects), MAX_REJECT_CHARS);
  const kept = z.array(rejectSchema).parse(fitted.value ?? []);
  const lastKept = kept.at(-1);
  const more = found.length > page.length || kept.length < page.length;
  return {
    rejects: kept,
    next_cursor: more && last ? String(lastKept?.row ?? last.row) : null,
    note: UNTRUSTED_NOTE,
    ...(fitted.truncated ? { truncated: true } : {}),
  };
}
