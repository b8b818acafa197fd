/** Finding the job that a caller names. */
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import type { Jobs } from "../ports/jobs.ts";

export const jobIdSchema = z.string().min(1).max(100).describe("As import, enrich or sync gave it");

/** The job as it is now. Throws `not-found`. */
export async function knownJob(jobs: Jobs, jobId: string): Promise<Job> {
  const job = await jobs.get(jobId);
  if (!job) throw noSuchJob();
  return job;
}

/** What is said about a job that does not exist; the id is not repeated, as it is the caller's own text. */
export function noSuchJob(): AppError {
  return new AppError(
    "not-found",
    "There is no job with this job_id; sync-health lists recent jobs.",
  );
}
