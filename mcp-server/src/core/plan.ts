/** Plans one record: every mapped field's decision, and what each side is to be told. */
import { asWritten } from "./canonical.ts";
import { type FieldRule, readPath } from "./field-map.ts";
import { readLoopNote } from "./loop-note.ts";
import { type FieldDecision, type FieldView, mergeField } from "./merge.ts";
import { type RuleValue, readLocal, readRemote, writeRemote } from "./rule-values.ts";
import type { CanonicalValue, Stated } from "./value-types.ts";

/** Which way a run lets values travel. */
export type RunDirection = "both" | "push" | "pull";

/** One record's two sides and base. `remote` null: HubSpot has no such record yet, and whatever the base says of one is void. */
export interface RecordView {
  readonly local: unknown;
  readonly remote: Readonly<Record<string, string | null>> | null;
  /** Canonical values in the local side's form by field; a field that is absent was never agreed on. */
  readonly base: Readonly<Record<string, CanonicalValue>>;
  /** When a rule's local value was set, and by whom; null when not known. Asked only of fields that differ. */
  readonly localAt: (rule: FieldRule) => Stated | null;
  /** HubSpot's own times by property, at least of all that a plan of these sides asked for; null until they were read. */
  readonly remoteAt: Readonly<Record<string, Stated>> | null;
  /** Fields that are frozen from now on, because they went to and fro; left out = none. Those frozen before are noted beside the base. */
  readonly loops?: ReadonlyMap<string, unknown>;
}

/** One field of a plan, with the values it was decided on; of a conflict without news those that a person was told of. */
export interface PlannedField {
  readonly rule: FieldRule;
  readonly decision: FieldDecision;
  readonly local: CanonicalValue;
  readonly remote: CanonicalValue;
  /** What was sent last when HubSpot stored it in another form; null when it stored it as it was sent. */
  readonly sent: CanonicalValue;
  readonly localAt: Stated | null;
  /** undefined: HubSpot's times were not read; null: they were, and it has none for this field. */
  readonly remoteAt: Stated | null | undefined;
}

/** Where the base keeps what a person was told of a field's conflict. */
export const conflictKey = (field: string): string => `${field}@conflict`;

/** Where the base keeps what was sent of a field that HubSpot stores in another form. */
export const sentKey = (field: string): string => `${field}@sent`;

/**
 * A record's plan. `push` goes to HubSpot by property name, `pull` to the local record by field, `base` is what both sides
 * already agree on and may be recorded at once. Fields that stay as they are without news are not listed in `fields`; what is blocked or in
 * conflict is, whatever the run's direction, and its base stays.
 */
export interface RecordPlan {
  readonly fields: readonly PlannedField[];
  readonly push: Readonly<Record<string, string>>;
  readonly pull: Readonly<Record<string, CanonicalValue>>;
  readonly base: Readonly<Record<string, CanonicalValue>>;
  /** Properties whose times must be read from HubSpot before the plan can be carried out. */
  readonly needsTimes: readonly string[];
}

/** A plan while it grows, field by field: nothing is made for the many fields without news. */
interface Draft {
  readonly fields: PlannedField[];
  readonly push: Record<string, string>;
  readonly pull: Record<string, CanonicalValue>;
  readonly base: Record<string, CanonicalValue>;
  readonly needsTimes: string[];
}

/** Plans every field of a record. Pure and total: the same view always gives the same plan. */
export function planRecord(
  rules: readonly FieldRule[],
  view: RecordView,
  run: RunDirection,
): RecordPlan {
  const draft: Draft = { fields: [], push: {}, pull: {}, base: {}, needsTimes: [] };
  for (const rule of rules) {
    if (isUntouched(rule, view)) continue;
    const seen = look(rule, view);
    if (isSettled(seen)) continue;
    const planned = planField(rule, view, seen);
    if (planned.decision.kind === "none") recordAgreement(draft, planned);
    else if (!isMasked(planned.decision, run)) recordWork(draft, planned, view);
  }
  return draft;
}

/** The three values of a field, the base where the record has one. */
interface Seen {
  readonly base: CanonicalValue | undefined;
  readonly local: RuleValue;
  readonly remote: RuleValue;
}

function look(rule: FieldRule, view: RecordView): Seen {
  const base = baseOf(view, rule.field);
  const raw = readPath(view.local, rule.path);
  const local = readLocal(rule, raw);
  // The same text says the same on either side.
  const isOneText = typeof raw === "string" && raw === view.remote?.[rule.property];
  const remote =
    isOneText && rule.transform === null ? local : remoteValue(rule, view.remote, base);
  return { base, local, remote };
}

/** All three the same: whatever the rule, there is nothing to do. */
function isSettled({ base, local, remote }: Seen): boolean {
  return base !== undefined && local.value === base && remote.value === base;
}

/** The common case, told by the raw texts: both sides hold the base letter for letter, and canonical text is its own canonical form. */
function isUntouched(rule: FieldRule, { local, remote, base }: RecordView): boolean {
  // A converted text that equals the base is another value.
  if (remote === null || rule.transform !== null) return false;
  const known = base[rule.field];
  if (typeof known !== "string" && known !== null) return false;
  return (remote[rule.property] || null) === known && readPath(local, rule.path) === known;
}

function recordAgreement(draft: Draft, { rule, decision, local, sent }: PlannedField): void {
  if (decision.kind !== "none" || !decision.advance) return;
  draft.base[rule.field] = local;
  if (sent !== null) draft.base[sentKey(rule.field)] = null;
}

function recordWork(draft: Draft, planned: PlannedField, view: RecordView): void {
  const { rule, decision } = planned;
  draft.fields.push(planned);
  if (decision.kind === "push") draft.push[rule.property] = outgoing(rule, view, decision.value);
  if (decision.kind === "pull") draft.pull[rule.field] = incoming(rule, view, decision.value);
  if (decision.kind === "needs-times") draft.needsTimes.push(rule.property);
}

// Of an address the canonical form drops what tells no two apart, but browsers and people need: it only serves to compare.
function outgoing(rule: FieldRule, view: RecordView, value: CanonicalValue): string {
  const written = rule.type === "url" ? asWritten(readPath(view.local, rule.path)) : null;
  return written ?? writeRemote(rule, value);
}

function incoming(rule: FieldRule, view: RecordView, value: CanonicalValue): CanonicalValue {
  return (rule.type === "url" ? asWritten(view.remote?.[rule.property]) : null) ?? value;
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
    const value = isPull ? decision.value : readRemote(rule, returned[rule.property]).value;
    if (value === undefined) continue;
    base[rule.field] = value;
    const other = value === decision.value ? null : decision.value;
    if (other !== sent) base[sentKey(rule.field)] = other;
  }
  return base;
}

function planField(rule: FieldRule, view: RecordView, seen: Seen): PlannedField {
  const { base, local, remote } = seen;
  const sent = base === undefined ? null : (baseOf(view, sentKey(rule.field)) ?? null);
  // HubSpot's form of what we sent is what it will always answer: this side has not moved, or it would be sent for ever.
  const isAsSent = sent !== null && local.value === sent && local.value !== remote.value;
  const times = local.value === remote.value ? noTimes : timesOf(rule, view);
  const compared = isAsSent ? { ...local, value: base } : local;
  const decision = decide(rule, view, { seen: { base, local: compared, remote }, times });
  if (decision.kind === "conflict" && decision.told)
    return { rule, decision, ...decision.told, sent, localAt: null, remoteAt: null };
  return {
    rule,
    decision: isAsSent && decision.kind === "push" ? { ...decision, value: sent } : decision,
    local: local.value ?? null,
    remote: remote.value ?? null,
    sent,
    ...times,
  };
}

function decide(
  rule: FieldRule,
  view: RecordView,
  { seen, times }: { readonly seen: Seen; readonly times: Times },
): FieldDecision {
  const { base, local, remote } = seen;
  const { localAt, remoteAt } = times;
  return mergeField(rule, {
    base,
    local: local.value,
    remote: remote.value,
    localProblem: local.problem,
    remoteProblem: remote.problem,
    localAt: localAt?.at ?? null,
    remoteAt: remoteAt === undefined ? undefined : (remoteAt?.at ?? null),
    ...(base === undefined ? {} : loopOf(view, rule)),
  });
}

function baseOf({ base, remote }: RecordView, key: string): CanonicalValue | undefined {
  return remote !== null && Object.hasOwn(base, key) ? base[key] : undefined;
}

/** Whether a field is frozen; asked only of fields that differ. */
function loopOf(view: RecordView, { field }: FieldRule): Pick<FieldView, "loop"> {
  const told = readLoopNote(baseOf(view, conflictKey(field)));
  return told !== null || view.loops?.has(field) ? { loop: told } : {};
}

type Times = Pick<PlannedField, "localAt" | "remoteAt">;

const noTimes: Times = { localAt: null, remoteAt: undefined };

function timesOf(rule: FieldRule, { localAt, remoteAt }: RecordView): Times {
  return {
    localAt: localAt(rule),
    remoteAt: remoteAt === null ? undefined : (remoteAt[rule.property] ?? null),
  };
}

function isMasked(decision: FieldDecision, run: RunDirection): boolean {
  if (run === "both") return false;
  return (
    (decision.kind === "push" && run === "pull") || (decision.kind === "pull" && run === "push")
  );
}

const absent: RuleValue = { value: null, problem: null };

/**
 * HubSpot leaves properties that it does not have out of its answers. One that we create ourselves, and that never held anything, is simply
 * empty until then; of any other nothing may be concluded: somebody may have archived it, and its values are not emptied.
 */
function remoteValue(
  rule: FieldRule,
  remote: RecordView["remote"],
  base: CanonicalValue | undefined,
): RuleValue {
  if (remote === null) return absent;
  const read = readRemote(rule, remote[rule.property]);
  const isToCome = read.value === undefined && rule.createProperty !== null;
  return isToCome && (base ?? null) === null ? absent : read;
}
