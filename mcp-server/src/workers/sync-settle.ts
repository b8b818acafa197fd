/** Makes the end of a chunk durable: bases, states and queue entries together. */
import type { Contact, ContactPatch } from "../core/contact.ts";
import type { AppError } from "../core/errors.ts";
import {
  companyState,
  endPatch,
  failedEnd,
  leftStatus,
  noteState,
  type RecordResult,
  type SyncEnd,
} from "../core/sync-contact.ts";
import type { Store } from "../ports/store.ts";
import type { Member } from "./sync-associations.ts";

/** Who settles: the lease owner, with the time. */
export interface SettleRun {
  readonly store: Store;
  readonly owner: string;
  readonly now: () => number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** What a chunk came to, per contact. */
export interface Finished {
  readonly contacts: readonly Contact[];
  readonly members: readonly Member[];
  readonly results: ReadonlyMap<number, RecordResult>;
  readonly ends: ReadonlyMap<number, SyncEnd>;
  readonly associated: ReadonlyMap<number, string>;
  readonly noted: ReadonlyMap<number, string>;
}

/** Bases, states and queue entries in one transaction. A contact that changed meanwhile keeps its new state and stays due. */
export async function settleChunk(run: SettleRun, chunk: Finished): Promise<void> {
  const now = iso(run.now());
  await run.store.transaction(async (store) => {
    await store.fieldStates.put(basesOf(chunk, now));
    const rows = await store.contacts.findByIds(chunk.contacts.map((contact) => contact.id));
    const before = new Map(chunk.contacts.map((contact) => [contact.id, contact]));
    const patches = rows
      .filter((row) => row.status === "syncing")
      .map((row) => ({
        id: row.id,
        set: leavePatch(row, { chunk, before: before.get(row.id), now }),
      }));
    await store.contacts.update(patches, now);
    await settleQueue(store, run, chunk);
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
  { chunk, before, now }: { chunk: Finished; before: Contact | undefined; now: string },
): ContactPatch {
  const end = chunk.ends.get(row.id);
  if (end && end.kind !== "again") return endPatch(row, end, now);
  return { status: leftStatus(row, before?.status ?? "syncing") };
}

async function settleQueue(
  store: Store,
  run: SettleRun,
  { contacts, results, ends }: Finished,
): Promise<void> {
  const retries: { object: "contacts"; local_id: number; due_at: string }[] = [];
  const settled: number[] = [];
  for (const { id } of contacts) {
    const end = ends.get(id);
    const isOpen = results.get(id)?.kind === "adopt" || end?.kind === "again";
    const due_at = isOpen ? iso(run.now()) : end?.kind === "failed" ? end.due_at : null;
    if (due_at === null) settled.push(id);
    else retries.push({ object: "contacts", local_id: id, due_at });
  }
  await store.queue.settle("contacts", settled, run.owner);
  await store.queue.retry(retries, run.owner);
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
