/** What becomes of a decision about a conflict: ready to be carried out, or refused with the reason and the present values. */
import { type FieldMaps, type FieldRule, readPath } from "../core/field-map.ts";
import { editedHere, type FieldValues } from "../core/life.ts";
import { contactRecord, customerRecord } from "../core/mapped-record.ts";
import { holdsWhileLocalMoves, resolveField } from "../core/resolution.ts";
import { type RuleValue, readLocal } from "../core/rule-values.ts";
import { RECORD_FIELD } from "../core/tombstone.ts";
import type { CanonicalValue } from "../core/value-types.ts";
import type { Conflict } from "../ports/conflict-store.ts";
import type { Store } from "../ports/store.ts";
import { type KnownRecord, recordsOf } from "./conflict-records.ts";
import type { Decision } from "./resolve-arguments.ts";
import { recordEdits } from "./resolve-deleted.ts";

interface Ready {
  readonly kind: "ready";
  readonly decision: Decision;
  readonly conflict: Conflict;
  readonly record: KnownRecord;
  /** What both sides will hold. */
  readonly kept: CanonicalValue;
}

/** A decision about a field that holds: `base` is what both sides then count as having agreed on, `write` what the local record is to be told. */
export interface ReadyField extends Ready {
  readonly about: "field";
  readonly rule: FieldRule;
  readonly base: CanonicalValue;
  readonly write?: CanonicalValue;
}

/** A decision that holds about a record that HubSpot deleted. `edited`: the values that HubSpot never got. */
export interface ReadyRecord extends Ready {
  readonly about: "record";
  readonly edited: FieldValues;
}
export type ReadyDecision = ReadyField | ReadyRecord;

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
  NO_VALUE_TO_SET:
    "HubSpot deleted the record, so there is no value to set: keep_local creates it anew there, keep_hubspot lets it go here.",
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
  const edited = await recordEdits(store, maps, { conflicts, record });
  const verdicts = decisions.map((decision) => {
    const conflict = byId.get(decision.conflictId) ?? null;
    const known = { conflict, record: conflict ? record(conflict) : undefined };
    return judge(maps, decision, { ...known, edited: edited.get(decision.conflictId) ?? {} });
  });
  return await withoutTaken(store, verdicts);
}

interface Known {
  readonly conflict: Conflict | null;
  readonly record: KnownRecord | undefined;
}

function judge(
  maps: FieldMaps,
  decision: Decision,
  { edited, ...known }: Known & { readonly edited: FieldValues },
): Verdict {
  const { conflict, record } = known;
  const refuse = refusing(decision, known);
  if (!conflict) return refuse("NOT_FOUND");
  if (conflict.status !== "open") return refuse("ALREADY_RESOLVED");
  if (conflict.version !== decision.version) return refuse("STALE_CONFLICT");
  if (!record) return refuse("RECORD_GONE");
  if (conflict.field === RECORD_FIELD)
    return judgeRecord({ decision, conflict, record, edited }, refuse);
  const rule = maps[record.object].rules.find(({ field }) => field === conflict.field);
  if (!rule) return refuse("NOT_MAPPED");
  const local = localNow(maps, record, rule);
  if (local.value === undefined) return refuse("LOCAL_UNREADABLE");
  if (local.value !== conflict.local && !holdsWhileLocalMoves(rule, conflict, decision.choice))
    return refuse("STALE_CONFLICT", { moved: local.value });
  const present = { ...conflict, local: local.value };
  const found = { decision, conflict: present, record, rule };
  return chosen(found, { refuse, localProblem: local.problem });
}

/** A record that HubSpot deleted and that was edited here: it is made anew there, or let go here. */
function judgeRecord(
  found: Pick<ReadyRecord, "decision" | "conflict" | "record" | "edited">,
  refuse: Refuse,
): Verdict {
  const { decision, conflict, edited } = found;
  const { resolution } = decision.choice;
  if (resolution === "set") return refuse("NO_VALUE_TO_SET");
  const present = editedHere(edited);
  if (present !== conflict.local) return refuse("STALE_CONFLICT", { moved: present });
  const kept = resolution === "keep_local" ? conflict.local : conflict.hubspot;
  return { kind: "ready", about: "record", ...found, kept };
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
  found: Pick<ReadyField, "decision" | "conflict" | "record" | "rule">,
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
  return { kind: "ready", about: "field", ...found, ...resolved, kept };
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
  if (verdict.kind === "refused" || verdict.about === "record") return null;
  if (verdict.record.object !== "contacts") return null;
  return verdict.rule.path[0] === "email" ? (verdict.write ?? null) : null;
}
