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

// What lies further ahead was noted by a clock that was set back since: waiting for it to come would be waiting for days. Clocks of processes that
// share a database differ by less.
const AHEAD_MS = 15 * 60_000;

/** When HubSpot was asked for changes last, with success or without; null before any sync, when there is nothing to ask about. */
export async function lastPolledAt(store: Store, now: number): Promise<number | null> {
  const asked = (await places(store)).map(askedAt);
  if (asked.length === 0) return null;
  return latest([Math.min(...asked), (await troubleAt(store)) ?? 0], now);
}

/** The latest of the times that may have been, 0 when none may. */
function latest(times: readonly number[], now: number): number {
  return Math.max(0, ...times.filter((at) => at <= now + AHEAD_MS));
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
export async function lastReconciledAt(store: Store, now: number): Promise<number | null> {
  const began = (await places(store)).map(({ beganAt }) => beganAt);
  if (began.length === 0) return null;
  const reports = await store.reports.list(RECENT_REPORTS);
  // One that only compared repaired nothing.
  const whole = reports.filter(
    ({ finished_at, report: told }) => finished_at !== null && told?.["dry_run"] !== true,
  );
  const jobs = (await store.jobs.list(RECENT_JOBS)).filter(isReconciliation);
  const ran = [
    ...whole.map(({ started_at }) => started_at),
    ...jobs.map(({ created_at }) => created_at),
  ];
  return latest([...began, ...ran.map((at) => Date.parse(at))], now);
}

function isReconciliation({ kind, args, status }: Job): boolean {
  return (
    kind === "sync" &&
    args["mode"] === "reconcile" &&
    args["dry_run"] !== true &&
    status !== "failed"
  );
}
