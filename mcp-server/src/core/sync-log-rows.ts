/** What a plan looks like in the log: one line per field, with the value before, the value after and the rule. */

import type { Way } from "./merge.ts";
import type { PlannedField } from "./plan.ts";
import type { CanonicalValue } from "./value-types.ts";

/**
 * One field of a logged change. `lost` is the value that an automatic decision set aside. Where both sides had moved, `local_at` and
 * `hubspot_at` say when, ISO-8601 UTC; null = not known or, of HubSpot, not asked because the decision did not need it. Of a value that was sent
 * and that neither the record nor its import tells of, `local_at` and `local_by` say when it was set here and by whom.
 */
export interface LogLine {
  readonly field: string;
  readonly before: CanonicalValue;
  readonly after: CanonicalValue;
  readonly rule: string;
  readonly lost?: CanonicalValue;
  readonly local_at?: string | null;
  readonly local_by?: string;
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
  const said = decision.kind === "push" ? localWord(planned) : {};
  return "lost" in decision
    ? { ...line, lost: decision.lost, ...timesOf(planned), ...said }
    : { ...line, ...said };
}

// The record of a change is forgotten once both sides hold the value, and these writers leave no other. An import that fills a record tells of
// itself there, and is logged only where it replaced a value: what every first sync logs must stay small.
function localWord({ localAt, remote }: PlannedField): Pick<LogLine, "local_at" | "local_by"> {
  const by = localAt?.by ?? null;
  const isTold = by === "sql" || by === "person" || (by === "import" && remote !== null);
  return localAt !== null && by !== null && isTold ? { local_at: localAt.at, local_by: by } : {};
}

function wayOf({ decision }: PlannedField): Way {
  if (decision.kind === "blocked") return decision.way;
  return decision.kind === "push" ? "push" : "pull";
}

function timesOf({ localAt, remoteAt }: PlannedField): Pick<LogLine, "local_at" | "hubspot_at"> {
  return { local_at: localAt?.at ?? null, hubspot_at: remoteAt?.at ?? null };
}
