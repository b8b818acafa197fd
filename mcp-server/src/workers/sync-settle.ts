/** Makes the end of a chunk durable: bases, states and queue entries together. */
import type { Contact, ContactPatch } from "../core/contact.ts";
import type { AppError } from "../core/errors.ts";
import type { FieldMap } from "../core/field-map.ts";
import {
  companyState,
  endPatch,
  failedEnd,
  hasMovedSince,
  leftDueAt,
  leftStatus,
  noteState,
  type PlannedContact,
  type RecordResult,
  type SyncEnd,
} from "../core/sync-contact.ts";
import type { Store } from "../ports/store.ts";
import { iso } from "./iso-time.ts";
import type { Member } from "./sync-associations.ts";

/** Who settles: the lease owner, with the time. */
export interface SettleRun {
  readonly store: Store;
  readonly map: FieldMap;
  readonly owner: string;
  readonly now: () => number;
}

/** What a chunk came to, per contact. */
export interface Finished {
  readonly contacts: readonly Contact[];
  readonly planned: readonly PlannedContact[];
  readonly members: readonly Member[];
  readonly results: ReadonlyMap<number, RecordResult>;
  readonly ends: ReadonlyMap<number, SyncEnd>;
  readonly associated: ReadonlyMap<number, string>;
  readonly noted: ReadonlyMap<number, string>;
}

/**
 * Bases, states and queue entries in one transaction. A contact that somebody else moved on keeps its new state; one whose fields were
 * edited meanwhile stays due. Returns the ends with those.
 */
export async function settleChunk(
  run: SettleRun,
  chunk: Finished,
): Promise<ReadonlyMap<number, SyncEnd>> {
  const now = iso(run.now());
  return run.store.transaction(async (store) => {
    await store.fieldStates.put(basesOf(chunk, now));
    const rows = await store.contacts.findByIds(chunk.contacts.map((contact) => contact.id));
    const before = new Map(chunk.contacts.map((contact) => [contact.id, contact]));
    const ends = new Map([...chunk.ends, ...editedMeanwhile(run.map, chunk, rows)]);
    const patches = rows
      .filter((row) => row.status === "syncing")
      .map((row) => ({
        id: row.id,
        set: leavePatch(row, { end: ends.get(row.id), before: before.get(row.id), now }),
      }));
    await store.contacts.update(patches, now);
    await settleQueue(store, run, { ...chunk, ends });
    return ends;
  });
}

/** Whatever became of what was planned: there is a newer edit, which neither a signal nor a state tells of. */
function editedMeanwhile(
  map: FieldMap,
  { planned, results }: Finished,
  rows: readonly Contact[],
): readonly (readonly [number, SyncEnd])[] {
  const fresh = new Map(rows.map((row) => [row.id, row]));
  return planned.flatMap(({ sides }) => {
    const { id } = sides.contact;
    const row = fresh.get(id);
    const result = results.get(id);
    const base = result?.kind === "settled" ? result.base : sides.base;
    if (row?.status !== "syncing" || !hasMovedSince(map, sides, row, base)) return [];
    return [[id, { kind: "again" }] as const];
  });
}

function basesOf(
  { members, results, associated, noted }: Finished,
  synced_at: string,
): Parameters<Store["fieldStates"]["put"]>[0] {
  return members.flatMap(({ sides }) => {
    const { id } = sides.contact;
    const result = results.get(id);
    if (result?.kind !== "settled") return [];
    const company = associated.get(id);
    const note = noted.get(id);
    if (company === undefined && note === undefined) return [];
    const base = {
      ...result.base,
      ...(company === undefined ? {} : { [companyState]: company }),
      ...(note === undefined ? {} : { [noteState]: note }),
    };
    return [{ object: "contacts" as const, local_id: id, base, synced_at }];
  });
}

/** A contact that is not done (adopted, stopped), or was absent on a pull-only run, goes back to the state it came from. */
function leavePatch(
  row: Contact,
  { end, before, now }: { end: SyncEnd | undefined; before: Contact | undefined; now: string },
): ContactPatch {
  if (end?.kind === "synced" || end?.kind === "failed") return endPatch(row, end, now);
  return { status: leftStatus(row, before?.status ?? "syncing") };
}

async function settleQueue(
  store: Store,
  run: SettleRun,
  { contacts, results, ends }: Finished,
): Promise<void> {
  const retries: { object: "contacts"; local_id: number; due_at: string }[] = [];
  const settled: number[] = [];
  for (const contact of contacts) {
    const { id } = contact;
    const isOpen = results.get(id)?.kind === "adopt" || ends.get(id)?.kind === "again";
    const due_at = isOpen ? iso(run.now()) : dueAt(contact, ends.get(id), run.now());
    if (due_at === null) settled.push(id);
    else retries.push({ object: "contacts", local_id: id, due_at });
  }
  await store.queue.settle("contacts", settled, run.owner);
  await store.queue.retry(retries, run.owner);
}

function dueAt(contact: Contact, end: SyncEnd | undefined, now: number): string | null {
  if (end?.kind === "failed") return end.due_at;
  return end?.kind === "synced" ? null : leftDueAt(contact, now, iso);
}

/**
 * Puts claimed contacts back after the whole chunk failed: what a retry can cure comes due later, the rest as it was. `stopped`: the run was
 * asked to stop, which is nobody's failure.
 */
export async function parkChunk(
  run: SettleRun,
  contacts: readonly Contact[],
  failure: { readonly error: AppError; readonly stopped: boolean },
): Promise<void> {
  const { error, stopped } = failure;
  const end = failedEnd(error, run.now(), iso);
  const parked = !stopped && end.due_at !== null;
  const now = iso(run.now());
  await run.store.transaction(async (store) => {
    const rows = await store.contacts.findByIds(contacts.map((contact) => contact.id));
    const before = new Map(contacts.map((contact) => [contact.id, contact.status]));
    const patches = rows
      .filter((row) => row.status === "syncing")
      .map((row) => ({
        id: row.id,
        set: parked
          ? endPatch(row, end, now)
          : { status: leftStatus(row, before.get(row.id) ?? "syncing") },
      }));
    await store.contacts.update(patches, now);
    const due_at = parked ? (end.due_at ?? now) : now;
    await store.queue.retry(
      contacts.map(({ id }) => ({ object: "contacts" as const, local_id: id, due_at })),
      run.owner,
    );
  });
}
