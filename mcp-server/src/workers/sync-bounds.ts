/** Keeps a run that would change too much from writing anything, as cheaply as can be told. */
import { addChanges, checkCaps, noChanges } from "../core/sync-caps.ts";
import { planChunk } from "./sync-chunk.ts";
import type { KindRun } from "./sync-run.ts";
import { idsToLookAt, type Selecting } from "./sync-selection.ts";

/**
 * Counts the records that are meant; only when they are more than a cap allows are they read and planned once without writing. Each chunk's
 * plans are counted again before it is written, because HubSpot may move meanwhile.
 *
 * @throws AppError `input`, RUN_CAP_EXCEEDED
 */
export async function checkBounds(kindRun: KindRun, selecting: Selecting): Promise<void> {
  const { run, caps, tally } = kindRun;
  const clearing = run.kind.map.rules.filter(({ clears }) => clears).length;
  let count = 0;
  for await (const ids of idsToLookAt(selecting)) count += ids.length;
  const fits = count <= Math.min(caps.creates, caps.updates) && count * clearing <= caps.clears;
  // One chunk is counted before it is written anyway.
  if (fits || count <= selecting.limit) return;
  let changes = tally.changes ?? noChanges;
  for await (const ids of idsToLookAt(selecting)) {
    run.call.signal?.throwIfAborted();
    const { planned } = await planChunk(run, await run.kind.load(run.store, ids));
    changes = addChanges(changes, planned);
    checkCaps(changes, caps, false);
  }
}
