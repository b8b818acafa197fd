/** What a plan looks like in the log: one line per field, with the value before, the value after and the rule. */

import type { Way } from "./merge.ts";
import type { PlannedField } from "./plan.ts";
import type { CanonicalValue } from "./value-types.ts";

/**
 * One field of a logged change. `lost` is the value that an automatic decision set aside. Where both sides had moved, `local_at` and
 * `hubspot_at` say when, ISO-8601 UTC; null = not known or, of HubSpot, not asked because the decision did not need it.
 */
export interface LogLine {
  readonly field: string;
  readonly before: CanonicalValue;
  readonly after: CanonicalValue;
  readonly rule: string;
  readonly lost?: CanonicalValue;
  readonly local_at?: string | null;
  readonly hubspot_at?: string | null;
}

/**
 * The lines of the fields that travel in one direction, of the conflicts, or of what is blocked. Of a blocked field `before` is what stays and
 * `after` what may not arrive; of a conflict they are the local value and HubSpot's.
 */
export function logLines(
  fields: readonly PlannedField[],
  kind: Way | "conflict" | "blocked",
): readonly LogLine[] {
  return fields.filter(({ decision }) => decision.kind === kind).map(toLine);
}

function toLine(planned: PlannedField): LogLine {
  const { rule, decision, local, remote } = planned;
  const [before, after] = wayOf(planned) === "push" ? [remote, local] : [local, remote];
  const line = { field: rule.field, before, after, rule: decision.rule };
  if (decision.kind === "conflict") return { ...line, ...timesOf(planned) };
  return "lost" in decision ? { ...line, lost: decision.lost, ...timesOf(planned) } : line;
}

function wayOf({ decision }: PlannedField): Way {
  if (decision.kind === "blocked") return decision.way;
  return decision.kind === "push" ? "push" : "pull";
}

function timesOf({ localAt, remoteAt }: PlannedField): Pick<LogLine, "local_at" | "hubspot_at"> {
  return { local_at: localAt?.at ?? null, hubspot_at: remoteAt?.at ?? null };
}
