/** Makes the end of a chunk durable: bases, states, settled changes and queue entries together. */
import type { AppError } from "../core/errors.ts";
import {
  hasMovedSince,
  type LocalSide,
  type PlannedRecord,
  type SyncEnd,
  settledChanges,
} from "../core/sync-record.ts";
import type { CanonicalValue } from "../core/value-types.ts";
import type { Store } from "../ports/store.ts";
import { iso } from "./iso-time.ts";
import { endOf } from "./sync-end.ts";
import type { Fates } from "./sync-gone.ts";
import {
  type CarryingOut,
  carryOutFates,
  hashesFor,
  liftStones,
  overtaken,
  wake,
} from "./sync-gone-settle.ts";
import type { Results, SyncRun } from "./sync-kind.ts";
import { logRow } from "./sync-log-row.ts";

/** What a chunk came to, per record. `bases`: further base entries, of what was written around the records. */
export interface Finished extends Fates {
  readonly taken: readonly LocalSide[];
  readonly planned: readonly PlannedRecord[];
  /** Records that could not be planned. */
  readonly ended: ReadonlyMap<number, SyncEnd>;
  readonly results: Results;
  readonly bases: ReadonlyMap<number, Readonly<Record<string, CanonicalValue>>>;
  readonly ends: ReadonlyMap<number, SyncEnd>;
}

/** Everything in one transaction; a record whose fields were edited meanwhile stays due. Returns the ends with those. */
export async function settleChunk(
  run: SyncRun,
  chunk: Finished,
): Promise<ReadonlyMap<number, SyncEnd>> {
  const now = iso(run.now());
  const hashes = await hashesFor(run, chunk.fates);
  return run.store.transaction(async (store) => {
    const rows = await run.kind.load(
      store,
      chunk.taken.map(({ id }) => id),
    );
    await store.fieldStates.put(basesOf(run, chunk, { rows, now }));
    const late = overtaken(run, chunk.fates, rows);
    const again = late.map((id): readonly [number, SyncEnd] => [id, { kind: "again" }]);
    const ends = new Map([...chunk.ends, ...editedMeanwhile(run, chunk, rows), ...again]);
    await run.kind.leave(store, { taken: chunk.taken, rows, ends }, now);
    await store.syncLog.add(unplanned(run, chunk, now));
    await store.changes.forget(run.kind.map.object, settledBy(run, chunk));
    await settleFates(store, run, {
      ...chunk,
      fates: stillDue(chunk, { rows, late }),
      hashes,
      now,
    });
    await settleQueue(store, run, { ...chunk, ends });
    return ends;
  });
}

async function settleFates(
  store: Store,
  run: SyncRun,
  chunk: Finished & CarryingOut,
): Promise<void> {
  await carryOutFates(store, run, chunk);
  await liftStones(store, run, chunk);
  await wake(store, run, chunk);
}

/** Without those that were edited meanwhile; and of a record that was deleted or erased here meanwhile nothing may be noted anew. */
function stillDue(
  { fates }: Finished,
  { rows, late }: { readonly rows: readonly LocalSide[]; readonly late: readonly number[] },
): Finished["fates"] {
  const present = new Set(rows.map(({ id }) => id));
  return fates.filter(({ side }) => present.has(side.id) && !late.includes(side.id));
}

/** What failed before anything could be written has no row in the log yet. */
function unplanned(
  { kind, runId }: SyncRun,
  { ended }: Pick<Finished, "ended">,
  now: string,
): Parameters<Store["syncLog"]["add"]>[0] {
  return [...ended].flatMap(([local_id, end]) => {
    if (end.kind !== "failed") return [];
    const sides = { object: kind.map.object, id: local_id, hubspotId: null };
    const row = {
      ...logRow(runId, sides, now),
      action: "none" as const,
      outcome: "failed" as const,
      fields: [],
      error: end.error,
    };
    return [row];
  });
}

/** Whatever became of what was planned: there is a newer edit, which neither a signal nor a state may tell of. */
function editedMeanwhile(
  { kind }: SyncRun,
  { planned, results }: Finished,
  rows: readonly LocalSide[],
): readonly (readonly [number, SyncEnd])[] {
  const fresh = new Map(rows.map((row) => [row.id, row]));
  return planned.flatMap(({ sides }) => {
    const row = fresh.get(sides.id);
    const result = results.get(sides.id);
    const base = result?.kind === "settled" ? result.base : sides.base;
    if (!row || !kind.isTaken(row) || !hasMovedSince(kind.map, sides, row, base)) return [];
    return [[sides.id, { kind: "again" }] as const];
  });
}

function settledBy(
  { kind }: SyncRun,
  { planned, results }: Finished,
): Parameters<Store["changes"]["forget"]>[1] {
  return planned.flatMap((item) => {
    const result = results.get(item.sides.id);
    if (result?.kind !== "settled") return [];
    return settledChanges(kind.map, item, result.base).map(({ id, field }) => ({
      local_id: item.sides.id,
      field,
      id,
    }));
  });
}

/** Of a record that was deleted or erased here meanwhile nothing is kept. */
function basesOf(
  { kind }: SyncRun,
  { bases, results }: Finished,
  { rows, now: synced_at }: { readonly rows: readonly LocalSide[]; readonly now: string },
): Parameters<Store["fieldStates"]["put"]>[0] {
  const present = new Set(rows.map(({ id }) => id));
  return [...bases].flatMap(([local_id, more]) => {
    const result = results.get(local_id);
    if (result?.kind !== "settled" || !present.has(local_id)) return [];
    const base = { ...result.base, ...more };
    return [{ object: kind.map.object, local_id, base, synced_at }];
  });
}

async function settleQueue(
  store: Store,
  run: SyncRun,
  { taken, results, ends }: Finished,
): Promise<void> {
  const { object } = run.kind.map;
  const endOfSide = ({ id }: LocalSide): SyncEnd | undefined =>
    results.get(id)?.kind === "adopt" ? { kind: "again" } : ends.get(id);
  // The lease stays until the run has ended: it would take at once what it has just left.
  const left = new Set(taken.filter((side) => endOfSide(side)?.kind === "waits"));
  const retries: Due[] = [];
  const untried: Due[] = [];
  const settled: number[] = [];
  for (const side of taken.filter((each) => !left.has(each))) {
    const end = endOfSide(side);
    const due_at = dueAt(run, side, end);
    if (due_at === null) settled.push(side.id);
    else (isUntried(end) ? untried : retries).push({ object, local_id: side.id, due_at });
  }
  await store.queue.settle(object, settled, run.owner);
  if (run.inboundOnly && left.size > 0) await leaveAll(store, run, [...left]);
  await store.queue.retry(retries, run.owner);
  await store.queue.defer(untried, run.owner);
}

function leaveAll(store: Store, { kind, owner }: SyncRun, left: readonly LocalSide[]) {
  return store.queue.leave(
    kind.map.object,
    left.map(({ id }) => id),
    owner,
  );
}

type Due = Parameters<Store["queue"]["retry"]>[0][number];

function dueAt({ kind, now }: SyncRun, side: LocalSide, end: SyncEnd | undefined): string | null {
  switch (end?.kind) {
    case "again":
      return end.due_at ?? iso(now());
    case "soon":
    case "failed":
      return end.due_at;
    case "synced":
      return null;
    default:
      return kind.leftDueAt(side, now());
  }
}

/** HubSpot does not answer, which is no try of this record's. */
function isUntried(end: SyncEnd | undefined): boolean {
  return end?.kind === "again" && end.due_at !== undefined;
}

/**
 * Puts claimed records back after the whole chunk failed: what a retry can cure comes due later, the rest as it was. What was announced of them and has no
 * outcome ends here, for not every one of them counts as a try that the next look would clear up after. `stopped`: the run was asked to stop, which is nobody's
 * failure.
 */
export async function parkChunk(
  run: SyncRun,
  taken: readonly LocalSide[],
  failure: { readonly error: AppError; readonly stopped: boolean },
): Promise<void> {
  const end = parkedEnd(run, failure);
  const now = iso(run.now());
  const ids = taken.map(({ id }) => id);
  const ends = new Map(ids.map((id) => [id, end] as const));
  const { object } = run.kind.map;
  await run.store.transaction(async (store) => {
    const rows = await run.kind.load(store, ids);
    await run.kind.leave(store, { taken, rows, ends }, now);
    await store.syncLog.abandon(object, ids, now);
    // Why they wait is said of each: nothing else keeps it for a record without a state of its own.
    const present = new Map(rows.map(({ id }) => [id, end] as const));
    await store.syncLog.add(unplanned(run, { ended: present }, now));
    const due_at = end.due_at ?? now;
    const items = ids.map((local_id) => ({ object, local_id, due_at }));
    if (isUntried(end)) await store.queue.defer(items, run.owner);
    else await store.queue.retry(items, run.owner);
  });
}

function parkedEnd(
  run: SyncRun,
  { error, stopped }: { readonly error: AppError; readonly stopped: boolean },
): Extract<SyncEnd, { kind: "again" | "failed" }> {
  const end = stopped ? null : endOf(run, error);
  if (end?.kind === "again") return end;
  return end?.kind === "failed" && end.due_at !== null ? end : { kind: "again" };
}
