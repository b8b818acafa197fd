/** The `cancel-job` tool: asks a job to stop. */
import { z } from "zod";
import { waitFor } from "./job-call.ts";
import { isFinished, startedJobSchema, viewJob } from "./job-view.ts";
import { jobIdSchema, knownJob, noSuchJob } from "./known-job.ts";
import { defineTool, type Tool, type ToolServices } from "./tool.ts";

// A worker stops at its next safe point, usually at once; longer is not worth holding the call.
const SETTLE_SECONDS = 5;

const input = z.strictObject({ job_id: jobIdSchema });

/** Cancels a queued job at once and a running one at its next safe point. */
export function cancelJobTool(services: ToolServices): Tool {
  return defineTool({
    name: "cancel-job",
    title: "Cancel a job",
    description:
      "Stop a queued or running job at its next safe point. What was already stored or written to HubSpot stays; the counts say how much. " +
      "Cancelling twice, or after the end, changes nothing. " +
      "Do not use it to undo a finished job, or because a call took long: jobs go on by themselves and job-status follows them.",
    input,
    output: startedJobSchema,
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    run: async ({ job_id }, context) => {
      const before = await knownJob(services.jobs, job_id);
      if (isFinished(before)) return viewJob(before, [`It had already ${ending(before.status)}.`]);
      const asked = await services.jobs.cancel(job_id);
      if (!asked) throw noSuchJob();
      const now = await waitFor(services, asked, { waitSeconds: SETTLE_SECONDS, context });
      return viewJob(
        now,
        isFinished(now) ? [] : ["Asked to stop; it ends at its next safe point."],
      );
    },
  });
}

function ending(status: string): string {
  return status === "cancelled" ? "been cancelled" : status;
}
