/** Plans one record: every mapped field's decision, and what each side is to be told. */
import { asWritten, canonical, toWire } from "./canonical.ts";
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
  /** What was sent last when HubSpot stored it in another form; null when it stored it as it was sent. */
  readonly sent: CanonicalValue;
}

/** Where the base keeps what was sent of a field that HubSpot stores in another form. */
const sentKey = (field: string): string => `${field}@sent`;

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
    if (decision.kind === "push") push[rule.property] = outgoing(rule, view, decision.value);
    if (decision.kind === "pull") pull[rule.field] = incoming(rule, view, decision.value);
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

// Of an address the canonical form drops what tells no two apart, but browsers and people need: it only serves to compare.
function outgoing(rule: FieldRule, view: RecordView, value: CanonicalValue): string {
  const written = rule.type === "url" ? asWritten(readPath(view.local, rule.path)) : null;
  return written ?? toWire(rule.type, value);
}

function incoming(rule: FieldRule, view: RecordView, value: CanonicalValue): CanonicalValue {
  return (rule.type === "url" ? asWritten(view.remote?.[rule.property]) : null) ?? value;
}

/** The fields on which both sides hold the same value that the base does not know yet. */
function agreed(fields: readonly PlannedField[]): Record<string, CanonicalValue> {
  const base: Record<string, CanonicalValue> = {};
  for (const { rule, decision, local, sent } of fields) {
    if (decision.kind !== "none" || !decision.advance) continue;
    base[rule.field] = local;
    if (sent !== null) base[sentKey(rule.field)] = null;
  }
  return base;
}

/** The bases to record once HubSpot has answered a push: what it returned, in canonical form, for the fields that were pushed. */
export function acknowledgedBase(
  plan: RecordPlan,
  returned: Readonly<Record<string, string | null>>,
): Readonly<Record<string, CanonicalValue>> {
  const base: Record<string, CanonicalValue> = { ...plan.base };
  for (const { rule, decision, sent } of plan.fields) {
    if (decision.kind !== "pull" && decision.kind !== "push") continue;
    const isPull = decision.kind === "pull";
    const value = isPull ? decision.value : canonical(rule.type, returned[rule.property]);
    if (value === undefined) continue;
    base[rule.field] = value;
    const other = value === decision.value ? null : decision.value;
    if (other !== sent) base[sentKey(rule.field)] = other;
  }
  return base;
}

function planField(rule: FieldRule, view: RecordView): PlannedField {
  const local = canonical(rule.type, readPath(view.local, rule.path));
  const remote = remoteValue(rule, view.remote);
  const base = Object.hasOwn(view.base, rule.field) ? view.base[rule.field] : undefined;
  const sent = view.base[sentKey(rule.field)] ?? null;
  // HubSpot's form of what we sent is what it will always answer: this side has not moved, or it would be sent for ever.
  const isAsSent = sent !== null && local === sent;
  const decision = mergeField(rule, {
    base,
    local: isAsSent ? base : local,
    remote,
    localAt: view.localAt(rule.path.join(".")),
    remoteAt: view.remoteAt === null ? undefined : (view.remoteAt[rule.property] ?? null),
  });
  return {
    rule,
    decision: isAsSent && decision.kind === "push" ? { ...decision, value: sent } : decision,
    local: local ?? null,
    remote: remote ?? null,
    sent,
  };
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
