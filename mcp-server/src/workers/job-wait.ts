/** Waits for a job to end, whichever process runs it. */
import { AppError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import type { Events } from "../events.ts";
import type { JobStore } from "../ports/job-store.ts";

export interface JobWait {
  readonly jobId: string;
  readonly ms: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (job: Job) => void;
}

// A job of another process sends no event here, so the row is read again this often.
const LOOK_AGAIN_MS = 400;

/** The job as soon as it has ended, or as it is when the time or the signal is over. Throws `not-found`. */
export async function waitForJob(store: JobStore, events: Events, wait: JobWait): Promise<Job> {
  const deadline = performance.now() + wait.ms;
  for (;;) {
    const changed = nextChange(events, wait);
    const job = await store.get(wait.jobId).catch((error: unknown) => {
      changed.forget();
      throw error;
    });
    if (!job) {
      changed.forget();
      throw new AppError(
        "not-found",
        `There is no job ${wait.jobId}; sync-health lists the recent ones.`,
      );
    }
    wait.onProgress?.(job);
    const left = deadline - performance.now();
    if (hasEnded(job) || left <= 0 || wait.signal?.aborted) {
      changed.forget();
      return job;
    }
    await changed.within(Math.min(left, LOOK_AGAIN_MS));
  }
}

/** Whether a job will not change any more. */
function hasEnded(job: Job): boolean {
  return job.status === "completed" || job.status === "failed" || job.status === "cancelled";
}

function nextChange(
  events: Events,
  wait: JobWait,
): { within: (ms: number) => Promise<void>; forget: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => resolve();
  const off = events.on("job-changed", (event) => {
    if (event.jobId === wait.jobId) done();
  });
  wait.signal?.addEventListener("abort", done, { once: true });
  const forget = (): void => {
    off();
    wait.signal?.removeEventListener("abort", done);
  };
  const within = async (ms: number): Promise<void> => {
    const timer = setTimeout(done, ms);
    await promise;
    clearTimeout(timer);
    forget();
  };
  return { within, forget };
}
