/** The part of a log row that every action of a record shares. */
import type { Sides } from "../core/sync-record.ts";
import type { SyncLogEntry } from "../ports/sync-store.ts";

/** @param created_at also when it ended, for what is done at once */
export function logRow(
  runId: string,
  sides: Pick<Sides, "object" | "id" | "hubspotId">,
  created_at: string,
): Omit<SyncLogEntry, "id" | "action" | "outcome" | "fields"> {
  return {
    run_id: runId,
    object: sides.object,
    local_id: sides.id,
    hubspot_id: sides.hubspotId,
    marker: null,
    error: null,
    created_at,
    finished_at: created_at,
  };
}
