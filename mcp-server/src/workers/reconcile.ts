/** Reconciliation: walks HubSpot's whole list beside the links, has what differs repaired, and reports the rest. */
import type { MappedObject } from "../core/field-map.ts";
import { reconcileNext } from "../core/reconcile-report.ts";
import type { JobPatch } from "../ports/job-store.ts";
import { iso } from "./iso-time.ts";
import { freshKind, type ReconcileProgress, reconcileProgress } from "./reconcile-progress.ts";
import { createsNothing, repairPending } from "./reconcile-repairs.ts";
import { takeHere, takeList } from "./reconcile-steps.ts";
import {
  countsOf,
  doneOf,
  errorsOf,
  keepPlace,
  keepReport,
  reportOf,
  type Walk,
} from "./reconcile-walk.ts";
import type { SyncKind } from "./sync-kind.ts";
import { isSetUp, isToBeMended } from "./sync-map-change.ts";
import type { Outlook } from "./sync-outlook.ts";
import { outlookOf } from "./sync-preview.ts";
import { setUpHubspot } from "./sync-setup.ts";
import { kindRunOf, kindsOf, releaseCutOff, releaseWaiting, type Syncing } from "./syncing.ts";

/**
 * Compares and repairs the kinds that were asked for, going on where an earlier run of the job was cut off. A dry run only compares.
 * Nothing is created in HubSpot, and of what only HubSpot has nothing is taken over that the settings do not let in.
 */
export async function reconcile(syncing: Syncing): Promise<JobPatch> {
  const { context, args, options } = syncing;
  const progress = reconcileProgress(context.job.checkpoint);
  const { objects, notes } = await readyKinds(syncing);
  if (notes.length > 0)
    await context.save({ notes: [...new Set([...context.job.notes, ...notes])] });
  const outlook = args.dryRun ? await outlookOf(syncing) : null;
  try {
    for (const kind of kindsOf(options.maps, objects))
      await walkKind(await startWalk(syncing, kind, { progress, outlook }));
  } finally {
    await releaseWaiting(syncing);
  }
  return finished(syncing, progress);
}

/** A kind that nobody asked to sync yet is left alone: repairing it would be its first sync. Customers are passed over while there are none. */
async function readyKinds({ options, args, context }: Syncing): Promise<{
  readonly objects: readonly MappedObject[];
  readonly notes: readonly string[];
}> {
  const { clock, store } = options;
  const objects: MappedObject[] = [];
  const notes: string[] = [];
  for (const object of args.objects) {
    if (object === "customers" && !(await store.customers.any())) continue;
    const isKnown = (await isSetUp(options, object)) || (await isToBeMended(options, object));
    if (isKnown || args.dryRun) objects.push(object);
    else notes.push(`No ${object} were synced yet, so they were not compared: call sync first.`);
  }
  if (args.dryRun) return { objects, notes };
  const { crm } = options;
  const made = crm
    ? await setUpHubspot(
        { ...options, crm },
        { objects, now: iso(clock.now()), signal: context.signal },
      )
    : [];
  return { objects, notes: [...notes, ...made] };
}

interface Start {
  readonly progress: ReconcileProgress;
  readonly outlook: Outlook | null;
}

async function startWalk(
  syncing: Syncing,
  kind: SyncKind,
  { progress, outlook }: Start,
): Promise<Walk> {
  const { options, context } = syncing;
  const { store, clock } = options;
  const given = kindRunOf(syncing, kind);
  await releaseCutOff(given.run, context);
  const at = progress.kinds.get(kind.map.object) ?? freshKind(iso(clock.now()));
  const tally = {
    counts: at.findings.repairs,
    errors: at.errors,
    done: 0,
    changes: progress.changes,
  };
  const walk: Walk = {
    syncing,
    comparing: {
      run: given.run,
      forgotten: outlook?.of(kind).forgotten ?? [],
      hasTombstones: await store.tombstones.any(),
      newSince: await store.cursors.get("inbound-since"),
    },
    kindRun: { ...given, tally, gate: createsNothing, save: () => keepPlace(walk) },
    progress,
    at,
  };
  return walk;
}

async function walkKind(walk: Walk): Promise<void> {
  if (walk.at.stage === "done") return;
  await keepReport(walk);
  if (walk.at.stage === "list") await takeList(walk);
  await repairPending(walk);
  if (walk.at.stage === "here") await takeHere(walk);
  const finished_at = iso(walk.syncing.options.clock.now());
  walk.at = { ...walk.at, stage: "done", finished_at };
  await keepPlace(walk);
  await keepReport(walk);
}

function finished({ options, context, args }: Syncing, progress: ReconcileProgress): JobPatch {
  const counts = countsOf(progress);
  const runId = context.job.job_id;
  const changed = (counts["repaired"] ?? 0) + (counts["conflicts"] ?? 0);
  if (changed > 0) options.events.emit({ kind: "contacts-synced", jobId: runId, count: changed });
  const done = doneOf(progress);
  return {
    counts,
    errors: errorsOf(progress),
    progress: { done, total: done, phase: args.dryRun ? "compared" : "reconciled" },
    result: reportOf(runId, progress, args.dryRun),
    next: reconcileNext(runId, counts, args.dryRun),
  };
}
