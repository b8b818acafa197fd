/** A job as every tool shows it: complete in counts, bounded in size, and saying what to do next. */
import { z } from "zod";
import { type Job, jobKinds, jobStatuses } from "../core/job.ts";
import {
  jsonChars,
  MAX_ANSWER_CHARS,
  shortened,
  UNTRUSTED_NOTE,
  withoutInvisible,
} from "../core/untrusted.ts";

export const jobSchema = z.object({
  job_id: z.string(),
  kind: z.enum(jobKinds),
  status: z
    .enum(jobStatuses)
    .describe("completed also when some items failed: counts and errors say so"),
  progress: z.object({ done: z.number(), total: z.number().nullable(), phase: z.string() }),
  counts: z.record(z.string(), z.number()).describe("One number per outcome"),
  errors: z.array(
    z.object({
      code: z.string(),
      message: z.string(),
      count: z.number(),
      examples: z.array(z.string()),
    }),
  ),
  notes: z.array(z.string()),
  result: z.record(z.string(), z.unknown()).nullable().describe("A dry run's preview, if any"),
  plan_id: z.string().optional().describe("Of a sync's dry run: carries out exactly that, once"),
  next: z.string().nullable().describe("What to do now"),
  created_at: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  already_running: z
    .boolean()
    .optional()
    .describe("true: an earlier job of this kind, your arguments were not used"),
  truncated: z.boolean().optional(),
  note: z.string().optional(),
});
export type JobView = z.infer<typeof jobSchema>;

/**
 * A job as the tools that start one answer it. It is whole; but what every job has is advertised by job-status alone, because each client reads
 * all schemas into every conversation.
 */
export const startedJobSchema = z.looseObject({
  ...jobSchema.pick({ job_id: true, status: true, counts: true, plan_id: true, next: true }).shape,
});

/** A job in a list: how it stands, without its findings. */
export const jobLineSchema = jobSchema.pick({
  job_id: true,
  kind: true,
  status: true,
  progress: true,
  counts: true,
  created_at: true,
  finished_at: true,
});

/** The line of a job. */
export function jobLine(job: Job): z.infer<typeof jobLineSchema> {
  const { job_id, kind, status, progress, counts, created_at, finished_at } = job;
  return { job_id, kind, status, progress, counts, created_at, finished_at };
}

/** Whether a job will not change any more. */
export function isFinished(job: Pick<Job, "status">): boolean {
  return job.status === "completed" || job.status === "failed" || job.status === "cancelled";
}

/** The job without its arguments and checkpoint; texts cleaned, `errors` and `result` cut to a size that every client takes. */
export function viewJob(job: Job, remarks: readonly string[] = []): JobView {
  const { short, long } = parted(job.result);
  const { value, truncated } = shortened(
    withoutInvisible({ errors: job.errors, notes: [...remarks, ...job.notes], result: long }),
    MAX_ANSWER_CHARS - jsonChars(short),
  );
  const { errors, notes, result } = varyingSchema.parse(value ?? emptied);
  return {
    job_id: job.job_id,
    kind: job.kind,
    status: job.status,
    progress: job.progress,
    counts: job.counts,
    errors,
    notes,
    result: job.result && { ...short, ...result },
    ...planOf(job),
    next: nextStep(job),
    created_at: job.created_at,
    started_at: job.started_at,
    finished_at: job.finished_at,
    ...(truncated ? { truncated: true } : {}),
    ...(job.errors.length > 0 || job.result ? { note: UNTRUSTED_NOTE } : {}),
  };
}

const emptied = { errors: [], notes: [], result: null };
const MAX_SHORT_CHARS = 300;

/** A plan's id and figures must survive whatever has to be cut from its lists. */
function parted(result: Job["result"]) {
  const entries = Object.entries(result ?? {});
  const isShort = ([, value]: readonly [string, unknown]) => jsonChars(value) <= MAX_SHORT_CHARS;
  return {
    short: recordSchema.parse(withoutInvisible(Object.fromEntries(entries.filter(isShort)))),
    long: Object.fromEntries(entries.filter((entry) => !isShort(entry))),
  };
}

const planSchema = z.object({ plan_id: z.string() });

/** Where every preview shows it, so that nobody has to look for it in the result. */
function planOf({ result }: Job): Partial<z.infer<typeof planSchema>> {
  const plan = planSchema.safeParse(result);
  return plan.success ? { plan_id: plan.data.plan_id } : {};
}

const recordSchema = z.record(z.string(), z.unknown());

const varyingSchema = jobSchema.pick({ errors: true, notes: true, result: true });

function nextStep(job: Job): string | null {
  if (isFinished(job)) {
    return (
      [job.next, blockedHint(job), rejectsHint(job)].filter((step) => step !== null).join(" ") ||
      null
    );
  }
  return `Not finished yet: call job-status with job_id "${job.job_id}" and wait_seconds 20.`;
}

/** What was held back is in no list of a job: the counts alone would leave nobody any wiser. */
function blockedHint({ counts, result }: Job): string | null {
  if (!counts["blocked"] || result) return null;
  return "sync-health groups what was blocked by field and reason, as blocked_24h.";
}

function rejectsHint(job: Job): string | null {
  if (!job.counts["rejected"]) return null;
  return `To see the rejected rows with their reasons, call job-status with job_id "${job.job_id}" and include ["rejects"].`;
}
