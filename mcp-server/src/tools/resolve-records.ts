/** Carries out decisions about conflicts: moves the bases, writes values that were set, and queues the records for the sync. */

import { customerPatch, pulledPatch } from "../core/mapped-record.ts";
import { movedBase } from "../core/resolution.ts";
import { RECORD_FIELD } from "../core/tombstone.ts";
import type { CanonicalValue } from "../core/value-types.ts";
import type { Conflict, OpenConflict } from "../ports/conflict-store.ts";
import type { Store } from "../ports/store.ts";
import type { FieldState, LoggedField } from "../ports/sync-store.ts";
import type { KnownRecord } from "./conflict-records.ts";
import { type DeletedDecision, settleDeleted } from "./resolve-deleted.ts";
import type { ReadyDecision, ReadyField, RefusedDecision, Verdict } from "./resolve-judge.ts";

/** Who decides, when (ISO-8601 UTC), and under which id the log keeps the decisions of one call together. */
export interface Deciding {
  readonly now: string;
  readonly by: string;
  readonly runId: string;
}

/** What became of the decisions. `refused` carries the conflicts as they are now. */
export interface Carried {
  readonly resolved: readonly ReadyDecision[];
  readonly refused: readonly RefusedDecision[];
}

/**
 * Carries out what is ready. Call it in the transaction that judged. The sync does the rest by the ordinary rules: with its base at
 * HubSpot's value the local one is sent, with its base at the local value HubSpot's is taken over, and a newer edit reopens the conflict.
 */
export async function carryOut(
  store: Store,
  verdicts: readonly Verdict[],
  deciding: Deciding,
): Promise<Carried> {
  const resolved: ReadyDecision[] = [];
  const refused: RefusedDecision[] = verdicts.filter((verdict) => verdict.kind === "refused");
  for (const ready of verdicts.filter((verdict) => verdict.kind === "ready")) {
    if (await endConflict(store, ready, deciding)) resolved.push(ready);
    else refused.push(overtaken(ready));
  }
  const fields = resolved.filter((ready) => ready.about === "field");
  await moveBases(store, fields, deciding);
  await writeValues(store, fields, deciding);
  await settleDeleted(store, deletedOf(resolved), deciding.now);
  await queueRecords(store, resolved, deciding);
  await logDecisions(store, resolved, deciding);
  await amendMoved(store, refused, deciding);
  return { resolved, refused: await withPresent(store, refused) };
}

function deletedOf(resolved: readonly ReadyDecision[]): readonly DeletedDecision[] {
  return resolved
    .filter((ready) => ready.about === "record")
    .map(({ record, edited, decision }) => ({
      record,
      edited,
      resolution: decision.choice.resolution,
    }));
}

/** Takes into the open conflicts what changed here since they were found, so that their versions tell; queues their records. */
export async function amendMoved(
  store: Store,
  refused: readonly RefusedDecision[],
  { now }: Pick<Deciding, "now">,
): Promise<void> {
  const moved = refused.flatMap(({ conflict, record, moved: local }) =>
    conflict && record && local !== undefined ? [{ conflict, record, local }] : [],
  );
  if (moved.length === 0) return;
  const amended = await Promise.all(moved.map((each) => amendment(store, each)));
  await store.conflicts.open(amended, now);
  await store.queue.add(
    moved.map(({ record }) => ({ ...keyOf(record), reason: "changed in conflict", due_at: now })),
  );
}

async function amendment(
  store: Store,
  moved: { conflict: Conflict; record: KnownRecord; local: CanonicalValue },
): Promise<OpenConflict> {
  const { conflict, record, local } = moved;
  const changes = await store.changes.latest(record.object, [record.id]);
  const own = changes.filter(({ field: name }) =>
    conflict.field === RECORD_FIELD ? true : name === conflict.field,
  );
  const [change] = [...own].sort((a, b) => b.changed_at.localeCompare(a.changed_at));
  const { object, local_id, field, base, hubspot, hubspot_at, hubspot_by, reason } = conflict;
  return {
    ...{ object, local_id, field, base, local, hubspot, hubspot_at, hubspot_by, reason },
    local_at: change?.changed_at ?? null,
    local_by: change?.changed_by ?? null,
  };
}

async function endConflict(
  store: Store,
  ready: ReadyDecision,
  deciding: Deciding,
): Promise<boolean> {
  const { conflictId, version, choice, note } = ready.decision;
  const { resolution } = choice;
  const end = { conflict_id: conflictId, version, resolution, note, resolved_by: deciding.by };
  return await store.conflicts.resolve(end, deciding.now);
}

/** Somebody else was quicker between reading and writing. */
function overtaken({ decision, conflict, record }: ReadyDecision): RefusedDecision {
  const message =
    "Somebody else decided it, or it changed, at the same moment; nothing was changed.";
  return { kind: "refused", decision, code: "STALE_CONFLICT", message, conflict, record };
}

async function moveBases(
  store: Store,
  resolved: readonly ReadyField[],
  { now }: Deciding,
): Promise<void> {
  const states = new Map<string, FieldState>();
  for (const object of ["contacts", "customers"] as const) {
    const ids = resolved.filter(({ record }) => record.object === object).map((r) => r.record.id);
    if (ids.length === 0) continue;
    for (const state of await store.fieldStates.get(object, [...new Set(ids)])) {
      states.set(`${object} ${state.local_id}`, state);
    }
  }
  for (const { record, rule, base } of resolved) {
    const key = `${record.object} ${record.id}`;
    const known = states.get(key) ?? { ...keyOf(record), base: {}, synced_at: now };
    states.set(key, { ...known, base: movedBase(known.base, rule.field, base) });
  }
  await store.fieldStates.put([...states.values()]);
}

async function writeValues(
  store: Store,
  resolved: readonly ReadyField[],
  { now }: Deciding,
): Promise<void> {
  const person = store.by("person");
  for (const written of byRecord(resolved.filter((ready) => ready.write !== undefined))) {
    const record = written[0]?.record;
    const values = written.map(({ rule, write }) => ({ rule, value: write ?? null }));
    if (record?.object === "contacts") {
      const set = pulledPatch(record.contact, values, { now, source: "person" });
      await person.contacts.update([{ id: record.id, set }], now);
    } else if (record?.object === "customers") {
      const set = customerPatch(record.customer, values);
      await person.customers.update([{ id: record.id, set }], now);
    }
  }
}

function byRecord(decisions: readonly ReadyField[]): readonly (readonly ReadyField[])[] {
  const groups = Object.groupBy(decisions, ({ record }) => `${record.object} ${record.id}`);
  return Object.values(groups).filter((group) => group !== undefined);
}

async function queueRecords(
  store: Store,
  resolved: readonly ReadyDecision[],
  { now }: Deciding,
): Promise<void> {
  await store.queue.add(
    resolved.map(({ record }) => ({
      ...keyOf(record),
      reason: "resolved",
      due_at: now,
      urgent: true,
    })),
  );
}

async function logDecisions(
  store: Store,
  resolved: readonly ReadyDecision[],
  { now, by, runId }: Deciding,
): Promise<void> {
  await store.syncLog.add(
    resolved.map((ready) => ({
      ...keyOf(ready.record),
      run_id: runId,
      hubspot_id: ready.record.hubspotId,
      action: "resolve",
      outcome: "done",
      fields: [loggedField(ready, by)],
      marker: null,
      error: null,
      created_at: now,
      finished_at: now,
    })),
  );
}

/** `before` is the value that gives way, `after` the one that stays; when a third value is set, HubSpot's is kept as lost. */
function loggedField(ready: ReadyDecision, by: string): LoggedField {
  const { resolution } = ready.decision.choice;
  const { local, hubspot } = ready.conflict;
  const said = ready.decision.note === null ? "" : `: ${ready.decision.note}`;
  return {
    field: ready.conflict.field,
    before: resolution === "keep_local" ? hubspot : local,
    after: ready.kept,
    rule: `${resolution} by ${by}${said}`,
    lost: resolution === "keep_hubspot" ? local : hubspot,
  };
}

/** The refused ones with their conflicts as they are after all was done. */
async function withPresent(
  store: Store,
  refused: readonly RefusedDecision[],
): Promise<readonly RefusedDecision[]> {
  if (refused.length === 0) return refused;
  const now = await store.conflicts.findByIds(refused.map(({ decision }) => decision.conflictId));
  const byId = new Map(now.map((conflict) => [conflict.conflict_id, conflict]));
  return refused.map((each) => ({ ...each, conflict: byId.get(each.decision.conflictId) ?? null }));
}

function keyOf({ object, id }: KnownRecord) {
  return { object, local_id: id };
}
