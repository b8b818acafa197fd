/** What a sync brings home: pulls into local rows, and fields that both sides moved into the conflict queue. */
import type { Contact } from "../core/contact.ts";
import { AppError } from "../core/errors.ts";
import type { FieldMap, FieldRule } from "../core/field-map.ts";
import type { PlannedField, RecordPlan } from "../core/plan.ts";
import {
  type ContactSides,
  localValue,
  type PlannedContact,
  type Pull,
  pulledPatch,
  type RecordResult,
} from "../core/sync-contact.ts";
import { logLines } from "../core/sync-log-rows.ts";
import type { Store } from "../ports/store.ts";
import type { SyncLogEntry } from "../ports/sync-store.ts";

/** The part of a log row that every action of a contact shares. */
export function logRow(
  runId: string,
  sides: ContactSides,
  created_at: string,
): Omit<SyncLogEntry, "id" | "action" | "outcome" | "fields"> {
  return {
    run_id: runId,
    object: "contacts",
    local_id: sides.contact.id,
    hubspot_id: sides.hubspotId,
    marker: null,
    error: null,
    created_at,
    finished_at: created_at,
  };
}

/** A chunk's plans and results while they are made durable. */
export interface Settling {
  readonly runId: string;
  readonly map: FieldMap;
  readonly planned: readonly PlannedContact[];
  readonly results: Map<number, RecordResult>;
  readonly now: string;
}

/**
 * Applies pulls to the rows as they are now. A field that somebody changed since the plan was made is left alone, together
 * with its base: the next look at the record decides again.
 */
export async function applyPulls(store: Store, settling: Settling): Promise<void> {
  const { planned, results, now } = settling;
  const pulling = planned.filter(
    ({ sides, plan }) =>
      Object.keys(plan.pull).length > 0 && results.get(sides.contact.id)?.kind === "settled",
  );
  if (pulling.length === 0) return;
  const rows = await store.contacts.findByIds(pulling.map(({ sides }) => sides.contact.id));
  const fresh = new Map(rows.map((contact) => [contact.id, contact]));
  const holders = await emailHolders(store, pulling);
  const applied = pulling.flatMap(({ sides, plan }) => {
    const contact = fresh.get(sides.contact.id);
    if (!contact) return [];
    const verdict = judgePulls(settling.map, { contact, plan, holders });
    keepOpen(results, { sides, plan }, verdict);
    return verdict.allowed.length > 0 ? [{ contact, sides, plan, pulls: verdict.allowed }] : [];
  });
  await store.contacts.update(
    applied.map(({ contact, pulls }) => ({
      id: contact.id,
      set: pulledPatch(contact, pulls, now),
    })),
    now,
  );
  await store.syncLog.add(
    applied.map(({ sides, plan, pulls }) => ({
      ...logRow(settling.runId, sides, now),
      action: "pull" as const,
      outcome: "done" as const,
      fields: logLines(
        plan.fields.filter(({ rule }) => pulls.some((pull) => pull.rule === rule)),
        "pull",
      ),
    })),
  );
}

/** Who has the e-mails that pulls would set, by e-mail. */
async function emailHolders(
  store: Store,
  pulling: readonly PlannedContact[],
): Promise<ReadonlyMap<string, number>> {
  const wanted = pulling.flatMap(({ plan }) =>
    plan.fields.flatMap(({ rule }) => (isEmail(rule) ? (plan.pull[rule.field] ?? []) : [])),
  );
  const rows = wanted.length > 0 ? await store.contacts.findByEmails(wanted) : [];
  return new Map(rows.map((contact) => [contact.email, contact.id]));
}

function isEmail({ path }: FieldRule): boolean {
  return path[0] === "email";
}

/** Which pulls may be applied. `failure`: one never can be until a person helps. */
interface Verdict {
  readonly allowed: readonly Pull[];
  readonly failure: AppError | null;
}

function judgePulls(
  map: FieldMap,
  {
    contact,
    plan,
    holders,
  }: { contact: Contact; plan: RecordPlan; holders: ReadonlyMap<string, number> },
): Verdict {
  const unchanged = plan.fields.flatMap(({ rule, local }): readonly Pull[] => {
    const value = plan.pull[rule.field];
    return value === undefined || localValue(map, contact, rule) !== local ? [] : [{ rule, value }];
  });
  const judged = unchanged.map((pull) => ({ pull, failure: refusal(pull, contact, holders) }));
  return {
    allowed: judged.flatMap(({ pull, failure }) => (failure ? [] : [pull])),
    failure: judged.find(({ failure }) => failure !== null)?.failure ?? null,
  };
}

/** Only the e-mail, which a contact must have and no two may share, can be impossible to take over. */
function refusal(
  { rule, value }: Pull,
  contact: Contact,
  holders: ReadonlyMap<string, number>,
): AppError | null {
  if (!isEmail(rule)) return null;
  if (value === null) return noEmail();
  return (holders.get(value) ?? contact.id) === contact.id ? null : emailTaken();
}

function emailTaken(): AppError {
  return new AppError(
    "conflict",
    "HubSpot changed this contact's e-mail to one that another local contact has. Merge the two local contacts, or correct the e-mail in HubSpot.",
    { code: "EMAIL_TAKEN" },
  );
}

function noEmail(): AppError {
  return new AppError(
    "conflict",
    "This contact's e-mail was emptied in HubSpot, but a local contact needs one. Enter one in HubSpot.",
    { code: "EMAIL_EMPTIED" },
  );
}

/** A field whose pull was passed over keeps the base it had. */
function keepOpen(
  results: Map<number, RecordResult>,
  { sides, plan }: PlannedContact,
  { allowed, failure }: Verdict,
): void {
  const result = results.get(sides.contact.id);
  if (result?.kind !== "settled") return;
  const done = new Set(allowed.map(({ rule }) => rule.field));
  const skipped = new Set(Object.keys(plan.pull).filter((field) => !done.has(field)));
  const kept = Object.entries(sides.base).filter(([field]) => skipped.has(field));
  const settled = Object.entries(result.base).filter(([field]) => !skipped.has(field));
  const nothing = result.outcome === "pulled" && allowed.length === 0;
  results.set(sides.contact.id, {
    ...result,
    outcome: nothing ? "unchanged" : result.outcome,
    base: Object.fromEntries([...settled, ...kept]),
    failure,
  });
}

/** Fields for a person to decide wait in the conflict queue, one open conflict per record and field, until the two
 * sides need no decision any more. */
export async function keepConflicts(
  store: Store,
  { runId, map, planned, results, now }: Settling,
): Promise<void> {
  const settled = planned.filter(({ sides }) => results.get(sides.contact.id)?.kind === "settled");
  await store.conflicts.closeAgreed(
    "contacts",
    settled.flatMap((item) => decidedFields(map, item)),
    now,
  );
  const found = settled.filter(({ plan }) => plan.fields.some(isConflict));
  if (found.length === 0) return;
  await store.conflicts.open(
    found.flatMap(({ sides, plan }) =>
      plan.fields.filter(isConflict).map(({ rule, local, remote }) => ({
        object: "contacts" as const,
        local_id: sides.contact.id,
        field: rule.field,
        base: sides.base[rule.field] ?? null,
        local,
        hubspot: remote,
      })),
    ),
    now,
  );
  await store.syncLog.add(
    found.map(({ sides, plan }) => ({
      ...logRow(runId, sides, now),
      action: "conflict" as const,
      outcome: "done" as const,
      fields: logLines(plan.fields, "conflict"),
    })),
  );
}

function isConflict({ decision }: PlannedField): boolean {
  return decision.kind === "conflict";
}

/** Fields that a person would decide, and that ask for no decision any more. */
function decidedFields(
  map: FieldMap,
  { sides, plan }: PlannedContact,
): readonly { local_id: number; field: string }[] {
  const open = new Set(plan.fields.filter(isConflict).map(({ rule }) => rule.field));
  return map.rules
    .filter(({ field, strategy }) => strategy === "MANUAL" && !open.has(field))
    .map(({ field }) => ({ local_id: sides.contact.id, field }));
}
