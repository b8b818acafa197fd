/** Keeps a run that would change too much from writing anything, as cheaply as can be told. */
import { addChanges, checkCaps, type RunCaps, type RunChanges } from "../core/sync-caps.ts";
import type { SyncRun } from "./sync-kind.ts";
import { idsToLookAt, type Selecting } from "./sync-selection.ts";
import { planAsStored } from "./sync-stored.ts";

/** A run over one kind, with the records that it means. */
export interface MeantRun {
  readonly run: SyncRun;
  readonly selecting: Selecting;
}

/** The limits of a job, and what it has changed before: more than nothing only after it was cut off. */
export interface Bounds {
  readonly caps: RunCaps;
  readonly before: RunChanges;
}

/**
 * Counts the records that are meant, of all kinds together; only when they are more than a cap allows are they read and planned once without
 * writing. Each chunk's plans are counted again before it is written, because HubSpot may move meanwhile.
 *
 * @throws AppError `input`, RUN_CAP_EXCEEDED
 */
export async function checkBounds(
  { caps, before }: Bounds,
  meant: readonly MeantRun[],
): Promise<void> {
  const most = await mostChanges(before, meant);
  if (most.creates <= caps.creates && most.updates <= caps.updates && most.clears <= caps.clears)
    return;
  let changes = before;
  for (const { run, selecting } of meant) {
    for await (const ids of idsToLookAt(selecting)) {
      const { planned } = await planAsStored(run, ids);
      changes = addChanges(changes, planned);
      checkCaps(changes, caps, before);
    }
  }
}

/** As if every record changed in every way. */
async function mostChanges(before: RunChanges, meant: readonly MeantRun[]): Promise<RunChanges> {
  let { creates, updates, clears } = before;
  for (const { run, selecting } of meant) {
    const clearing = run.kind.map.rules.filter((rule) => rule.clears).length;
    for await (const ids of idsToLookAt(selecting)) {
      creates += ids.length;
      updates += ids.length;
      clears += ids.length * clearing;
    }
  }
  return { creates, updates, clears };
}
