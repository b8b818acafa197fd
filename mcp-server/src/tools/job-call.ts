/** Starting a job from a tool call and waiting for it a little, so that short work answers at once and long work never blocks. */
import { z } from "zod";
import type { Job, JobKind, JobProgress } from "../core/job.ts";
import { type JobView, viewJob } from "./job-view.ts";
import type { ToolContext, ToolServices } from "./tool.ts";

// Some clients give up after 60 seconds whatever progress they hear; well under it, with room for slow transports.
const MAX_WAIT_SECONDS = 20;
const DEFAULT_WAIT_SECONDS = 10;

export const waitSecondsSchema = z
  .number()
  .min(0)
  .max(MAX_WAIT_SECONDS)
  .optional()
  .describe("How long to wait for the end (default 10); the job goes on after that");

/** One call's wish: the kind, the worker's arguments, and remarks to show with the job. */
export interface JobCall {
  readonly kind: JobKind;
  readonly args: Readonly<Record<string, unknown>>;
  readonly waitSeconds: number | undefined;
  readonly remarks?: readonly string[];
}

/** Starts the job and answers as soon as it has ended, or as it is when the wait is over. */
export async function startAndWait(
  services: ToolServices,
  call: JobCall,
  context: ToolContext,
): Promise<JobView> {
  const started = await services.jobs.start(call.kind, said(call.args));
  const job = await waitFor(services, started.job, { ...call, context });
  if (!started.alreadyRunning) return viewJob(job, call.remarks);
  const remark = `A ${call.kind} was already running; this is that job, and these arguments were not used.`;
  return { ...viewJob(job, [remark]), already_running: true };
}

/** The job as it is after waiting; progress is passed on to the caller. */
export async function waitFor(
  services: ToolServices,
  job: Job,
  wait: { readonly waitSeconds: number | undefined; readonly context: ToolContext },
): Promise<Job> {
  const { signal, progress } = wait.context;
  return await services.jobs.wait(job.job_id, (wait.waitSeconds ?? DEFAULT_WAIT_SECONDS) * 1_000, {
    signal,
    onProgress: (now) => progress(now.progress.done, now.progress.total, inWords(now.progress)),
  });
}

function inWords({ done, total, phase }: JobProgress): string {
  const count = done.toLocaleString("en-US");
  return total === null
    ? `${phase}, ${count} so far`
    : `${phase}, ${count} of ${total.toLocaleString("en-US")}`;
}

function said(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
}
