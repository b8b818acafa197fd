/** The CRMSync worker: makes local records and HubSpot equal, kind by kind and chunk by chunk, as a durable job. */
import { parseSyncArgs } from "../core/sync-args.ts";
import type { JobPatch } from "../ports/job-store.ts";
import type { JobContext, JobHandler } from "../ports/jobs.ts";
import { iso } from "./iso-time.ts";
import { pollFirst } from "./poll-first.ts";
import { reconcile } from "./reconcile.ts";
import { carryOutPlan } from "./sync-apply.ts";
import { checkBounds } from "./sync-bounds.ts";
import { previewSync } from "./sync-preview.ts";
import { type KindRun, syncClaimed, syncIds, type Tally, tallyOf } from "./sync-run.ts";
import { selectedIds } from "./sync-selection.ts";
import { setUpHubspot } from "./sync-setup.ts";
import { verifyPlan } from "./sync-verify.ts";
import { noteWhole } from "./sync-whole.ts";
import {
  type CrmSyncOptions,
  kindRunOf,
  kindsOf,
  releaseCutOff,
  releaseWaiting,
  type Syncing,
  selectingOf,
} from "./syncing.ts";

// Outcomes of records that a sync changed on either side.
const CHANGED = ["created", "updated", "pulled", "linked", "conflicts"] as const;

const noToken = "No HUBSPOT_ACCESS_TOKEN is set: nothing was read from or written to HubSpot.";

/** The worker; its `run` is the handler of `sync` jobs. */
export function createCrmSyncWorker(given: CrmSyncOptions): { readonly run: JobHandler } {
  const options = { ...given, store: given.store.by("sync") };
  return { run: (context) => runSync(options, context) };
}

async function runSync(options: CrmSyncOptions, context: JobContext): Promise<JobPatch> {
  const { crm, clock } = options;
  if (!crm) return { notes: [noToken], next: "Set HUBSPOT_ACCESS_TOKEN and run sync again." };
  const args = parseSyncArgs(context.job.args);
  await context.save({ progress: { done: 0, total: null, phase: "checking HubSpot" } });
  const syncing = { options, args, context, crm, tally: tallyOf(context) };
  // Before anything is linked: what changes in HubSpot from now on is found.
  if (!args.dryRun) await options.poll?.begin();
  if (args.mode === "reconcile") return reconcile(syncing);
  if (args.dryRun) return previewSync(syncing);
  if (args.planId) await verifyPlan(syncing, args.planId);
  const { store, maps, accountKey } = options;
  const notes = await setUpHubspot(
    { store, crm, maps, accountKey },
    { objects: args.objects, now: iso(clock.now()), signal: context.signal },
  );
  if (notes.length > 0) await context.save({ notes: [...context.job.notes, ...notes] });
  try {
    if (args.planId) await carryOutPlan(syncing, args.planId);
    else await pollAndSync(syncing);
  } finally {
    await releaseWaiting(syncing);
  }
  await noteWhole(store, args, iso(clock.now()));
  await noteHeld(syncing);
  return finished(syncing);
}

// Enough to say that there are some.
const HELD_SHOWN = 1_000;

/** Records that another process holds were not this run's to sync; of a killed one they come free when its lease ends. */
async function noteHeld({ options, args, context }: Syncing): Promise<void> {
  const isAnything = args.selection === null || args.selection.kind === "due";
  if (args.planId || args.direction !== "both" || !isAnything) return;
  const { store, clock, maps } = options;
  let held = 0;
  for (const { map } of kindsOf(maps, args.objects)) {
    const page = { afterId: 0, limit: HELD_SHOWN };
    held += (await store.queue.dueIds(map.object, iso(clock.now()), page)).length;
  }
  if (held === 0) return;
  const job = await store.jobs.get(context.job.job_id);
  const note = `${held} record(s) are in the hands of another process or came due meanwhile: they are synced by it, or by the next sync once it lets go.`;
  await context.save({ notes: [...(job?.notes ?? []), note] });
}

function finished({ options, context, tally }: Syncing): JobPatch {
  const changed = CHANGED.reduce((sum, outcome) => sum + (tally.counts[outcome] ?? 0), 0);
  if (changed > 0)
    options.events.emit({ kind: "contacts-synced", jobId: context.job.job_id, count: changed });
  return {
    counts: tally.counts,
    errors: tally.errors,
    progress: { done: tally.done, total: tally.done, phase: "synced" },
    next: nextStep(tally),
  };
}

function nextStep({ errors, counts }: Tally): string | null {
  if (errors.length > 0)
    return "Look at errors; what a retry can cure is tried again in 15 minutes.";
  if ((counts["conflicts"] ?? 0) > 0)
    return "Both sides changed fields that a person decides: list-conflicts shows them, resolve-conflict settles them.";
  if ((counts["blocked"] ?? 0) > 0)
    return "Some values may not travel: query-contacts with email or ban says which and why.";
  return null;
}

/** Nobody knows how far an earlier run came with these. */
function cutOff(kindRun: KindRun, ids: readonly number[]): KindRun {
  return { ...kindRun, run: { ...kindRun.run, unsure: new Set(ids) } };
}

async function pollAndSync(syncing: Syncing): Promise<void> {
  await pollFirst(syncing);
  await syncAll(syncing);
}

async function syncAll(syncing: Syncing): Promise<void> {
  const { options, args, tally } = syncing;
  const kindRuns = kindsOf(options.maps, args.objects).map((kind) => kindRunOf(syncing, kind));
  for (const kindRun of kindRuns) {
    const ids = await releaseCutOff(kindRun.run, syncing.context);
    if (ids.length > 0) await syncClaimed(cutOff(kindRun, ids), ids);
  }
  const meant = kindRuns.map(({ run }) => ({ run, selecting: selectingOf(syncing, run.kind) }));
  await checkBounds({ caps: options.caps, before: tally.changes }, meant);
  const isAnything = args.selection === null || args.selection.kind === "due";
  for (const kindRun of kindRuns) {
    const selecting = selectingOf(syncing, kindRun.run.kind);
    for await (const ids of selectedIds(selecting)) await syncIds(kindRun, ids);
    // What other signals marked dirty: local changes, retries that are due, records adopted a moment ago.
    if (isAnything) await syncClaimed(kindRun, null);
  }
  options.log.debug({ counts: tally.counts }, "sync done");
}
