/** What the store knows about the fields of one record, gathered for its story. */
import type { FieldProvenance } from "../core/contact.ts";
import type { StoryDecision } from "../core/field-history.ts";
import type { MappedObject } from "../core/field-map.ts";
import type { StoryConflict, StoryFacts } from "../core/field-story.ts";
import type { FieldChange } from "../ports/change-store.ts";
import type { Conflict } from "../ports/conflict-store.ts";
import type { Store } from "../ports/store.ts";
import type { FieldState, SyncLogEntry } from "../ports/sync-store.ts";
import { hubspotIdOf } from "./story-schema.ts";

// Enough to find what brought the value of nearly every field, without reading an endless history.
const LOG_ROWS = 500;
const MAX_CONFLICTS = 100;

/** A record's facts. `unsettled`: changes here that no sync has settled, the newest of each field. */
export interface RecordFacts extends StoryFacts {
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
    link: linkOf(hubspotIdOf(links, id), log, states[0]),
    syncedAt: states[0]?.synced_at ?? null,
    base: states[0]?.base ?? {},
    conflicts: new Map(open.conflicts.map((conflict) => [conflict.field, toldConflict(conflict)])),
    lines: linesOf(log),
    unsettled,
    changes: new Map(unsettled.map((change) => [change.field, provenanceOf(change)])),
    log,
  };
}

function provenanceOf({ changed_by, changed_at }: FieldChange): FieldProvenance {
  return { source: changed_by, at: changed_at };
}

/** The first time that the log names HubSpot's id, or the last sync where that is no longer told. */
function linkOf(
  hubspotId: string | null,
  log: readonly SyncLogEntry[],
  state: FieldState | undefined,
): StoryFacts["link"] {
  if (hubspotId === null) return null;
  const first = log.findLast((entry) => entry.hubspot_id === hubspotId);
  const at = first ? (first.finished_at ?? first.created_at) : (state?.synced_at ?? null);
  return { hubspotId, at };
}

function linesOf(log: readonly SyncLogEntry[]): StoryFacts["lines"] {
  const lines = log.flatMap(({ action, outcome, created_at, finished_at, fields }) =>
    fields.map(({ field, ...line }) => {
      const told: StoryDecision = { at: finished_at ?? created_at, action, outcome, ...line };
      return [field, told] as const;
    }),
  );
  const byField = Map.groupBy(lines, ([field]) => field);
  return new Map([...byField].map(([field, entries]) => [field, entries.map(([, line]) => line)]));
}

function toldConflict(conflict: Conflict): StoryConflict {
  const { conflict_id, version, base, local, hubspot, reason } = conflict;
  const { local_at, local_by, hubspot_at, hubspot_by } = conflict;
  const sides = { local_at, local_by, hubspot_at, hubspot_by };
  return { conflict_id: String(conflict_id), version, reason, base, local, hubspot, ...sides };
}
