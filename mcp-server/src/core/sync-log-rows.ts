/** What a plan looks like in the log: one line per field, with the value before, the value after and the rule. */

import type { PlannedField } from "./plan.ts";
import type { CanonicalValue } from "./value-types.ts";

/** One field of a logged change; `lost` is the value that an automatic decision set aside. */
export interface LogLine {
  readonly field: string;
  readonly before: CanonicalValue;
  readonly after: CanonicalValue;
  readonly rule: string;
  readonly lost?: CanonicalValue;
}

/** The lines of the fields that travel in one direction, or of the conflicts. */
export function logLines(
  fields: readonly PlannedField[],
  kind: "push" | "pull" | "conflict",
): readonly LogLine[] {
  return fields.filter(({ decision }) => decision.kind === kind).map(toLine);
}

function toLine({ rule, decision, local, remote }: PlannedField): LogLine {
  const before = decision.kind === "push" ? remote : local;
  const after = decision.kind === "push" ? local : remote;
  const line = { field: rule.field, before, after, rule: decision.rule };
  return "lost" in decision && decision.lost !== undefined
    ? { ...line, lost: decision.lost }
    : line;
}
