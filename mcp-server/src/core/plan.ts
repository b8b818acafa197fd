/** Plans one record: every mapped field's decision, and what each side is to be told. */
import { canonical, toWire } from "./canonical.ts";
import { type FieldRule, readPath } from "./field-map.ts";
import { type FieldDecision, mergeField } from "./merge.ts";
import type { CanonicalValue } from "./value-types.ts";

/** Which way a run lets values travel. */
export type RunDirection = "both" | "push" | "pull";

/** One record's two sides and base. `remote` null: HubSpot has no such record yet. */
export interface RecordView {
  readonly local: unknown;
  readonly remote: Readonly<Record<string, string | null>> | null;
  /** Canonical values by field; a field that is absent was never agreed on. */
  readonly base: Readonly<Record<string, CanonicalValue>>;
  /** When the local value at a path (`column` or `column.key`) was set, ISO-8601 UTC; null when not known. */
  readonly localAt: (path: string) => string | null;
  /** HubSpot's own times by property; null until they were read. */
  readonly remoteAt: Readonly<Record<string, string>> | null;
}

/** One field of a plan, with the values it was decided on. */
export interface PlannedField {
  readonly rule: FieldRule;
  readonly decision: FieldDecision;
  readonly local: CanonicalValue;
  readonly remote: CanonicalValue;
}

/**
 * A record's plan. `push` goes to HubSpot by property name, `pull` to the local record by field, `base` is what both sides
 * already agree on and may be recorded at once. Fields that stay as they are without news are not listed in `fields`.
 */
export interface RecordPlan {
  readonly fields: readonly PlannedField[];
  readonly push: Readonly<Record<string, string>>;
  readonly pull: Readonly<Record<string, CanonicalValue>>;
  readonly base: Readonly<Record<string, CanonicalValue>>;
  /** Properties whose times must be read from HubSpot before the plan can be carried out. */
  readonly needsTimes: readonly string[];
}

/** Plans every field of a record. Pure and total: the same view always gives the same plan. */
export function planRecord(
  rules: readonly FieldRule[],
  view: RecordView,
  run: RunDirection,
): RecordPlan {
  const all = rules.map((rule) => planField(rule, view));
  const fields = all.filter(({ decision }) => decision.kind !== "none" && !isMasked(decision, run));
  const push: Record<string, string> = {};
  const pull: Record<string, CanonicalValue> = {};
  for (const { rule, decision } of fields) {
    if (decision.kind === "push") push[rule.property] = toWire(rule.type, decision.value);
    if (decision.kind === "pull") pull[rule.field] = decision.value;
  }
  const needsTimes = fields.filter(({ decision }) => decision.kind === "needs-times");
  return {
    fields,
    push,
    pull,
    base: agreed(all),
    needsTimes: needsTimes.map(({ rule }) => rule.property),
  };
}

/** The fields on which both sides hold the same value that the base does not know yet. */
function agreed(fields: readonly PlannedField[]): Record<string, CanonicalValue> {
  const base: Record<string, CanonicalValue> = {};
  for (const { rule, decision, local } of fields) {
    if (decision.kind === "none" && decision.advance) base[rule.field] = local;
  }
  return base;
}

/** The bases to record once HubSpot has answered a push: what it returned, in canonical form, for the fields that were pushed. */
export function acknowledgedBase(
  plan: RecordPlan,
  returned: Readonly<Record<string, string | null>>,
): Readonly<Record<string, CanonicalValue>> {
  const base: Record<string, CanonicalValue> = { ...plan.base };
  for (const { rule, decision } of plan.fields) {
    if (decision.kind === "pull") base[rule.field] = decision.value;
    if (decision.kind !== "push") continue;
    const value = canonical(rule.type, returned[rule.property]);
    if (value !== undefined) base[rule.field] = value;
  }
  return base;
}

function planField(rule: FieldRule, view: RecordView): PlannedField {
  const local = canonical(rule.type, readPath(view.local, rule.path));
  const remote = remoteValue(rule, view.remote);
  const decision = mergeField(rule, {
    base: Object.hasOwn(view.base, rule.field) ? view.base[rule.field] : undefined,
    local,
    remote,
    localAt: view.localAt(rule.path.join(".")),
    remoteAt: view.remoteAt === null ? undefined : (view.remoteAt[rule.property] ?? null),
  });
  return { rule, decision, local: local ?? null, remote: remote ?? null };
}

function isMasked(decision: FieldDecision, run: RunDirection): boolean {
  if (run === "both") return false;
  return (
    (decision.kind === "push" && run === "pull") || (decision.kind === "pull" && run === "push")
  );
}

/**
 * HubSpot leaves properties that it does not have out of its answers. One that we create ourselves is simply empty until then; of any other
 * nothing may be concluded.
 */
function remoteValue(rule: FieldRule, remote: RecordView["remote"]): CanonicalValue | undefined {
  if (remote === null) return null;
  const value = canonical(rule.type, remote[rule.property]);
  return value === undefined && rule.createProperty ? null : value;
}
