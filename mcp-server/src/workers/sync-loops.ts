/** Stops fields that go to and fro: what would be one flip too many becomes a conflict with the field's history. */
import {
  isLoop,
  LOOP_WINDOW_MS,
  type LoggedMove,
  loopHistory,
  mayFlip,
} from "../core/loop-breaker.ts";
import type { PlannedField } from "../core/plan.ts";
import { type PlannedRecord, planSides } from "../core/sync-record.ts";
import type { SyncLogEntry } from "../ports/sync-store.ts";
import { iso } from "./iso-time.ts";
import type { SyncRun } from "./sync-kind.ts";
import { withTimes } from "./sync-times.ts";

/**
 * Plans in which no field is written that flipped as often as it may within the last hour. The log is asked only about records that may flip, and
 * read only of those of which much was written; a first sync asks nothing.
 */
export async function breakLoops(
  run: SyncRun,
  planned: readonly PlannedRecord[],
): Promise<readonly PlannedRecord[]> {
  const limit = run.maxFlipsPerHour ?? 0;
  const suspects = new Map(limit > 0 ? planned.flatMap(suspectOf) : []);
  if (suspects.size === 0) return planned;
  const now = run.now();
  const entries = await run.store.syncLog.movesOfBusy(run.kind.map.object, {
    ids: [...suspects.keys()].map(({ sides }) => sides.id),
    fields: [...new Set([...suspects.values()].flat().map(({ rule }) => rule.field))],
    since: iso(now - LOOP_WINDOW_MS),
    atLeast: limit,
  });
  if (entries.length === 0) return planned;
  const logged = Map.groupBy(entries, ({ local_id }) => local_id);
  const loops = new Map<number, readonly Loop[]>();
  const checked = planned.map((item) => {
    const moves = movesOf(logged.get(item.sides.id) ?? []);
    const found = (suspects.get(item) ?? [])
      .map((field): Loop => ({ field, moves: moves.get(field.rule.field) ?? [] }))
      .filter((loop) => isLoop(loop.field.decision, loop.moves, limit));
    if (found.length === 0) return item;
    loops.set(item.sides.id, found);
    return frozen(run, item, found);
  });
  const timed = loops.size === 0 ? planned : await withTimes(run, checked);
  return timed.map((item) => withHistories(item, loops.get(item.sides.id), iso(now)));
}

/** A field that would flip too often, as it was planned, and what the log tells of it. */
interface Loop {
  readonly field: PlannedField;
  readonly moves: readonly LoggedMove[];
}

type Suspect = readonly [PlannedRecord, readonly PlannedField[]];

function suspectOf(item: PlannedRecord): readonly Suspect[] {
  const { sides, plan } = item;
  const fields = plan.fields.filter((field) => mayFlip(field, sides.base));
  return sides.hubspotId === null || fields.length === 0 ? [] : [[item, fields]];
}

function movesOf(entries: readonly SyncLogEntry[]): ReadonlyMap<string, readonly LoggedMove[]> {
  const moves = entries.flatMap(({ action, created_at: at, fields }) =>
    fields.map((line): LoggedMove => ({ action, at, line })),
  );
  return Map.groupBy(moves, ({ line }) => line.field);
}

/** The record's plan without those fields. HubSpot's times are read anew where that of a frozen field is not among them. */
function frozen(
  { kind, direction }: SyncRun,
  { sides: before }: PlannedRecord,
  loops: readonly Loop[],
): PlannedRecord {
  const isKnown = loops.every(({ field: { remoteAt } }) => (remoteAt ?? null) !== null);
  const sides = {
    ...before,
    remoteAt: isKnown ? before.remoteAt : null,
    loops: new Map(loops.map(({ field }) => [field.rule.field, []])),
  };
  return { sides, plan: planSides(kind.rulesFor(sides), sides, direction) };
}

/** Only now it is known who set HubSpot's present value. */
function withHistories(
  { sides, plan }: PlannedRecord,
  loops: readonly Loop[] | undefined,
  now: string,
): PlannedRecord {
  if (!loops) return { sides, plan };
  const histories = loops.map(({ field, moves }) => {
    const { rule } = field;
    const { remoteAt = null } = plan.fields.find((one) => one.rule.field === rule.field) ?? field;
    return [rule.field, loopHistory({ ...field, remoteAt }, moves, now)] as const;
  });
  return { sides: { ...sides, loops: new Map(histories) }, plan };
}
