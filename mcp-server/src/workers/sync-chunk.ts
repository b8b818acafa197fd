/** Syncs one bounded set of records: read three sides, let the core plan, write, settle. */
import type { ErrorKind } from "../core/errors.ts";
import {
  isOpenEnd,
  type LocalSide,
  type PlannedRecord,
  planSides,
  type RecordResult,
  type SyncEnd,
} from "../core/sync-record.ts";
import { planFromMemory } from "./read-back-plan.ts";
import { endOf, withQuickTries } from "./sync-end.ts";
import { type Fate, type Fates, type Judged, judgeCreates, judgeRead } from "./sync-gone.ts";
import { nounOf, strangerError } from "./sync-gone-errors.ts";
import type { Results, SyncRun } from "./sync-kind.ts";
import { breakLoops } from "./sync-loops.ts";
import { measureChunk } from "./sync-measure.ts";
import { writeRecords } from "./sync-records.ts";
import { settleChunk } from "./sync-settle.ts";
import { type Reading, readSides } from "./sync-sides.ts";
import { withTimes } from "./sync-times.ts";

/** What a chunk came to: one outcome per record, side effects counted, failures with the record's local id. */
export interface ChunkReport {
  readonly counts: Readonly<Record<string, number>>;
  /** Records that need no further look in this run. */
  readonly done: number;
  readonly failures: readonly {
    readonly code: string;
    readonly message: string;
    readonly example: string;
    readonly cause: ErrorKind;
  }[];
  /** Records that may have been written and come due again in a moment, and when the last of them does, ISO-8601 UTC; null when there are none. */
  readonly soon: { readonly ids: readonly number[]; readonly due_at: string } | null;
  /** Properties that HubSpot has no more. */
  readonly unanswered: readonly string[];
}

/** Plans, and the ends of records that cannot be planned; of some of these there is more to note: their fates. */
export interface PlannedChunk extends Fates {
  readonly planned: readonly PlannedRecord[];
  readonly ended: ReadonlyMap<number, SyncEnd>;
  readonly unanswered: readonly string[];
}

/** Plans records without writing anything anywhere. */
export async function planChunk(
  run: SyncRun & Reading,
  locals: readonly LocalSide[],
): Promise<PlannedChunk> {
  const recalled = await planFromMemory(run, locals);
  const read = await readSides(run, recalled.rest);
  const { sides, strangers, unanswered, stones, woken } = read;
  const first = sides.map((side) => ({
    sides: side,
    plan: planSides(run.kind.rulesFor(side), side, run.direction),
  }));
  const planned = await breakLoops(run, await withTimes(run, first));
  const creates = planned.filter(isCreate);
  const judged = joined(judgeRead(run, read), judgeCreates(run, creates, stones));
  const ended = new Map(judged.ended);
  for (const { id } of strangers) ended.set(id, endOf(run, strangerError(run)));
  for (const item of creates) {
    const refusal = run.kind.cannotCreate(item.plan);
    if (refusal && !ended.has(item.sides.id)) ended.set(item.sides.id, endOf(run, refusal));
  }
  return {
    planned: [...recalled.planned, ...planned.filter(({ sides: { id } }) => !ended.has(id))],
    ended,
    unanswered,
    fates: judged.fates,
    stones,
    woken,
  };
}

function joined(one: Judged, other: Judged): Judged {
  const fates = [...one.fates, ...other.fates];
  const ends = fates.map(({ side, end }) => [side.id, end] as const);
  return { fates, ended: new Map([...one.ended, ...other.ended, ...ends]) };
}

function isCreate({ sides, plan }: PlannedRecord): boolean {
  return sides.hubspotId === null && Object.keys(plan.push).length > 0;
}

/** Looks at a chunk's plans before anything is written; it may end single records, or throw to stop the run. */
export type Gate = (chunk: PlannedChunk) => PlannedChunk;

/** What a caller wants to know of a chunk while it is on its way. */
export interface ChunkWatch {
  readonly gate: Gate;
  /** Hears what became of the records as soon as it is durable, for a caller that must report even when a later step throws. */
  readonly written: (results: Results) => void;
}

/** Syncs records that the caller has claimed from the queue and taken on, and settles their queue entries. */
export async function syncChunk(
  run: SyncRun,
  taken: readonly LocalSide[],
  watch: ChunkWatch,
): Promise<ChunkReport> {
  const chunk = watch.gate(await planChunk(run, taken));
  const { planned, ended, unanswered, fates } = chunk;
  const { results, failures, bases, effects } = await run.kind.around(run, planned, async () => {
    const done = await writeRecords(run, planned);
    watch.written(done);
    return done;
  });
  const ends = new Map(ended);
  for (const item of planned) {
    const result = results.get(item.sides.id);
    if (result?.kind === "ended") ends.set(item.sides.id, result.end);
    if (result?.kind === "absent" && run.direction === "pull")
      ends.set(item.sides.id, doneEnd(run, item));
    if (result?.kind !== "settled") continue;
    const failure = result.failure ?? failures.get(item.sides.id);
    ends.set(item.sides.id, failure ? endOf(run, failure) : doneEnd(run, item));
  }
  const known = withQuickTries(run, ends);
  const final = await settleChunk(run, { ...chunk, taken, results, bases, ends: known });
  measureChunk(run, planned, results);
  const told = { ...effects, ...alsoOpen(planned, results) };
  const counted = report(run, { results, ends: final, effects: told, fates });
  return { ...counted, soon: soonOf(final), unanswered };
}

function soonOf(ends: ReadonlyMap<number, SyncEnd>): ChunkReport["soon"] {
  const soon = [...ends].flatMap(([id, end]) =>
    end.kind === "soon" ? [{ id, due_at: end.due_at }] : [],
  );
  if (soon.length === 0) return null;
  const due_at = soon.reduce((latest, one) => (one.due_at > latest ? one.due_at : latest), "");
  return { ids: soon.map(({ id }) => id), due_at };
}

/** Records that were written and of which another field waits for a person or may not travel: they count there, too. */
function alsoOpen(
  planned: readonly PlannedRecord[],
  results: Results,
): Readonly<Record<string, number>> {
  const count = (kind: "conflict" | "blocked"): number =>
    planned.filter(({ sides, plan }) => {
      const result = results.get(sides.id);
      const isOther = result?.kind === "settled" && hasWritten(result);
      return isOther && plan.fields.some(({ decision }) => decision.kind === kind);
    }).length;
  return { conflicts: count("conflict"), blocked: count("blocked") };
}

/** The end of a record that was equal, or made equal, as far as the run's direction allows. */
function doneEnd({ kind, direction }: SyncRun, { sides }: PlannedRecord): SyncEnd {
  if (kind.isLeft(sides, direction)) return { kind: "left" };
  if (direction === "both") return { kind: "synced" };
  const { push, pull } = planSides(kind.rulesFor(sides), sides, "both");
  const masked = direction === "pull" ? push : pull;
  return { kind: Object.keys(masked).length > 0 ? "waits" : "synced" };
}

/** One count per outcome of the records that were written. */
export function countWritten(run: SyncRun, results: Results): Readonly<Record<string, number>> {
  return report(run, { results, ends: new Map(), effects: {}, fates: [] }).counts;
}

function report(
  run: SyncRun,
  {
    results,
    ends,
    effects,
    fates,
  }: {
    results: Results;
    ends: ReadonlyMap<number, SyncEnd>;
    effects: Readonly<Record<string, number>>;
    fates: readonly Fate[];
  },
): Pick<ChunkReport, "counts" | "done" | "failures"> {
  const counts: Record<string, number> = { ...effects };
  const failures: ChunkReport["failures"][number][] = [];
  const fateOf = new Map(fates.map(({ side, kind }) => [side.id, kind]));
  let done = 0;
  for (const id of new Set([...results.keys(), ...ends.keys()])) {
    const end = ends.get(id);
    if (!isOpenEnd(end) && results.get(id)?.kind !== "adopt") done += 1;
    const outcome = outcomeName(results.get(id), end) ?? fateName(fateOf.get(id), end);
    if (outcome) counts[outcome] = (counts[outcome] ?? 0) + 1;
    if (end?.kind === "failed") {
      const { code, error: message, cause } = end;
      failures.push({ code, message, cause, example: `${nounOf(run.kind)} ${id}` });
    }
  }
  return { counts, done, failures };
}

/** One word per record; one that is looked at again is counted then, and now only for what was written. */
function outcomeName(result: RecordResult | undefined, end: SyncEnd | undefined): string | null {
  if (end?.kind === "failed") return "failed";
  if (isOpenEnd(end) && !hasWritten(result)) return null;
  if (result?.kind === "settled")
    return result.outcome === "conflict" ? "conflicts" : result.outcome;
  return result?.kind === "absent" ? "skipped" : null;
}

/** What became of a record that HubSpot deleted. */
function fateName(fate: Fate["kind"] | undefined, end: SyncEnd | undefined): string | null {
  if (fate === undefined || isOpenEnd(end)) return null;
  return fate === "waiting" ? "conflicts" : "deleted_in_hubspot";
}

function hasWritten(result: RecordResult | undefined): boolean {
  if (result?.kind !== "settled") return false;
  return ["created", "updated", "pulled"].includes(result.outcome);
}
