/** When scheduled work was done last, as the database knows it: another process may have done it. Times in milliseconds since the epoch. */
import type { Job } from "../core/job.ts";
import {
  askedAt,
  POLL_TROUBLE,
  type PollPlace,
  parsePlace,
  pollCursor,
} from "../core/poll-window.ts";
import type { Store } from "../ports/store.ts";

/** When HubSpot was asked for changes last, with success or without; null before any sync, when there is nothing to ask about. */
export async function lastPolledAt(store: Store): Promise<number | null> {
  const asked = (await places(store)).map(askedAt);
  if (asked.length === 0) return null;
  return Math.max(Math.min(...asked), (await troubleAt(store)) ?? 0);
}

async function places(store: Store): Promise<readonly PollPlace[]> {
  const found = await Promise.all(
    (["contacts", "companies"] as const).map(async (object) =>
      parsePlace(await store.cursors.get(pollCursor(object))),
    ),
  );
  return found.filter((place) => place !== null);
}

async function troubleAt(store: Store): Promise<number | null> {
  const text = await store.cursors.get(POLL_TROUBLE);
  if (!text) return null;
  const { at }: { readonly at: string } = JSON.parse(text);
  return Date.parse(at);
}

// Among this many of the newest jobs a reconciliation is looked for that has not reported yet.
const RECENT_JOBS = 50;
// And among so many of the newest parts of reports one that came to its end: a failed job leaves some that did not.
const RECENT_REPORTS = 20;

/**
 * When both sides were compared last, or, when they never were, when the first sync began; null before that. One that a person cancelled counts
 * as done, one that failed does not.
 */
export async function lastReconciledAt(store: Store): Promise<number | null> {
  const began = (await places(store)).map(({ beganAt }) => beganAt);
  if (began.length === 0) return null;
  const reports = await store.reports.list(RECENT_REPORTS);
  // One that only compared repaired nothing.
  const report = reports.find(
    ({ finished_at, report: told }) => finished_at !== null && told?.["dry_run"] !== true,
  );
  const job = (await store.jobs.list(RECENT_JOBS)).find(isReconciliation);
  const ran = [report?.started_at, job?.created_at].flatMap((at) => at ?? []);
  return Math.max(...began, ...ran.map((at) => Date.parse(at)));
}

function isReconciliation({ kind, args, status }: Job): boolean {
  return (
    kind === "sync" &&
    args["mode"] === "reconcile" &&
    args["dry_run"] !== true &&
    status !== "failed"
  );
}
