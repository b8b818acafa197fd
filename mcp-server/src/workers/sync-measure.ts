/** What a chunk came to, as figures: how long changes took to arrive, what became of fields, and how often both sides had moved. */
import type { PlannedField } from "../core/plan.ts";
import type { PlannedRecord, RecordResult } from "../core/sync-record.ts";
import type { Meter } from "../ports/meter.ts";
import { untold } from "./sync-told.ts";

/** What of a run is needed for it. */
export interface MeasuredRun {
  /** Left out = nobody counts. */
  readonly meter?: Meter;
  /** Since when the records waited, by local id, ISO-8601 UTC. */
  readonly since?: ReadonlyMap<number, string>;
  readonly kind: { readonly map: { readonly object: string } };
  readonly now: () => number;
}

/** Measures records whose values are on the other side now, whatever became of what is written around them. */
export function measureChunk(
  run: MeasuredRun,
  planned: readonly PlannedRecord[],
  results: ReadonlyMap<number, RecordResult>,
): void {
  const { meter } = run;
  if (!meter) return;
  for (const item of planned) {
    const result = results.get(item.sides.id);
    if (result?.kind === "settled") measure(run, meter, { item, result });
  }
}

interface Settled {
  readonly item: PlannedRecord;
  readonly result: Extract<RecordResult, { kind: "settled" }>;
}

function measure(run: MeasuredRun, meter: Meter, { item, result }: Settled): void {
  const { sides, plan } = item;
  const { object } = run.kind.map;
  const of = (kind: PlannedField["decision"]["kind"]) =>
    plan.fields.filter(({ decision }) => decision.kind === kind);
  const pushed = result.outcome === "created" || result.outcome === "updated" ? of("push") : [];
  const conflicts = untold(sides, plan.fields, "conflict");
  const counts = {
    push: pushed.length,
    pull: of("pull").length,
    conflict: conflicts.length,
    blocked: untold(sides, plan.fields, "blocked").length,
  };
  for (const [decision, count] of Object.entries(counts))
    if (count > 0) meter.count("fields", { object, decision }, count);
  if (conflicts.length > 0) meter.count("conflicts", { object });
  const waited = run.since?.get(sides.id);
  if (counts.push > 0) observe(run, "push", editedAt(item, pushed) ?? waited);
  if (counts.pull > 0) observe(run, "pull", waited);
}

/** When the first of the fields was changed here, as far as a trigger saw it. */
function editedAt({ sides }: PlannedRecord, fields: readonly PlannedField[]): string | undefined {
  const names = new Set(fields.map(({ rule }) => rule.field));
  return sides.changes
    .filter(({ field }) => names.has(field))
    .map(({ changed_at }) => changed_at)
    .sort()[0];
}

function observe(run: MeasuredRun, direction: "push" | "pull", since: string | undefined): void {
  if (since === undefined) return;
  const { object } = run.kind.map;
  run.meter?.observe("latency", { object, direction }, (run.now() - Date.parse(since)) / 1_000);
}

/** Counts outcomes in the words that jobs count in. */
export function countOutcomes(run: MeasuredRun, counts: Readonly<Record<string, number>>): void {
  const { object } = run.kind.map;
  for (const [outcome, count] of Object.entries(counts))
    if (count > 0) run.meter?.count("outcomes", { object, outcome }, count);
}

/** Counts records that a run came to an end with. */
export function countLooks(run: MeasuredRun, records: number): void {
  if (records > 0) run.meter?.count("looks", { object: run.kind.map.object }, records);
}
