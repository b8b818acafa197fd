/** Fields that should travel and may not, or that wait for a person: told once in the log, and remembered beside the base so that a repeat is silent. */
import { LOOP_BREAKER, readLoopNote } from "../core/loop-note.ts";
import type { PlannedField } from "../core/plan.ts";
import { logLines } from "../core/sync-log-rows.ts";
import type { PlannedRecord, RemoteSide, Sides } from "../core/sync-record.ts";
import type { CanonicalValue } from "../core/value-types.ts";
import type { Store } from "../ports/store.ts";
import { logRow } from "./sync-log-row.ts";
import type { Settling } from "./sync-pulls.ts";

type Kept = "blocked" | "conflict";

/** Where the base remembers what was told of a field. */
function toldKey({ rule, decision }: PlannedField): string {
  return `${rule.field}@${decision.kind}`;
}

function isTold(name: string): boolean {
  return name.endsWith("@blocked") || name.endsWith("@conflict");
}

/** Why, and for which values: the same reason for another value is news. */
function cause({ decision, local, remote }: PlannedField): string {
  const rule = "rule" in decision ? decision.rule : "";
  return JSON.stringify([rule, local, remote]);
}

/** The base after a sync: what was known, what was acknowledged, and what was told. Companions without news are left out. */
export function withTold(
  { sides, plan }: PlannedRecord,
  acknowledged: Readonly<Record<string, CanonicalValue>>,
): RemoteSide["base"] {
  const known = Object.entries(sides.base).filter(([name]) => !isTold(name));
  const told = plan.fields
    .filter(({ decision }) => decision.kind === "blocked" || decision.kind === "conflict")
    .map((field) => [toldKey(field), cause(field)] as const);
  const all = Object.entries({
    ...Object.fromEntries(known),
    ...acknowledged,
    ...Object.fromEntries(told),
  });
  return Object.fromEntries(all.filter(([name, value]) => value !== null || !name.includes("@")));
}

/** A record's fields of a kind that were not told of before, for the values they have now. That a field is frozen is told once. */
export function untold(
  sides: Sides,
  fields: readonly PlannedField[],
  kind: Kept,
): readonly PlannedField[] {
  return fields.filter(
    (field) => field.decision.kind === kind && !isToldOf(field, sides.base[toldKey(field)]),
  );
}

function isToldOf(field: PlannedField, note: CanonicalValue | undefined): boolean {
  const { decision } = field;
  const isFrozen = decision.kind === "conflict" && decision.rule === LOOP_BREAKER;
  return note === cause(field) || (isFrozen && readLoopNote(note) !== null);
}

/** Logs what is blocked now and was not before. */
export async function keepBlocked(
  store: Store,
  { run, planned, results, now }: Settling,
): Promise<void> {
  const rows = planned.flatMap(({ sides, plan }) => {
    if (results.get(sides.id)?.kind !== "settled") return [];
    const fresh = untold(sides, plan.fields, "blocked");
    if (fresh.length === 0) return [];
    return [
      {
        ...logRow(run.runId, sides, now),
        action: "blocked" as const,
        outcome: "rejected" as const,
        fields: logLines(fresh, "blocked"),
        error: blockedError(fresh),
      },
    ];
  });
  if (rows.length > 0) await store.syncLog.add(rows);
}

/** In words that failures are grouped by: the fields and why, never the values. */
function blockedError(fields: readonly PlannedField[]): string {
  const each = fields.map(({ rule, decision }) =>
    decision.kind === "blocked" ? `${rule.field}: ${decision.rule}` : rule.field,
  );
  return `Blocked: ${each.join("; ")}`;
}
