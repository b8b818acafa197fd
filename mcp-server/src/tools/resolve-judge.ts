/** What becomes of a decision about a conflict: ready to be carried out, or refused with the reason and the present values. */
import { type FieldMaps, type FieldRule, readPath } from "../core/field-map.ts";
import { contactRecord, customerRecord } from "../core/mapped-record.ts";
import { resolveField } from "../core/resolution.ts";
import { type RuleValue, readLocal } from "../core/rule-values.ts";
import type { CanonicalValue } from "../core/value-types.ts";
import type { Store } from "../ports/store.ts";
import type { Conflict } from "../ports/sync-store.ts";
import { type KnownRecord, recordsOf } from "./conflict-records.ts";
import type { Decision } from "./resolve-arguments.ts";

/** A decision that holds: `base` is what both sides then count as having agreed on, `write` what the local record is to be told. */
export interface ReadyDecision {
  readonly kind: "ready";
  readonly decision: Decision;
  readonly conflict: Conflict;
  readonly record: KnownRecord;
  readonly rule: FieldRule;
  readonly base: CanonicalValue;
  readonly write?: CanonicalValue;
  /** What both sides will hold. */
  readonly kept: CanonicalValue;
}

/** A decision that does not. `moved`: the local value of now, when it is no longer the conflict's. */
export interface RefusedDecision {
  readonly kind: "refused";
  readonly decision: Decision;
  readonly code: RefusalCode;
  readonly message: string;
  /** null = there is none with this id. */
  readonly conflict: Conflict | null;
  readonly record: KnownRecord | undefined;
  readonly moved?: CanonicalValue;
}
export type Verdict = ReadyDecision | RefusedDecision;

/** Why, with the mend. */
const refusals = {
  NOT_FOUND: "There is no conflict with this conflict_id; list-conflicts shows those there are.",
  ALREADY_RESOLVED:
    "It is no longer open; nothing was changed. list-conflicts with status tells how it ended.",
  STALE_CONFLICT:
    "It has changed since; nothing was changed. Decide again on the values in current and name its version.",
  RECORD_GONE: "Its record is no longer stored, so there is nothing to resolve.",
  NOT_MAPPED: "The field map no longer syncs this field, so there is nothing to resolve.",
  LOCAL_UNREADABLE:
    "The local column holds something that is no JSON object; mend it there, then decide again.",
  INVALID_VALUE: "The value does not fit the field.",
  CANNOT_KEEP: "The sync could not bring this value to the other side.",
  VALUE_TAKEN: "Another contact has this e-mail; contacts are told apart by it.",
} as const;
export type RefusalCode = keyof typeof refusals;

/** Judges decisions on what is stored now, in the order given; at most 1,000. Inside a transaction the records stay as they are until its end. */
export async function judgeDecisions(
  store: Store,
  maps: FieldMaps,
  decisions: readonly Decision[],
): Promise<readonly Verdict[]> {
  const conflicts = await store.conflicts.findByIds(decisions.map((each) => each.conflictId));
  const byId = new Map(conflicts.map((conflict) => [conflict.conflict_id, conflict]));
  const record = await recordsOf(store, conflicts);
  const verdicts = decisions.map((decision) => {
    const conflict = byId.get(decision.conflictId) ?? null;
    return judge(maps, decision, { conflict, record: conflict ? record(conflict) : undefined });
  });
  return await withoutTaken(store, verdicts);
}

interface Known {
  readonly conflict: Conflict | null;
  readonly record: KnownRecord | undefined;
}

function judge(maps: FieldMaps, decision: Decision, known: Known): Verdict {
  const { conflict, record } = known;
  const refuse = refusing(decision, known);
  if (!conflict) return refuse("NOT_FOUND");
  if (conflict.status !== "open") return refuse("ALREADY_RESOLVED");
  if (conflict.version !== decision.version) return refuse("STALE_CONFLICT");
  if (!record) return refuse("RECORD_GONE");
  const rule = maps[record.object].rules.find(({ field }) => field === conflict.field);
  if (!rule) return refuse("NOT_MAPPED");
  const local = localNow(maps, record, rule);
  if (local.value === undefined) return refuse("LOCAL_UNREADABLE");
  if (local.value !== conflict.local) return refuse("STALE_CONFLICT", { moved: local.value });
  return chosen({ decision, conflict, record, rule }, { refuse, localProblem: local.problem });
}

type Refuse = (code: RefusalCode, more?: Partial<RefusedDecision>) => RefusedDecision;

function refusing(decision: Decision, known: Known): Refuse {
  return (code, more = {}) => ({
    kind: "refused",
    decision,
    code,
    message: refusals[code],
    ...known,
    ...more,
  });
}

/** The choice itself, on a conflict that is as the caller saw it. */
function chosen(
  found: Pick<ReadyDecision, "decision" | "conflict" | "record" | "rule">,
  { refuse, localProblem }: { readonly refuse: Refuse; readonly localProblem: string | null },
): Verdict {
  const { decision, conflict, rule } = found;
  const resolved = resolveField(rule, { ...conflict, localProblem }, decision.choice);
  if ("problem" in resolved) {
    const code = decision.choice.resolution === "set" ? "INVALID_VALUE" : "CANNOT_KEEP";
    return refuse(code, { message: `${resolved.problem}.` });
  }
  if (rule.path[0] === "email" && resolved.write === null) {
    return refuse("INVALID_VALUE", { message: "A contact's e-mail cannot be empty." });
  }
  const kept = keptValue(decision, conflict, resolved.write ?? null);
  return { kind: "ready", ...found, ...resolved, kept };
}

function keptValue(
  { choice }: Decision,
  { local, hubspot }: Conflict,
  written: CanonicalValue,
): CanonicalValue {
  switch (choice.resolution) {
    case "keep_local":
      return local;
    case "keep_hubspot":
      return hubspot;
    case "set":
      return written;
  }
}

/** What the record holds now, as the sync compares it; its value is undefined when it cannot be read. */
function localNow(maps: FieldMaps, record: KnownRecord, rule: FieldRule): RuleValue {
  const local =
    record.object === "contacts"
      ? contactRecord(maps.contacts, record.contact, null)
      : customerRecord(maps.customers, record.customer);
  return readLocal(rule, readPath(local, rule.path));
}

/** An e-mail that another contact has would make two contacts of one. */
async function withoutTaken(
  store: Store,
  verdicts: readonly Verdict[],
): Promise<readonly Verdict[]> {
  const emails = verdicts.flatMap((verdict) => newEmail(verdict) ?? []);
  if (emails.length === 0) return verdicts;
  const taken = await store.contacts.findByEmails([...new Set(emails)]);
  return verdicts.map((verdict) => {
    const email = newEmail(verdict);
    const owner = taken.find((contact) => contact.email === email);
    if (verdict.kind === "refused" || !owner || owner.id === verdict.record.id) return verdict;
    const { decision, conflict, record } = verdict;
    const message = refusals.VALUE_TAKEN;
    return { kind: "refused", decision, code: "VALUE_TAKEN", message, conflict, record };
  });
}

function newEmail(verdict: Verdict): string | null {
  if (verdict.kind === "refused" || verdict.record.object !== "contacts") return null;
  return verdict.rule.path[0] === "email" ? (verdict.write ?? null) : null;
}
