/** What the store knows about the fields of one record, gathered for its story. */
import type { FieldProvenance } from "../core/contact.ts";
import type { MappedObject } from "../core/field-map.ts";
import type { StoryConflict, StoryDecision, StoryFacts } from "../core/field-story.ts";
import type { FieldChange } from "../ports/change-store.ts";
import type { Store } from "../ports/store.ts";
import type { Conflict, SyncLogEntry } from "../ports/sync-store.ts";
import { hubspotIdOf } from "./story-schema.ts";

// Enough to find the last decision about most fields, without reading a long history.
const LOG_ROWS = 25;
const MAX_CONFLICTS = 100;

/** A record's facts. `unsettled`: changes here that no sync has settled, the newest of each field. */
export interface RecordFacts extends Omit<StoryFacts, "changes"> {
  readonly hubspotId: string | null;
  readonly syncedAt: string | null;
  readonly unsettled: readonly FieldChange[];
  /** Newest first. */
  readonly log: readonly SyncLogEntry[];
}

/** Reads all there is about one record. */
export async function recordFacts(
  store: Store,
  object: MappedObject,
  id: number,
): Promise<RecordFacts> {
  const [links, states, log, open, unsettled] = await Promise.all([
    store.links.byLocalIds(object, [id]),
    store.fieldStates.get(object, [id]),
    store.syncLog.forRecord(object, id, LOG_ROWS),
    store.conflicts.list({ object, local_ids: [id] }, { afterId: 0, limit: MAX_CONFLICTS }),
    store.changes.latest(object, [id]),
  ]);
  return {
    hubspotId: hubspotIdOf(links, id),
    syncedAt: states[0]?.synced_at ?? null,
    base: states[0]?.base ?? {},
    conflicts: new Map(open.conflicts.map((conflict) => [conflict.field, toldConflict(conflict)])),
    decisions: lastDecisions(log),
    unsettled,
    log,
  };
}

/** Recorded changes as provenance. @param isTold which of them the record itself tells of already */
export function changesOf(
  unsettled: readonly FieldChange[],
  isTold: (change: FieldChange) => boolean,
): ReadonlyMap<string, FieldProvenance> {
  return new Map(
    unsettled
      .filter((change) => !isTold(change))
      .map((change) => [change.field, { source: change.changed_by, at: change.changed_at }]),
  );
}

function lastDecisions(log: readonly SyncLogEntry[]): ReadonlyMap<string, StoryDecision> {
  const last = new Map<string, StoryDecision>();
  for (const entry of log) {
    const { action, outcome, created_at, finished_at } = entry;
    for (const { field, ...line } of entry.fields) {
      if (!last.has(field))
        last.set(field, { at: finished_at ?? created_at, action, outcome, ...line });
    }
  }
  return last;
}

function toldConflict(conflict: Conflict): StoryConflict {
  const { conflict_id, version, base, local, hubspot } = conflict;
  const { local_at, local_by, hubspot_at, hubspot_by } = conflict;
  const sides = { local_at, local_by, hubspot_at, hubspot_by };
  return { conflict_id: String(conflict_id), version, base, local, hubspot, ...sides };
}
