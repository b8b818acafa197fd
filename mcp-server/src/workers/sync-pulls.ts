/** What a sync brings home: HubSpot's values into stored records, unless somebody changed them meanwhile. */
import { canonical } from "../core/canonical.ts";
import type { AppError } from "../core/errors.ts";
import { type FieldRule, readPath } from "../core/field-map.ts";
import type { Pull } from "../core/mapped-record.ts";
import type { RecordPlan } from "../core/plan.ts";
import { readLocal } from "../core/rule-values.ts";
import { logLines } from "../core/sync-log-rows.ts";
import type { LocalSide, PlannedRecord, RecordResult, RemoteSide } from "../core/sync-record.ts";
import type { Store } from "../ports/store.ts";
import type { SyncRun } from "./sync-kind.ts";
import { logRow } from "./sync-log-row.ts";
import { trackingRule } from "./sync-sides.ts";

/** A chunk's plans and results while they are made durable. */
export interface Settling {
  readonly run: SyncRun;
  readonly planned: readonly PlannedRecord[];
  readonly results: Map<number, RecordResult>;
  /** The bases as they are now; they differ from those planned on where a person decided meanwhile. */
  readonly bases: ReadonlyMap<number, RemoteSide["base"]>;
  readonly now: string;
}

/**
 * Applies pulls to the records as they are now. A field that somebody changed since the plan was made is left alone, together
 * with its base: the next look at the record decides again.
 */
export async function applyPulls(store: Store, settling: Settling): Promise<void> {
  const { run, planned, results, now } = settling;
  const settled = planned.filter(({ sides }) => results.get(sides.id)?.kind === "settled");
  const pulling = settled.filter(({ plan }) => Object.keys(plan.pull).length > 0);
  const marking = marksOf(run, settled, results);
  if (pulling.length === 0 && marking.size === 0) return;
  const touched = new Set([...pulling.map(({ sides }) => sides.id), ...marking.keys()]);
  const rows = await run.kind.load(store, [...touched]);
  const fresh = new Map(rows.map((side) => [side.id, side]));
  const refuse = await run.kind.refusals(store, pulling.flatMap(wantedPulls));
  const applied = pulling.flatMap((item) => {
    const side = fresh.get(item.sides.id);
    if (!side) return [];
    const verdict = judgePulls(side, item.plan, (pull) => refuse(side.id, pull));
    keepOpen(results, item, verdict);
    return verdict.allowed.length > 0 ? [{ ...item, side, pulls: verdict.allowed }] : [];
  });
  const pulls = new Map(applied.map((item) => [item.side.id, item.pulls]));
  const written = rows.map((side) => ({
    side,
    pulls: [
      ...(pulls.get(side.id) ?? []),
      ...(marking.get(side.id) ?? []).filter(({ rule }) => isReadable(side, rule)),
    ],
  }));
  await run.kind.write(
    store,
    written.filter((item) => item.pulls.length > 0),
    now,
  );
  await store.syncLog.add(
    applied.map((item) => ({
      ...logRow(run.runId, item.sides, now),
      action: "pull" as const,
      outcome: "done" as const,
      fields: logLines(
        item.plan.fields.filter(({ rule }) => item.pulls.some((pull) => pull.rule === rule)),
        "pull",
      ),
    })),
  );
}

/** A column that holds no JSON by now is not written over. */
function isReadable({ local }: LocalSide, { path }: FieldRule): boolean {
  return readPath(local, path) !== undefined;
}

/** HubSpot's id of a record is kept on this side where the map tracks it (document B's `hubspot_company_id`). */
function marksOf(
  { kind }: SyncRun,
  settled: readonly PlannedRecord[],
  results: Settling["results"],
): ReadonlyMap<number, readonly Pull[]> {
  const rule = trackingRule(kind);
  if (!rule) return new Map();
  const marks = settled.flatMap(({ sides }) => {
    const result = results.get(sides.id);
    if (result?.kind !== "settled") return [];
    const known = canonical("text", readPath(sides.local, rule.path));
    if (known === undefined || known === result.hubspotId) return [];
    return [[sides.id, [{ rule, value: result.hubspotId }]] as const];
  });
  return new Map(marks);
}

/** Forgets the HubSpot ids of records that are no longer linked, where this side still keeps that very id. */
export async function forgetIds(
  store: Store,
  { kind }: Pick<SyncRun, "kind">,
  { ended, now }: { readonly ended: ReadonlyMap<number, string | null>; readonly now: string },
): Promise<void> {
  const rule = trackingRule(kind);
  if (!rule || ended.size === 0) return;
  const rows = await kind.load(store, [...ended.keys()]);
  const marked = rows.filter((side) => {
    const known = canonical("text", readPath(side.local, rule.path)) ?? null;
    return known !== null && known === ended.get(side.id);
  });
  const pulls: readonly Pull[] = [{ rule, value: null }];
  if (marked.length > 0)
    await kind.write(
      store,
      marked.map((side) => ({ side, pulls })),
      now,
    );
}

function wantedPulls({ sides, plan }: PlannedRecord): readonly { id: number; pull: Pull }[] {
  return plan.fields.flatMap(({ rule }) => {
    const value = plan.pull[rule.field];
    return value === undefined ? [] : [{ id: sides.id, pull: { rule, value } }];
  });
}

/** Which pulls may be applied. `failure`: one never can be until a person helps. */
interface Verdict {
  readonly allowed: readonly Pull[];
  readonly failure: AppError | null;
}

function judgePulls(
  fresh: LocalSide,
  plan: RecordPlan,
  refuse: (pull: Pull) => AppError | null,
): Verdict {
  const unchanged = plan.fields.flatMap(({ rule, local }): readonly Pull[] => {
    const value = plan.pull[rule.field];
    const present = readLocal(rule, readPath(fresh.local, rule.path)).value;
    return value === undefined || present !== local ? [] : [{ rule, value }];
  });
  const judged = unchanged.map((pull) => ({ pull, failure: refuse(pull) }));
  return {
    allowed: judged.flatMap(({ pull, failure }) => (failure ? [] : [pull])),
    failure: judged.find(({ failure }) => failure !== null)?.failure ?? null,
  };
}

/** A field whose pull was passed over keeps the base it had. */
function keepOpen(
  results: Settling["results"],
  { sides, plan }: PlannedRecord,
  { allowed, failure }: Verdict,
): void {
  const result = results.get(sides.id);
  if (result?.kind !== "settled") return;
  const done = new Set(allowed.map(({ rule }) => rule.field));
  const skipped = new Set(Object.keys(plan.pull).filter((field) => !done.has(field)));
  const kept = Object.entries(sides.base).filter(([field]) => skipped.has(field));
  const settled = Object.entries(result.base).filter(([field]) => !skipped.has(field));
  const nothing = result.outcome === "pulled" && allowed.length === 0;
  results.set(sides.id, {
    ...result,
    outcome: nothing ? "unchanged" : result.outcome,
    base: Object.fromEntries([...settled, ...kept]),
    failure,
  });
}
