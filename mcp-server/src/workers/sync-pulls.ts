/** What a sync brings home: pulls into local rows, and fields that both sides moved into the conflict queue. */
import { canonical } from "../core/canonical.ts";
import type { Contact } from "../core/contact.ts";
import type { RecordPlan } from "../core/plan.ts";
import {
  type ContactSides,
  type PlannedContact,
  pulledPatch,
  type RecordResult,
} from "../core/sync-contact.ts";
import { logLines } from "../core/sync-log-rows.ts";
import type { CanonicalValue } from "../core/value-types.ts";
import type { Store } from "../ports/store.ts";
import type { SyncLogEntry } from "../ports/sync-store.ts";

type Base = Readonly<Record<string, CanonicalValue>>;

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
  readonly planned: readonly PlannedContact[];
  readonly results: Map<number, RecordResult>;
  readonly now: string;
}

/**
 * Applies pulls to the rows as they are now. A field that somebody changed since the plan was made is left alone, together
 * with its base: the next look at the record decides again.
 */
export async function applyPulls(
  store: Store,
  { runId, planned, results, now }: Settling,
): Promise<void> {
  const pulling = planned.filter(
    ({ sides, plan }) =>
      Object.keys(plan.pull).length > 0 && results.get(sides.contact.id)?.kind === "settled",
  );
  if (pulling.length === 0) return;
  const rows = await store.contacts.findByIds(pulling.map(({ sides }) => sides.contact.id));
  const fresh = new Map(rows.map((contact) => [contact.id, contact]));
  const taken = await takenEmails(store, pulling);
  const patches = pulling.flatMap(({ sides, plan }) => {
    const contact = fresh.get(sides.contact.id);
    if (!contact) return [];
    const allowed = stillPlanned(contact, plan, taken);
    const result = results.get(contact.id);
    if (result?.kind === "settled")
      results.set(contact.id, {
        ...result,
        base: withoutSkipped({ base: result.base, before: sides.base }, plan, allowed),
      });
    const set = pulledPatch(contact, allowed, now);
    return Object.keys(set).length > 0 ? [{ id: contact.id, set }] : [];
  });
  await store.contacts.update(patches, now);
  await store.syncLog.add(
    pulling.map(({ sides, plan }) => ({
      ...logRow(runId, sides, now),
      action: "pull" as const,
      outcome: "done" as const,
      fields: logLines(plan.fields, "pull"),
    })),
  );
}

/** E-mails that a pull would set but another local contact already has. */
async function takenEmails(
  store: Store,
  pulling: readonly PlannedContact[],
): Promise<ReadonlySet<string>> {
  const wanted = pulling.flatMap(({ plan }) => plan.pull["email"] ?? []);
  const rows = wanted.length > 0 ? await store.contacts.findByEmails(wanted) : [];
  return new Set(rows.map((contact) => contact.email));
}

function stillPlanned(contact: Contact, plan: RecordPlan, taken: ReadonlySet<string>): RecordPlan {
  const pull = plan.fields.flatMap(({ rule, decision, local }) => {
    if (decision.kind !== "pull") return [];
    const isTaken = rule.field === "email" && decision.value !== null && taken.has(decision.value);
    const current = canonical(rule.type, Reflect.get(contact, rule.path[0] ?? rule.field)) ?? null;
    return isTaken || current !== local ? [] : [[rule.field, decision.value] as const];
  });
  return { ...plan, pull: Object.fromEntries(pull) };
}

/** A field whose pull was passed over keeps the base it had. */
function withoutSkipped(
  { base, before }: { base: Base; before: Base },
  plan: RecordPlan,
  allowed: RecordPlan,
): Base {
  const skipped = Object.keys(plan.pull).filter((field) => !Object.hasOwn(allowed.pull, field));
  const kept = Object.entries(before).filter(([field]) => skipped.includes(field));
  const settled = Object.entries(base).filter(([field]) => !skipped.includes(field));
  return Object.fromEntries([...settled, ...kept]);
}

/** Fields for a person to decide wait in the conflict queue, one open conflict per record and field. */
export async function openConflicts(
  store: Store,
  { runId, planned, results, now }: Settling,
): Promise<void> {
  const found = planned.filter(({ sides, plan }) => {
    const isConflicted = plan.fields.some(({ decision }) => decision.kind === "conflict");
    return isConflicted && results.get(sides.contact.id)?.kind === "settled";
  });
  if (found.length === 0) return;
  await store.conflicts.open(
    found.flatMap(({ sides, plan }) =>
      plan.fields
        .filter(({ decision }) => decision.kind === "conflict")
        .map(({ rule, local, remote }) => ({
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
