/** Fields that a person decides, because both sides moved them or they went to and fro: one open conflict per record and field, until no decision is needed any more. */
import { LOOP_BREAKER } from "../core/loop-note.ts";
import type { PlannedField } from "../core/plan.ts";
import { logLines } from "../core/sync-log-rows.ts";
import type { PlannedRecord, Sides } from "../core/sync-record.ts";
import type { Conflict } from "../ports/conflict-store.ts";
import type { Store } from "../ports/store.ts";
import type { SyncObject } from "../ports/sync-store.ts";
import { logRow } from "./sync-log-row.ts";
import type { Settling } from "./sync-pulls.ts";
import { untold } from "./sync-told.ts";

/** Opens, amends and closes the conflicts of records that were settled. One that a person decided meanwhile is not opened again. */
export async function keepConflicts(store: Store, settling: Settling): Promise<void> {
  const { run, planned, results, now } = settling;
  const { object } = run.kind.map;
  const settled = planned.filter(({ sides }) => results.get(sides.id)?.kind === "settled");
  await store.conflicts.closeAgreed(object, await decidedFields(store, object, settled), now);
  const found = settled.flatMap(({ sides, plan }) => {
    const fields = plan.fields.filter((field) => isOpen(field, sides, settling.bases));
    return fields.length > 0 ? [{ sides, fields }] : [];
  });
  if (found.length === 0) return;
  await store.conflicts.open(found.flatMap(conflictsOf), now);
  const news = found.flatMap(({ sides, fields }) => {
    const fresh = untold(sides, fields, "conflict");
    return fresh.length > 0 ? [{ sides, fresh }] : [];
  });
  await store.syncLog.add(
    news.map(({ sides, fresh }) => ({
      ...logRow(run.runId, sides, now),
      action: "conflict" as const,
      outcome: "done" as const,
      fields: logLines(fresh, "conflict"),
    })),
  );
}

function isOpen(field: PlannedField, sides: Sides, bases: Settling["bases"]): boolean {
  const { field: name } = field.rule;
  return isConflict(field) && bases.get(sides.id)?.[name] === sides.base[name];
}

function conflictsOf({ sides, fields }: { sides: Sides; fields: readonly PlannedField[] }) {
  return fields.map(({ rule, decision, local, remote, localAt, remoteAt }) => ({
    object: sides.object,
    local_id: sides.id,
    field: rule.field,
    base: sides.base[rule.field] ?? null,
    local,
    hubspot: remote,
    local_at: localAt?.at ?? null,
    local_by: localAt?.by ?? null,
    hubspot_at: remoteAt?.at ?? null,
    hubspot_by: remoteAt?.by ?? null,
    ...reasonOf(decision),
    history: sides.loops?.get(rule.field) ?? null,
  }));
}

function reasonOf(decision: PlannedField["decision"]): Pick<Conflict, "reason"> {
  const isLoop = decision.kind === "conflict" && decision.rule === LOOP_BREAKER;
  return { reason: isLoop ? "loop" : "both_changed" };
}

function isConflict({ decision }: PlannedField): boolean {
  return decision.kind === "conflict";
}

/** Fields that wait for a person and ask for no decision any more: the sides agree, or the map decides otherwise now. */
async function decidedFields(
  store: Store,
  object: SyncObject,
  settled: readonly PlannedRecord[],
): Promise<readonly { local_id: number; field: string }[]> {
  const local_ids = settled.map(({ sides }) => sides.id);
  const page = { afterId: 0, limit: Number.MAX_SAFE_INTEGER };
  const { conflicts } = await store.conflicts.list({ object, local_ids }, page);
  const open = new Set(
    settled.flatMap(({ sides, plan }) =>
      plan.fields.filter(isConflict).map(({ rule }) => `${sides.id} ${rule.field}`),
    ),
  );
  return conflicts.filter(({ local_id, field }) => !open.has(`${local_id} ${field}`));
}
