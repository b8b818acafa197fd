/** Which work somebody waits for, so that it goes before the rest. */
import type { SyncArgs } from "./sync-args.ts";

// As many as one request reads; more take so long that nobody sits and waits.
const FEW = 100;

/** Previews and syncs of a few named records are waited for; whole and queued syncs, comparisons and large selections are not. */
export function syncLane({
  dryRun,
  mode,
  selection,
}: Pick<SyncArgs, "dryRun" | "mode" | "selection">): "interactive" | "backfill" {
  if (mode === "reconcile") return "backfill";
  if (dryRun) return "interactive";
  if (selection?.kind === "emails") return laneOf(selection.emails.length);
  if (selection?.kind === "ids") return laneOf(selection.ids.length);
  return "backfill";
}

function laneOf(records: number): "interactive" | "backfill" {
  return records <= FEW ? "interactive" : "backfill";
}
