/** A reconciliation of one kind at work: where it is, and how that is kept. */

import type { JobErrorGroup } from "../core/job.ts";
import {
  type ReconcileReport,
  reportCounts,
  reportPart,
  totalCounts,
} from "../core/reconcile-report.ts";
import type { Comparing } from "./reconcile-page.ts";
import {
  type KindProgress,
  type ReconcileProgress,
  reconcileCheckpoint,
} from "./reconcile-progress.ts";
import type { KindRun } from "./sync-run.ts";
import type { Syncing } from "./syncing.ts";

/** What every step of a kind stands on; `at` moves with each step. */
export interface Walk {
  readonly syncing: Syncing;
  readonly kindRun: KindRun;
  readonly comparing: Comparing;
  readonly progress: ReconcileProgress;
  at: KindProgress;
}

/** Keeps where the walk is, with what the pipeline came to so far. */
export async function keepPlace(walk: Walk): Promise<void> {
  const { syncing, kindRun, progress } = walk;
  const { tally, run } = kindRun;
  const { object } = run.kind.map;
  walk.at = {
    ...walk.at,
    findings: { ...walk.at.findings, repairs: tally.counts },
    errors: [...tally.errors],
  };
  progress.kinds.set(object, walk.at);
  progress.changes = tally.changes;
  await syncing.context.save({
    counts: countsOf(progress),
    errors: errorsOf(progress),
    progress: { done: doneOf(progress), total: null, phase: `comparing ${object}` },
    checkpoint: reconcileCheckpoint(progress),
  });
}

/** What could not be repaired, of all kinds. */
export function errorsOf({ kinds }: ReconcileProgress): readonly JobErrorGroup[] {
  return [...kinds.values()].flatMap(({ errors }) => errors);
}

/** The numbers of all kinds together. */
export function countsOf({ kinds }: ReconcileProgress): Readonly<Record<string, number>> {
  return totalCounts(
    [...kinds.values()].map(({ findings }) => ({ counts: reportCounts(findings) })),
  );
}

/** HubSpot's records that were compared. */
export function doneOf({ kinds }: ReconcileProgress): number {
  return [...kinds.values()].reduce((sum, { findings }) => sum + findings.hubspot_records, 0);
}

/** All that was found, as the job shows it. */
export function reportOf(
  run_id: string,
  { kinds }: ReconcileProgress,
  dry_run: boolean,
): ReconcileReport {
  const parts = [...kinds].map(([object, { started_at, finished_at, findings, errors }]) =>
    reportPart({ object, started_at, finished_at, dry_run }, findings, errors),
  );
  return { run_id, parts };
}

/** Puts the kind's report where people find it; until it is finished it says how far it came. */
export async function keepReport({ syncing, kindRun, at }: Walk): Promise<void> {
  const { options, args, context } = syncing;
  const { object } = kindRun.run.kind.map;
  const { started_at, finished_at, findings, errors } = at;
  const about = { object, started_at, finished_at, dry_run: args.dryRun };
  await options.store.reports.put({
    run_id: context.job.job_id,
    object,
    started_at,
    finished_at,
    counts: reportCounts(findings),
    report: reportPart(about, findings, errors),
  });
}
