/** Fields that should travel and may not: told once in the log, and remembered beside the base so that a repeat is silent. */

import type { PlannedField } from "../core/plan.ts";
import { logLines } from "../core/sync-log-rows.ts";
import type { PlannedRecord } from "../core/sync-record.ts";
import type { CanonicalValue } from "../core/value-types.ts";
import type { Store } from "../ports/store.ts";
import { logRow } from "./sync-log-row.ts";
import type { Settling } from "./sync-pulls.ts";

const blockedKey = (field: string): string => `${field}@blocked`;

function isBlocked({ decision }: PlannedField): boolean {
  return decision.kind === "blocked";
}

/** What is blocked and why, with the value: another value that is blocked is news. */
function cause({ decision, local, remote }: PlannedField): string {
  return JSON.stringify([decision.rule, local, remote]);
}

/** The base after a sync: what was known, what was acknowledged, and what is blocked. Companions without news are left out. */
export function withBlocked(
  { sides, plan }: PlannedRecord,
  acknowledged: Readonly<Record<string, CanonicalValue>>,
): Readonly<Record<string, CanonicalValue>> {
  const known = Object.entries(sides.base).filter(([name]) => !name.endsWith("@blocked"));
  const blocked = plan.fields
    .filter(isBlocked)
    .map((field) => [blockedKey(field.rule.field), cause(field)] as const);
  const all = Object.entries({
    ...Object.fromEntries(known),
    ...acknowledged,
    ...Object.fromEntries(blocked),
  });
  return Object.fromEntries(all.filter(([name, value]) => value !== null || !name.includes("@")));
}

/** Logs what is blocked now and was not before. */
export async function keepBlocked(
  store: Store,
  { run, planned, results, now }: Settling,
): Promise<void> {
  const rows = planned.flatMap(({ sides, plan }) => {
    if (results.get(sides.id)?.kind !== "settled") return [];
    const fresh = plan.fields.filter(
      (field) => isBlocked(field) && sides.base[blockedKey(field.rule.field)] !== cause(field),
    );
    if (fresh.length === 0) return [];
    return [
      {
        ...logRow(run.runId, sides, now),
        action: "blocked" as const,
        outcome: "rejected" as const,
        fields: logLines(fresh, "blocked"),
      },
    ];
  });
  if (rows.length > 0) await store.syncLog.add(rows);
}
