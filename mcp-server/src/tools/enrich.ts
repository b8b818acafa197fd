/** The `enrich` tool: company data, Claude's reading and a quality score for contacts. */
import { z } from "zod";
import { contactFilterSchema } from "../core/selection.ts";
import { startAndWait, waitSecondsSchema } from "./job-call.ts";
import { startedJobSchema } from "./job-view.ts";
import { checkedSelection, emailsSchema } from "./selection-arguments.ts";
import { defineTool, type Tool, type ToolServices } from "./tool.ts";

const input = z.strictObject({
  emails: emailsSchema,
  filter: contactFilterSchema.optional().describe("Only contacts that match all of these"),
  force: z.boolean().optional().describe("Ask the providers again even where the cache is fresh"),
  dry_run: z.boolean().optional().describe("Estimate lookups and cost, call nobody, store nothing"),
  wait_seconds: waitSecondsSchema,
});

/** Starts an enrichment job; without a selection it takes what is due. */
export function enrichTool(services: ToolServices): Tool {
  return defineTool({
    name: "enrich",
    title: "Enrich contacts",
    description:
      "Add company data (Explorium), pain points and conversation hooks (Claude) and a data-quality score of 0-100 to contacts. " +
      "Without emails or filter it takes every contact that is due: new ones and failed ones whose retry time has come. " +
      "Answers are cached for 30 days; values a person or import gave are never overwritten. " +
      "It costs provider credits: use dry_run first for an estimate on large sets. " +
      "A provider without a key is skipped with a note. Long runs answer with a job_id: follow it with job-status. " +
      "Do not use it to read what is known already (query-contacts).",
    input,
    output: startedJobSchema,
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    },
    run: async ({ emails, filter, wait_seconds, ...options }, context) => {
      const { args, remarks } = await checkedSelection({ emails, filter }, services.store);
      return await startAndWait(
        services,
        { kind: "enrich", args: { ...args, ...options }, waitSeconds: wait_seconds, remarks },
        context,
      );
    },
  });
}
