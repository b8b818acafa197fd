/** The CRMSync worker: makes contacts and HubSpot equal, chunk by chunk, as a durable job. */
import type { Contact } from "../core/contact.ts";
import { toAppError } from "../core/errors.ts";
import type { FieldMap } from "../core/field-map.ts";
import { addCount, addError, type JobErrorGroup } from "../core/job.ts";
import type { Selection } from "../core/selection.ts";
import { parseSyncArgs, type SyncArgs } from "../core/sync-args.ts";
import { leftStatus } from "../core/sync-contact.ts";
import type { Events } from "../events.ts";
import type { Crm } from "../ports/crm.ts";
import type { JobPatch } from "../ports/job-store.ts";
import type { JobContext, JobHandler } from "../ports/jobs.ts";
import type { Store } from "../ports/store.ts";
import type { Clock, Log } from "../ports/world.ts";
import { iso } from "./iso-time.ts";
import { type ChunkRun, countWritten, syncChunk, takeOn } from "./sync-chunk.ts";
import { previewSync } from "./sync-preview.ts";
import { parkChunk } from "./sync-settle.ts";
import { forgetSetUp, setUpHubspot } from "./sync-setup.ts";
import { suppressedAmong } from "./sync-suppressed.ts";

export interface CrmSyncOptions {
  readonly store: Store;
  /** null: no access token; a sync then says so and changes nothing. */
  readonly crm: Crm | null;
  readonly map: FieldMap;
  readonly accountKey: string;
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  /** Contacts per chunk: bounds memory, and fills HubSpot's batches of 100 well. */
  readonly chunkSize?: number;
}

// Longer than a chunk may take when HubSpot lets only a few requests through. After a crash the job's next run frees
// its records at once; only those of a job that never runs again are due when this is over.
const LEASE_MS = 10 * 60_000;

// Outcomes of contacts that a sync changed on either side.
const CHANGED = ["created", "updated", "pulled", "linked", "conflicts"] as const;

const noToken = "No HUBSPOT_ACCESS_TOKEN is set: nothing was read from or written to HubSpot.";

/** The worker; its `run` is the handler of `sync` jobs. */
export function createCrmSyncWorker(options: CrmSyncOptions): { readonly run: JobHandler } {
  return { run: (context) => runSync(options, context) };
}

async function runSync(options: CrmSyncOptions, context: JobContext): Promise<JobPatch> {
  const { crm, clock } = options;
  if (!crm) return { notes: [noToken], next: "Set HUBSPOT_ACCESS_TOKEN and run sync again." };
  const args = parseSyncArgs(context.job.args);
  await context.save({ progress: { done: 0, total: null, phase: "checking HubSpot" } });
  const run: ChunkRun = {
    store: options.store,
    crm,
    map: options.map,
    runId: context.job.job_id,
    owner: `${ownerPrefix(context)}${options.owner}`,
    direction: args.direction,
    call: {
      signal: context.signal,
      lane: args.selection?.kind === "due" ? "backfill" : "interactive",
    },
    now: () => clock.now(),
  };
  if (args.dryRun) return previewSync(run, args.selection ?? { kind: "due" }, context);
  await setUpHubspot(
    { store: options.store, crm, map: options.map, accountKey: options.accountKey },
    iso(clock.now()),
  );
  return syncAll(options, { run, args, context });
}

interface Syncing {
  readonly run: ChunkRun;
  readonly args: SyncArgs;
  readonly context: JobContext;
}

/** What all runs of this job have in common in their leases, whichever process they are in. */
function ownerPrefix({ job }: JobContext): string {
  return `${job.job_id}/`;
}

interface Tally {
  counts: Readonly<Record<string, number>>;
  errors: readonly JobErrorGroup[];
  done: number;
}

async function syncAll(options: CrmSyncOptions, syncing: Syncing): Promise<JobPatch> {
  const { context } = syncing;
  const tally: Tally = {
    counts: context.job.counts,
    errors: context.job.errors,
    done: context.job.progress.done,
  };
  const limit = options.chunkSize ?? 2_000;
  await finishCutOff(options, syncing, { tally, limit });
  if (syncing.args.selection) {
    for await (const ids of selected(options, { selection: syncing.args.selection, limit })) {
      await mark(options, ids);
      await syncClaimed(options, syncing, { tally, ids, limit });
    }
  }
  // What other signals marked dirty: retries that are due, records adopted a moment ago.
  if (syncing.args.selection?.kind === "due" || syncing.args.selection === null) {
    await syncClaimed(options, syncing, { tally, ids: null, limit });
  }
  const changed = CHANGED.reduce((sum, outcome) => sum + (tally.counts[outcome] ?? 0), 0);
  if (changed > 0)
    options.events.emit({ kind: "contacts-synced", jobId: context.job.job_id, count: changed });
  return {
    counts: tally.counts,
    errors: tally.errors,
    progress: { done: tally.done, total: tally.done, phase: "synced" },
    next:
      tally.errors.length > 0
        ? "Look at errors; what a retry can cure is tried again in 15 minutes."
        : null,
  };
}

/** A job has one runner at a time, so what an earlier run of it still holds was cut off by a crash: that comes first. */
async function finishCutOff(
  options: CrmSyncOptions,
  syncing: Syncing,
  { tally, limit }: { tally: Tally; limit: number },
): Promise<void> {
  const ids = await options.store.queue.release("contacts", ownerPrefix(syncing.context));
  if (ids.length === 0) return;
  await options.store.syncLog.abandon(syncing.run.runId, ids, iso(options.clock.now()));
  await syncClaimed(options, syncing, { tally, ids, limit });
}

/** Ids that a selection means, in bounded pieces, ascending. */
async function* selected(
  { store, clock }: CrmSyncOptions,
  { selection, limit }: { selection: Selection; limit: number },
): AsyncGenerator<readonly number[]> {
  let after = 0;
  for (;;) {
    const ids = await store.contacts.idsToSync(selection, after, limit, iso(clock.now()));
    const last = ids.at(-1);
    if (last === undefined) return;
    yield ids;
    after = last;
  }
}

async function mark({ store, clock }: CrmSyncOptions, ids: readonly number[]): Promise<void> {
  const due_at = iso(clock.now());
  await store.queue.add(
    ids.map((local_id) => ({ object: "contacts", local_id, reason: "sync", due_at })),
  );
}

/** Claims and syncs until nothing due is left, of the given ids or of the whole queue. */
async function syncClaimed(
  options: CrmSyncOptions,
  { run, context }: Syncing,
  { tally, ids, limit }: { tally: Tally; ids: readonly number[] | null; limit: number },
): Promise<void> {
  for (;;) {
    context.signal.throwIfAborted();
    const now = options.clock.now();
    const items = await options.store.queue.claim({
      object: "contacts",
      owner: run.owner,
      now: iso(now),
      lease_until: iso(now + LEASE_MS),
      limit,
      ...(ids ? { ids } : {}),
    });
    if (items.length === 0) return;
    try {
      await syncItems(run, { tally, ids: items.map((item) => item.local_id) });
    } finally {
      await context.save({
        counts: tally.counts,
        errors: tally.errors,
        progress: { done: tally.done, total: null, phase: "syncing contacts" },
      });
    }
  }
}

async function syncItems(
  run: ChunkRun,
  { tally, ids }: { tally: Tally; ids: readonly number[] },
): Promise<void> {
  const contacts = await run.store.contacts.findByIds(ids);
  const skipped = await passOver(run, ids, contacts);
  const wanted = contacts.map(({ id }) => id).filter((id) => !skipped.has(id));
  addCounts(tally, { skipped: skipped.size });
  tally.done += skipped.size;
  if (wanted.length > 0) await syncOrPark(run, { tally, contacts: await takeOn(run, wanted) });
}

/** Settles what needs no sync; returns the contacts that are passed over. */
async function passOver(
  { store, owner, now }: ChunkRun,
  ids: readonly number[],
  contacts: readonly Contact[],
): Promise<ReadonlySet<number>> {
  const skipped = await suppressedAmong(store, contacts);
  const present = new Set(contacts.map((contact) => contact.id));
  const erased = ids.filter((id) => !present.has(id));
  // A crash may have left one marked as being synced before the person objected.
  const marked = contacts.filter(({ id, status }) => skipped.has(id) && status === "syncing");
  await store.contacts.update(
    marked.map((contact) => ({
      id: contact.id,
      set: { status: leftStatus(contact, contact.status) },
    })),
    iso(now()),
  );
  await store.queue.settle("contacts", [...skipped, ...erased], owner);
  return skipped;
}

async function syncOrPark(
  run: ChunkRun,
  { tally, contacts }: { tally: Tally; contacts: readonly Contact[] },
): Promise<void> {
  let written: Readonly<Record<string, number>> = {};
  try {
    const report = await syncChunk(run, contacts, (results) => {
      written = countWritten(results);
    });
    addCounts(tally, report.counts);
    tally.done += report.done;
    for (const failure of report.failures) tally.errors = addError(tally.errors, failure);
    if (report.failures.some(({ code }) => code === "PROPERTY_DOESNT_EXIST"))
      await forgetSetUp(run.store, iso(run.now()));
  } catch (thrown) {
    addCounts(tally, written);
    await parkChunk(run, contacts, {
      error: toAppError(thrown),
      stopped: run.call.signal?.aborted ?? false,
    });
    throw thrown;
  }
}

function addCounts(tally: Tally, counts: Readonly<Record<string, number>>): void {
  for (const [outcome, count] of Object.entries(counts)) {
    if (count > 0) tally.counts = addCount(tally.counts, outcome, count);
  }
}
