/** Plans stored records without taking them on, for whoever has to know first what a sync would do. */
import { type PlannedChunk, planChunk } from "./sync-chunk.ts";
import type { SyncRun } from "./sync-kind.ts";
import type { Reading } from "./sync-sides.ts";

/** A chunk's plans, and how many records are passed over. */
export interface PlannedAsStored extends PlannedChunk {
  readonly skipped: number;
}

/** Plans records as they are; writes nothing. */
export async function planAsStored(
  run: SyncRun & Reading,
  ids: readonly number[],
): Promise<PlannedAsStored> {
  run.call.signal?.throwIfAborted();
  const sides = await run.kind.load(run.store, ids);
  const skipped = await run.kind.suppressed(run.store, sides);
  const wanted = sides.filter(({ id }) => !skipped.has(id));
  return { ...(await planChunk(run, wanted)), skipped: skipped.size };
}
