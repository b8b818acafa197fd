/** Shows what a sync would do, per field and side, without writing anything anywhere. */
import { addCount } from "../core/job.ts";
import type { Selection } from "../core/selection.ts";
import type { PlannedContact } from "../core/sync-contact.ts";
import { logLines } from "../core/sync-log-rows.ts";
import type { JobPatch } from "../ports/job-store.ts";
import type { JobContext } from "../ports/jobs.ts";
import { iso } from "./iso-time.ts";
import { type ChunkRun, planChunk } from "./sync-chunk.ts";
import { suppressedAmong } from "./sync-suppressed.ts";

// Enough to judge a sync by, few enough for one answer to a model.
const SHOWN_RECORDS = 20;
const CHUNK = 1_000;

/** Reads both sides and plans, as the sync would; HubSpot and the database stay as they are. */
export async function previewSync(
  run: ChunkRun,
  selection: Selection,
  context: JobContext,
): Promise<JobPatch> {
  const seen: Preview = { counts: {}, records: [], done: 0 };
  let after = 0;
  for (;;) {
    context.signal.throwIfAborted();
    const now = iso(run.now());
    const ids = await run.store.contacts.idsToSync(selection, after, CHUNK, now);
    const last = ids.at(-1);
    if (last === undefined) break;
    after = last;
    await previewChunk(run, ids, seen);
    seen.done += ids.length;
  }
  return {
    counts: seen.counts,
    progress: { done: seen.done, total: seen.done, phase: "previewed" },
    result: { dry_run: true, records: seen.records },
    notes: ["Dry run: nothing was written to HubSpot or to the database."],
    next: "Run sync without dry_run to carry this out.",
  };
}

interface Preview {
  counts: Readonly<Record<string, number>>;
  readonly records: Record<string, unknown>[];
  done: number;
}

async function previewChunk(run: ChunkRun, ids: readonly number[], seen: Preview): Promise<void> {
  const contacts = await run.store.contacts.findByIds(ids);
  const suppressed = await suppressedAmong(run.store, contacts);
  const wanted = contacts.filter((contact) => !suppressed.has(contact.id));
  const { planned, ended } = await planChunk(run, wanted);
  const count = (outcome: string, by: number): void => {
    if (by > 0) seen.counts = addCount(seen.counts, outcome, by);
  };
  count("skipped", contacts.length - wanted.length);
  count("would_fail", ended.size);
  for (const item of planned) {
    count(`would_${verdict(item)}`, 1);
    if (seen.records.length < SHOWN_RECORDS && item.plan.fields.length > 0)
      seen.records.push(shown(item));
  }
}

function verdict({ sides, plan }: PlannedContact): "create" | "update" | "pull" | "stay" {
  if (Object.keys(plan.push).length > 0) return sides.hubspotId === null ? "create" : "update";
  return Object.keys(plan.pull).length > 0 ? "pull" : "stay";
}

function shown({ sides, plan }: PlannedContact): Record<string, unknown> {
  return {
    email: sides.contact.email,
    hubspot_id: sides.hubspotId,
    hubspot_changes: logLines(plan.fields, "push"),
    local_changes: logLines(plan.fields, "pull"),
    conflicts: logLines(plan.fields, "conflict"),
  };
}
