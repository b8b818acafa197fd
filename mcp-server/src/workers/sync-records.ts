/** Carries plans out: intents to the log, batches to HubSpot, answers to links, bases and rows. */
import { AppError } from "../core/errors.ts";
import { acknowledgedBase } from "../core/plan.ts";
import { logLines } from "../core/sync-log-rows.ts";
import { type PlannedRecord, type RecordResult, rebased } from "../core/sync-record.ts";
import type { WriteOutcome } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import { iso } from "./iso-time.ts";
import { saveLinks } from "./life-links.ts";
import { withAdoptable } from "./sync-adoptable.ts";
import { keepConflicts } from "./sync-conflicts.ts";
import { endOf } from "./sync-end.ts";
import { nounOf, vanishedError } from "./sync-gone-errors.ts";
import type { Results, SyncRun } from "./sync-kind.ts";
import { logRow } from "./sync-log-row.ts";
import { applyPulls, type Settling } from "./sync-pulls.ts";
import { keepBlocked, withTold } from "./sync-told.ts";

/** Carries the plans out and returns what became of each record, by local id. */
export async function writeRecords(
  run: SyncRun,
  planned: readonly PlannedRecord[],
): Promise<Results> {
  const pushing = planned.filter(({ plan }) => Object.keys(plan.push).length > 0);
  const intents = await logIntents(run, pushing);
  const outcomes = await send(run, pushing);
  return settle(run, { planned, intents, outcomes });
}

/** What is about to be written is in the log before the request leaves. */
async function logIntents(
  run: SyncRun,
  pushing: readonly PlannedRecord[],
): Promise<ReadonlyMap<number, number>> {
  if (pushing.length === 0) return new Map();
  const created_at = iso(run.now());
  const ids = await run.store.syncLog.add(
    pushing.map(({ sides, plan }) => ({
      ...logRow(run.runId, sides, created_at),
      action: sides.hubspotId === null ? ("create" as const) : ("update" as const),
      outcome: "intent" as const,
      fields: logLines(plan.fields, "push"),
      finished_at: null,
    })),
  );
  return new Map(pushing.map(({ sides }, index) => [sides.id, ids[index] ?? 0]));
}

/** New records go by upsert on their key, which a repeat cannot double; known ones by id. */
async function send(
  run: SyncRun,
  pushing: readonly PlannedRecord[],
): Promise<ReadonlyMap<number, WriteOutcome>> {
  const { crm, call, kind } = run;
  const input = (id: string, { sides, plan }: PlannedRecord) => ({
    ref: String(sides.id),
    id,
    properties: plan.push,
  });
  const fresh = pushing.filter(({ sides }) => sides.hubspotId === null);
  const known = pushing.flatMap((item) =>
    item.sides.hubspotId === null ? [] : [input(item.sides.hubspotId, item)],
  );
  const [created, updated] = await Promise.all([
    crm.upsert(
      kind.crmObject,
      kind.keyProperty,
      fresh.map((item) => input(item.sides.key, item)),
      call,
    ),
    crm.update(kind.crmObject, known, call),
  ]);
  const answers = [...(await withAdoptable(run, fresh, created)), ...updated];
  return new Map(answers.map((outcome) => [Number(outcome.ref), outcome]));
}

/** What was planned, what was logged before sending, and what HubSpot answered, by local id. */
export interface Answers {
  readonly planned: readonly PlannedRecord[];
  readonly intents: ReadonlyMap<number, number>;
  readonly outcomes: ReadonlyMap<number, WriteOutcome>;
}

/** Everything HubSpot said becomes durable in one transaction. */
async function settle(run: SyncRun, sent: Answers): Promise<Results> {
  const now = iso(run.now());
  return run.store.transaction(async (store) => {
    const answers = { ...sent, planned: await stillStored(store, run, sent.planned) };
    const results = new Map<number, RecordResult>();
    for (const item of answers.planned) {
      const outcome = answers.outcomes.get(item.sides.id) ?? null;
      results.set(item.sides.id, resultOf(run, item, outcome));
    }
    await store.syncLog.settle(settledIntents(run, answers), now);
    await saveLinks(store, run, { planned: answers.planned, results });
    const settling = {
      run,
      planned: answers.planned,
      results,
      now,
      bases: await basesNow(store, run, answers),
    };
    await applyPulls(store, settling);
    await keepConflicts(store, settling);
    await keepBlocked(store, settling);
    await saveBases(store, run, settling);
    return results;
  });
}

/** Of people who were erased while HubSpot was being asked nothing is written down again. */
async function stillStored(
  store: Store,
  { kind }: SyncRun,
  planned: readonly PlannedRecord[],
): Promise<readonly PlannedRecord[]> {
  if (!(await store.tombstones.any())) return planned;
  const rows = await kind.load(
    store,
    planned.map(({ sides }) => sides.id),
  );
  const present = new Set(rows.map(({ id }) => id));
  return planned.filter(({ sides }) => present.has(sides.id));
}

/** A base that was made with another HubSpot record is void. */
async function basesNow(store: Store, { kind }: SyncRun, { planned }: Answers) {
  const lasting = planned.filter(({ sides }) => sides.former?.how !== "replaced");
  const ids = lasting.map(({ sides }) => sides.id);
  const states = await store.fieldStates.get(kind.map.object, ids);
  return new Map(states.map((state) => [state.local_id, state.base]));
}

function resultOf(run: SyncRun, item: PlannedRecord, outcome: WriteOutcome | null): RecordResult {
  const { sides, plan } = item;
  if (outcome === null) return quietResult(item);
  switch (outcome.kind) {
    case "written":
      return {
        kind: "settled",
        hubspotId: outcome.record.id,
        outcome: outcome.created ? "created" : "updated",
        base: withTold(item, acknowledgedBase(plan, outcome.record.properties)),
        failure: null,
      };
    case "missing":
      return { kind: "ended", end: endOf(run, vanishedError(run)) };
    case "rejected":
      if (outcome.existingId !== null && sides.hubspotId === null)
        return { kind: "adopt", hubspotId: outcome.existingId };
      return { kind: "ended", end: endOf(run, rejection(run, outcome)) };
    case "unknown":
    case "failed":
      return { kind: "ended", end: endOf(run, outcome.error) };
  }
}

function rejection(run: SyncRun, outcome: Extract<WriteOutcome, { kind: "rejected" }>): AppError {
  return new AppError("input", `HubSpot refused this ${nounOf(run.kind)}: ${outcome.message}`, {
    code: outcome.code,
  });
}

/** Nothing was sent for this contact: it was equal, only pulled from, or HubSpot has no such record and none was to be made. */
function quietResult(item: PlannedRecord): RecordResult {
  const { sides, plan } = item;
  if (sides.hubspotId === null) return { kind: "absent" };
  const kinds = new Set(plan.fields.map(({ decision }) => decision.kind));
  const isNew = Object.keys(sides.base).length === 0;
  const quiet = kinds.has("blocked") ? "blocked" : isNew ? "linked" : "unchanged";
  const waiting = kinds.has("conflict") ? "conflict" : quiet;
  return {
    kind: "settled",
    hubspotId: sides.hubspotId,
    outcome: kinds.has("pull") ? "pulled" : waiting,
    base: withTold(item, acknowledgedBase(plan, {})),
    failure: null,
  };
}

function settledIntents(
  run: SyncRun,
  { intents, outcomes }: Answers,
): Parameters<Store["syncLog"]["settle"]>[0] {
  return [...intents].map(([localId, id]) => {
    const outcome = outcomes.get(localId);
    if (!outcome)
      return { id, outcome: "unknown" as const, error: "HubSpot gave no answer for this record." };
    if (outcome.kind === "written")
      return { id, outcome: "done" as const, hubspot_id: outcome.record.id };
    if (outcome.kind === "rejected")
      return { id, outcome: "rejected" as const, error: `${outcome.code}: ${outcome.message}` };
    if (outcome.kind === "missing")
      return { id, outcome: "failed" as const, error: vanishedError(run).message };
    return { id, outcome: outcome.kind, error: outcome.error.message };
  });
}

/**
 * What both sides hold now is known from here on, whatever becomes of what is written around the record. A base that somebody moved since the plan
 * was made stays as it is: that was a person's decision on a conflict, and it waits for the next look.
 */
async function saveBases(store: Store, run: SyncRun, settling: Settling): Promise<void> {
  const { object } = run.kind.map;
  const settled = settling.planned.flatMap(({ sides }) => {
    const result = settling.results.get(sides.id);
    return result?.kind === "settled" ? [{ sides, result }] : [];
  });
  for (const { sides, result } of settled) {
    const base = rebased(sides.base, settling.bases.get(sides.id) ?? {}, result.base);
    settling.results.set(sides.id, { ...result, base });
  }
  await store.fieldStates.put(
    settled.map(({ sides }) => {
      const result = settling.results.get(sides.id);
      const base = result?.kind === "settled" ? result.base : {};
      return { object, local_id: sides.id, base, synced_at: settling.now };
    }),
  );
}
