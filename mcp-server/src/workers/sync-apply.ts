/** Carries out a verified plan: exactly what was shown, record by record. */
import { keepsPromise } from "../core/sync-plan.ts";
import type { PlannedRecord } from "../core/sync-record.ts";
import type { PlannedDigest } from "../ports/plan-store.ts";
import type { Gate } from "./sync-chunk.ts";
import { type PlanProgress, progressOf, progressText } from "./sync-plan-progress.ts";
import { addCounts, type KindRun, markDirty, syncNext } from "./sync-run.ts";
import { kindRunOf, kindsOf, releaseCutOff, type Syncing } from "./syncing.ts";

/**
 * Writes what the plan promised. A record that has moved since it was verified is left alone, counted as `stale`, and stays due. After a crash
 * goes on where the job was cut off.
 */
export async function carryOutPlan(syncing: Syncing, planId: string): Promise<void> {
  const { options, args, context } = syncing;
  let done: PlanProgress = progressOf(context.job.checkpoint, planId) ?? {};
  for (const kind of kindsOf(options.maps, args.objects)) {
    const kindRun = kindRunOf(syncing, kind);
    // Free again, and compared with the plan below like all others.
    await releaseCutOff(kindRun.run, context);
    const { object } = kind.map;
    for (;;) {
      const page = { object, afterId: done[object] ?? 0, limit: kindRun.limit };
      const records = await options.store.plans.records(planId, page);
      const last = records.at(-1);
      if (!last) break;
      await carryOut(kindRun, records);
      done = { ...done, [object]: last.local_id };
      await context.save({ checkpoint: progressText(planId, done) });
    }
  }
}

async function carryOut(kindRun: KindRun, records: readonly PlannedDigest[]): Promise<void> {
  const { run, tally } = kindRun;
  const skippedBefore = tally.counts["skipped"] ?? 0;
  const shown = new Map(records.map(({ local_id, digest }) => [local_id, digest]));
  const kept = new Set<number>();
  const left = new Set<number>();
  const gate = gateOf(shown, { kept, left });
  await markDirty(run, [...shown.keys()]);
  let open = [...shown.keys()];
  while (await syncNext({ ...kindRun, gate }, open)) open = open.filter((id) => !left.has(id));
  const passedOver = (tally.counts["skipped"] ?? 0) - skippedBefore;
  // What is neither: deleted meanwhile, or in the hands of another process.
  const others = shown.size - new Set([...kept, ...left]).size - passedOver;
  addCounts(tally, { stale: left.size + others });
}

/** Lets through what was promised; the rest waits for the next run. */
function gateOf(
  shown: ReadonlyMap<number, string>,
  { kept, left }: { readonly kept: Set<number>; readonly left: Set<number> },
): Gate {
  return ({ planned, ended, ...rest }) => {
    const isKept = (item: PlannedRecord): boolean => keepsPromise(shown.get(item.sides.id), item);
    const passed = planned.filter(isKept);
    const stale = planned.filter((item) => !isKept(item));
    for (const id of [...passed.map(({ sides }) => sides.id), ...ended.keys()]) kept.add(id);
    for (const { sides } of stale) left.add(sides.id);
    const ends = new Map(ended);
    for (const { sides } of stale) ends.set(sides.id, { kind: "again" });
    return { ...rest, planned: passed, ended: ends };
  };
}
