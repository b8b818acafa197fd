/** One run over one kind of record: claims what is due, chunk by chunk, and tallies what became of it. */
import { DEBOUNCE_MS } from "../core/debounce.ts";
import { toAppError } from "../core/errors.ts";
import { addCount, addError, type JobErrorGroup } from "../core/job.ts";
import {
  addChanges,
  checkCaps,
  noChanges,
  type RunCaps,
  type RunChanges,
} from "../core/sync-caps.ts";
import type { LocalSide } from "../core/sync-record.ts";
import type { JobContext } from "../ports/jobs.ts";
import type { QueueItem } from "../ports/sync-store.ts";
import type { Log } from "../ports/world.ts";
import { iso } from "./iso-time.ts";
import { endRemoved } from "./life-removed.ts";
import { type ChunkReport, countWritten, type Gate, syncChunk } from "./sync-chunk.ts";
import type { SyncRun } from "./sync-kind.ts";
import { forgetSetUp } from "./sync-map-change.ts";
import { countLooks, countOutcomes } from "./sync-measure.ts";
import { parkChunk } from "./sync-settle.ts";

// Longer than a chunk may take when HubSpot lets only a few requests through. After a crash the job's next run frees
// its records at once; only those of a job that never runs again are due when this is over.
const LEASE_MS = 10 * 60_000;

/** What a run came to so far. */
export interface Tally {
  counts: Readonly<Record<string, number>>;
  errors: readonly JobErrorGroup[];
  done: number;
  changes: RunChanges;
}

/** A tally that goes on where an earlier run of the job was cut off; how many values that one emptied is not known any more. */
export function tallyOf({ job: { counts, errors, progress } }: Pick<JobContext, "job">): Tally {
  const { created = 0, updated = 0, pulled = 0 } = counts;
  const changes = { ...noChanges, creates: created, updates: updated + pulled };
  return { counts, errors, done: progress.done, changes };
}

/** A run over one kind, with what bounds it. `gate` sees each chunk's plans after the caps. */
export interface KindRun {
  readonly run: SyncRun;
  readonly tally: Tally;
  readonly caps: RunCaps;
  readonly limit: number;
  readonly leaseMs?: number;
  /** Takes only records of which a real-time field changed. */
  readonly urgentOnly?: boolean;
  /** Takes only records that HubSpot has already. */
  readonly linkedOnly?: boolean;
  /** Called after each chunk, when what it did is durable. */
  readonly afterChunk?: () => void;
  /** Waits for records that may have been written and come due in a moment, so that their final end is known; left out = another look meets them. */
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** What it plans counted against the caps before: an earlier try of the same records. */
  readonly isCounted?: boolean;
  readonly log: Log;
  /** Takes changes too that still wait for others of their record: somebody asked for a sync now. */
  readonly impatient?: boolean;
  readonly gate?: Gate;
  /** Saves the tally after each chunk. */
  readonly save: () => Promise<void>;
}

/** Marks records dirty, claims and syncs them. */
export async function syncIds(kindRun: KindRun, ids: readonly number[]): Promise<void> {
  await markDirty(kindRun.run, ids);
  await syncClaimed(kindRun, ids);
}

/** Puts records into the queue, due now. */
export async function markDirty(run: SyncRun, ids: readonly number[]): Promise<void> {
  const due_at = iso(run.now());
  const { object } = run.kind.map;
  await run.store.queue.add(ids.map((local_id) => ({ object, local_id, reason: "sync", due_at })));
}

/** Claims and syncs until nothing due is left, of the given ids or (null) of the whole queue. */
export async function syncClaimed(kindRun: KindRun, ids: readonly number[] | null): Promise<void> {
  let hadWork = true;
  while (hadWork) hadWork = await syncNext(kindRun, ids);
}

/**
 * Claims and syncs one chunk; false when there was nothing due. Claims nothing while HubSpot does not answer, but throws: records neither change their
 * state nor count a try for that.
 */
export async function syncNext(kindRun: KindRun, ids: readonly number[] | null): Promise<boolean> {
  const first = await syncOnce(kindRun, ids);
  if (first === null) return false;
  if (kindRun.wait) await lookAgain({ ...kindRun, impatient: false, isCounted: true }, first.soon);
  return true;
}

/** Reads again what may have been written. Quick tries are few, so that this ends. */
async function lookAgain(kindRun: KindRun, first: ChunkReport["soon"]): Promise<void> {
  let soon = first;
  while (soon !== null) {
    await waitUntil(kindRun, Date.parse(soon.due_at));
    soon = (await syncOnce(kindRun, soon.ids))?.soon ?? null;
  }
}

/** A timer may end a moment before the clock that claims go by says so. */
async function waitUntil({ run, wait }: KindRun, until: number): Promise<void> {
  for (let ms = until - run.now(); ms > 0; ms = until - run.now())
    await wait?.(ms, run.call.signal);
}

/** null: nothing was due. */
async function syncOnce(
  kindRun: KindRun,
  ids: readonly number[] | null,
): Promise<Pick<ChunkReport, "soon"> | null> {
  const { run, limit, urgentOnly = false, linkedOnly = false, impatient = false } = kindRun;
  const { leaseMs = LEASE_MS, afterChunk } = kindRun;
  run.call.signal?.throwIfAborted();
  await run.crm.reachable(run.call);
  const now = run.now();
  const items = await run.store.queue.claim({
    object: run.kind.map.object,
    owner: run.owner,
    now: iso(now),
    due_by: iso(now + (impatient ? DEBOUNCE_MS : 0)),
    lease_until: iso(now + leaseMs),
    limit,
    urgentOnly,
    linkedOnly,
    inboundOnly: run.inboundOnly ?? false,
    ...(ids ? { ids } : {}),
  });
  if (items.length === 0) return null;
  await endCutOff(run, items);
  try {
    return await syncItems(
      { ...kindRun, run: { ...run, ...triesOf(run, items), since: sinceOf(items) } },
      items.map((item) => item.local_id),
    );
  } finally {
    afterChunk?.();
    await kindRun.save();
  }
}

/** What HubSpot spoke of has changed there; and what became of an earlier try nobody may know. */
function triesOf(
  { unsure = new Set() }: SyncRun,
  items: readonly QueueItem[],
): Required<Pick<SyncRun, "unsure" | "tries">> {
  const found = items.filter(({ attempts, inbound }) => attempts > 0 || inbound === true);
  return {
    unsure: new Set([...unsure, ...found.map(({ local_id }) => local_id)]),
    tries: new Map(items.map(({ local_id, attempts }) => [local_id, attempts])),
  };
}

function sinceOf(items: readonly QueueItem[]): ReadonlyMap<number, string> {
  return new Map(items.map(({ local_id, since, due_at }) => [local_id, since ?? due_at]));
}

/** What an earlier try announced and a crash kept from being answered; a record that was not tried before has nothing of the kind. */
async function endCutOff({ kind, store, now }: SyncRun, items: readonly QueueItem[]) {
  const tried = items.filter(({ attempts }) => attempts > 0).map(({ local_id }) => local_id);
  if (tried.length > 0) await store.syncLog.abandon(kind.map.object, tried, iso(now()));
}

async function syncItems(
  kindRun: KindRun,
  ids: readonly number[],
): Promise<Pick<ChunkReport, "soon">> {
  const { run, tally } = kindRun;
  const { kind, store, owner } = run;
  const now = iso(run.now());
  const skipped = await kind.passOver(store, ids, now);
  const wanted = ids.filter((id) => !skipped.has(id));
  const taken = wanted.length > 0 ? await kind.takeOn(store, wanted, now) : [];
  const present = new Set(taken.map(({ id }) => id));
  const removed = wanted.filter((id) => !present.has(id));
  await endRemoved(run, removed);
  await store.queue.settle(kind.map.object, [...skipped, ...removed], owner);
  addCounts(tally, { skipped: skipped.size });
  countOutcomes(run, { skipped: skipped.size });
  tally.done += skipped.size;
  return taken.length > 0 ? syncOrPark(kindRun, taken) : { soon: null };
}

async function syncOrPark(
  kindRun: KindRun,
  taken: readonly LocalSide[],
): Promise<Pick<ChunkReport, "soon">> {
  const { run, tally } = kindRun;
  let written: Readonly<Record<string, number>> = {};
  try {
    const report = await syncChunk(run, taken, {
      gate: (chunk) => gated(kindRun, chunk),
      written: (results) => {
        written = countWritten(run, results);
      },
    });
    await takeReport(kindRun, report);
    return report;
  } catch (thrown) {
    addCounts(tally, written);
    countOutcomes(run, written);
    await parkChunk(run, taken, {
      error: toAppError(thrown),
      stopped: run.call.signal?.aborted ?? false,
    });
    throw thrown;
  }
}

/** The plan's own limits first: what it lets through is what counts against the caps. */
function gated(
  { tally, caps, gate, isCounted = false }: KindRun,
  chunk: Parameters<Gate>[0],
): ReturnType<Gate> {
  const passed = gate ? gate(chunk) : chunk;
  if (isCounted) return passed;
  const changes = addChanges(tally.changes, passed.planned);
  checkCaps(changes, caps, tally.changes);
  tally.changes = changes;
  return passed;
}

async function takeReport(kindRun: KindRun, report: ChunkReport): Promise<void> {
  const { run, tally } = kindRun;
  const { unanswered, counts, done } = report;
  const { object } = run.kind.map;
  tellInvalid(kindRun, report);
  const failures: Parameters<typeof addError>[1][] = [...report.failures];
  if (unanswered.length > 0) failures.push(propertiesGone(unanswered, object));
  addCounts(tally, counts);
  countOutcomes(run, counts);
  countLooks(run, done);
  tally.done += done;
  for (const failure of failures) tally.errors = addError(tally.errors, failure);
  if (failures.some(({ code }) => code === "PROPERTY_DOESNT_EXIST"))
    await forgetSetUp(run.store, object, iso(run.now()));
}

/** Document B: invalid data are logged and somebody is alerted; a line for each cause, without the data. */
function tellInvalid({ run, log }: KindRun, { failures }: ChunkReport): void {
  const invalid = failures.filter(({ cause }) => cause === "input");
  for (const [code, alike] of Map.groupBy(invalid, (failure) => failure.code)) {
    const { object } = run.kind.map;
    const examples = alike.slice(0, 3).map(({ example }) => example);
    const fields = { object, code, records: alike.length, examples };
    log.error(fields, "records are invalid: they are not sent again until they change");
  }
}

function propertiesGone(properties: readonly string[], object: string) {
  return {
    code: "PROPERTY_DOESNT_EXIST",
    message: `HubSpot no longer has ${properties.join(", ")}, so nothing of it was synced. The next sync creates it anew and fills it; take it out of the field map if it is to be gone.`,
    example: object,
  };
}

/** Adds outcomes; those that did not occur are left out. */
export function addCounts(
  tally: Pick<Tally, "counts">,
  counts: Readonly<Record<string, number>>,
): void {
  for (const [outcome, count] of Object.entries(counts)) {
    if (count > 0) tally.counts = addCount(tally.counts, outcome, count);
  }
}
