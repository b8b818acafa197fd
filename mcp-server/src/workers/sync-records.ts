/** Carries contact plans out: intents to the log, batches to HubSpot, answers to links, bases and rows. */
import { AppError } from "../core/errors.ts";
import type { FieldMap } from "../core/field-map.ts";
import { acknowledgedBase } from "../core/plan.ts";
import type { PlannedContact, RecordResult } from "../core/sync-contact.ts";
import { logLines } from "../core/sync-log-rows.ts";
import type { Crm, CrmCall, WriteOutcome } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import { iso } from "./iso-time.ts";
import { endOf } from "./sync-end.ts";
import { applyPulls, keepConflicts, logRow } from "./sync-pulls.ts";
import { goneError, twinError } from "./sync-sides.ts";

export interface RecordsRun {
  readonly store: Store;
  readonly crm: Crm;
  readonly map: FieldMap;
  readonly runId: string;
  readonly call: CrmCall;
  readonly now: () => number;
}

/** Carries the plans out and returns what became of each contact, by local id. */
export async function writeRecords(
  run: RecordsRun,
  planned: readonly PlannedContact[],
): Promise<ReadonlyMap<number, RecordResult>> {
  const pushing = planned.filter(({ plan }) => Object.keys(plan.push).length > 0);
  const intents = await logIntents(run, pushing);
  const outcomes = await send(run, pushing);
  return settle(run, { planned, intents, outcomes });
}

/** What is about to be written is in the log before the request leaves. */
async function logIntents(
  run: RecordsRun,
  pushing: readonly PlannedContact[],
): Promise<ReadonlyMap<number, number>> {
  if (pushing.length === 0) return new Map();
  const created_at = iso(run.now());
  const ids = await run.store.syncLog.add(
    pushing.map(({ sides, plan }) => ({
      ...logRow(run.runId, sides, created_at),
      action: sides.hubspotId === null ? ("create" as const) : ("update" as const),
      outcome: "intent" as const,
      fields: logLines(plan.fields, "push"),
      finished_at: null,
    })),
  );
  return new Map(pushing.map(({ sides }, index) => [sides.contact.id, ids[index] ?? 0]));
}

/** New contacts go by upsert on e-mail, which a repeat cannot double; known ones by id. */
async function send(
  { crm, call }: RecordsRun,
  pushing: readonly PlannedContact[],
): Promise<ReadonlyMap<number, WriteOutcome>> {
  const input = (id: string, { sides, plan }: PlannedContact) => ({
    ref: String(sides.contact.id),
    id,
    properties: plan.push,
  });
  const fresh = pushing.filter(({ sides }) => sides.hubspotId === null);
  const known = pushing.flatMap((item) =>
    item.sides.hubspotId === null ? [] : [input(item.sides.hubspotId, item)],
  );
  const answers = await Promise.all([
    crm.upsert(
      "contacts",
      "email",
      fresh.map((item) => input(item.sides.contact.email, item)),
      call,
    ),
    crm.update("contacts", known, call),
  ]);
  return new Map(answers.flat().map((outcome) => [Number(outcome.ref), outcome]));
}

/** What was planned, what was logged before sending, and what HubSpot answered, by local id. */
export interface Answers {
  readonly planned: readonly PlannedContact[];
  readonly intents: ReadonlyMap<number, number>;
  readonly outcomes: ReadonlyMap<number, WriteOutcome>;
}

/** Everything HubSpot said becomes durable in one transaction. */
async function settle(
  run: RecordsRun,
  answers: Answers,
): Promise<ReadonlyMap<number, RecordResult>> {
  const now = iso(run.now());
  return run.store.transaction(async (store) => {
    const results = new Map<number, RecordResult>();
    for (const item of answers.planned) {
      const outcome = answers.outcomes.get(item.sides.contact.id) ?? null;
      results.set(item.sides.contact.id, resultOf(run, item, outcome));
    }
    await store.syncLog.settle(settledIntents(answers), now);
    await saveLinks(store, run, results);
    const settling = { runId: run.runId, map: run.map, planned: answers.planned, results, now };
    await applyPulls(store, settling);
    await keepConflicts(store, settling);
    await saveBases(store, results, now);
    return results;
  });
}

function resultOf(
  run: RecordsRun,
  item: PlannedContact,
  outcome: WriteOutcome | null,
): RecordResult {
  const { sides, plan } = item;
  if (outcome === null) return quietResult(item);
  switch (outcome.kind) {
    case "written":
      return {
        kind: "settled",
        hubspotId: outcome.record.id,
        outcome: outcome.created ? "created" : "updated",
        base: { ...sides.base, ...acknowledgedBase(plan, outcome.record.properties) },
        failure: null,
      };
    case "missing":
      return { kind: "ended", end: endOf(run, goneError()) };
    case "rejected":
      if (outcome.existingId !== null && sides.hubspotId === null)
        return { kind: "adopt", hubspotId: outcome.existingId };
      return { kind: "ended", end: endOf(run, rejection(outcome)) };
    case "unknown":
    case "failed":
      return { kind: "ended", end: endOf(run, outcome.error) };
  }
}

function rejection(outcome: Extract<WriteOutcome, { kind: "rejected" }>): AppError {
  return new AppError("input", `HubSpot refused this contact: ${outcome.message}`, {
    code: outcome.code,
  });
}

/** Nothing was sent for this contact: it was equal, only pulled from, or HubSpot has no such record and none was to be made. */
function quietResult({ sides, plan }: PlannedContact): RecordResult {
  if (sides.hubspotId === null) return { kind: "absent" };
  const kinds = new Set(plan.fields.map(({ decision }) => decision.kind));
  const isNew = Object.keys(sides.base).length === 0;
  const moved = kinds.has("pull") ? "pulled" : isNew ? "linked" : "unchanged";
  return {
    kind: "settled",
    hubspotId: sides.hubspotId,
    outcome: kinds.has("conflict") ? "conflict" : moved,
    base: { ...sides.base, ...acknowledgedBase(plan, {}) },
    failure: null,
  };
}

function settledIntents({ intents, outcomes }: Answers): Parameters<Store["syncLog"]["settle"]>[0] {
  return [...intents].map(([localId, id]) => {
    const outcome = outcomes.get(localId);
    if (!outcome)
      return { id, outcome: "unknown" as const, error: "HubSpot gave no answer for this record." };
    if (outcome.kind === "written")
      return { id, outcome: "done" as const, hubspot_id: outcome.record.id };
    if (outcome.kind === "rejected")
      return { id, outcome: "rejected" as const, error: `${outcome.code}: ${outcome.message}` };
    if (outcome.kind === "missing")
      return { id, outcome: "failed" as const, error: goneError().message };
    return { id, outcome: outcome.kind, error: outcome.error.message };
  });
}

/** A record that another contact already has stays with it: taking the link over would leave that contact without one. */
async function saveLinks(
  store: Store,
  run: RecordsRun,
  results: Map<number, RecordResult>,
): Promise<void> {
  const links = [...results].flatMap(([local_id, result]) =>
    result.kind === "settled" || result.kind === "adopt"
      ? [{ object: "contacts" as const, local_id, hubspot_id: result.hubspotId }]
      : [],
  );
  const ids = links.map((link) => link.hubspot_id);
  const held = await store.links.byHubspotIds("contacts", ids);
  const holders = new Map(held.map((link) => [link.hubspot_id, link.local_id]));
  const own = links.filter(({ local_id, hubspot_id }) => {
    const holder = holders.get(hubspot_id) ?? local_id;
    holders.set(hubspot_id, holder);
    if (holder !== local_id) results.set(local_id, { kind: "ended", end: endOf(run, twinError()) });
    return holder === local_id;
  });
  await store.links.put(own, iso(run.now()));
}

/** What both sides hold now is known from here on, whatever becomes of the company and the note. */
async function saveBases(
  store: Store,
  results: ReadonlyMap<number, RecordResult>,
  synced_at: string,
): Promise<void> {
  const states = [...results].flatMap(([local_id, result]) =>
    result.kind === "settled"
      ? [{ object: "contacts" as const, local_id, base: result.base, synced_at }]
      : [],
  );
  await store.fieldStates.put(states);
}
