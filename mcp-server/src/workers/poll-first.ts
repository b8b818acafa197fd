/** Asks HubSpot what changed before a whole sync begins, and before a preview of one. */
import { toAppError } from "../core/errors.ts";
import { addError } from "../core/job.ts";
import type { SyncKind } from "./sync-kind.ts";
import { addCounts } from "./sync-run.ts";
import type { Selecting } from "./sync-selection.ts";
import type { Syncing } from "./syncing.ts";

// Ids alone are kept of these. HubSpot rarely changes more between two polls; a sync itself has no such bound.
const PREVIEWED = 50_000;

/** Only a sync that is not narrowed down, and that may take values over, is about whatever changed in HubSpot. */
function isAboutHubspot({ args }: Syncing): boolean {
  return args.selection?.kind === "due" && args.direction !== "push";
}

/**
 * Queues what changed, for this very run to take. That HubSpot cannot be asked keeps nothing else from being synced: it is told among the errors.
 * Throws only `auth`, and when the job is stopped.
 */
export async function pollFirst(syncing: Syncing): Promise<void> {
  const { options, context, tally } = syncing;
  const { poll } = options;
  if (!poll || !isAboutHubspot(syncing)) return;
  const progress = { done: tally.done, total: null, phase: "asking HubSpot what changed" };
  await context.save({ progress });
  try {
    const report = await poll.run({ signal: context.signal, lane: "backfill" });
    if (report.kind === "polled") addCounts(tally, { changed_in_hubspot: report.marked });
    else await noteHeld(syncing);
  } catch (thrown) {
    context.signal.throwIfAborted();
    const { kind, code, message } = toAppError(thrown);
    if (kind === "auth") throw thrown;
    const told = `HubSpot's changes could not be asked for: ${message}`;
    tally.errors = addError(tally.errors, { code, message: told, example: "changes in HubSpot" });
  }
}

async function noteHeld({ options, context }: Syncing): Promise<void> {
  const job = await options.store.jobs.get(context.job.job_id);
  const note =
    "Another process is asking HubSpot what changed just now: what it finds is synced by itself, or by the next sync.";
  await context.save({ notes: [...(job?.notes ?? []), note] });
}

/** A selection with what a sync would find changed in HubSpot, for looking ahead; nothing is written. */
export async function withChanged(
  syncing: Syncing,
  kind: SyncKind,
  selecting: Selecting,
): Promise<Selecting> {
  const { poll } = syncing.options;
  if (!poll || !isAboutHubspot(syncing)) return selecting;
  const call = { signal: syncing.context.signal };
  return { ...selecting, changed: await poll.preview(kind.map.object, PREVIEWED, call) };
}
