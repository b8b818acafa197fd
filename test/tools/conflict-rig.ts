/** Conflicts in a store, as a sync leaves them behind. */
import type { ContactFields } from "../../mcp-server/src/core/contact.ts";
import type { Conflict, OpenConflict } from "../../mcp-server/src/ports/conflict-store.ts";
import type { CustomerRow } from "../../mcp-server/src/ports/customer-store.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { IMPORTED_AT, storedContact } from "../doors/contacts.ts";

export const EDITED_AT = "2026-11-05T10:00:00.000Z";

/** What differs between the conflicts of a test; the local value is also what the record holds. */
export interface Given extends Partial<OpenConflict> {
  readonly field: string;
  readonly local: string | null;
  readonly hubspot: string | null;
}

/** A linked contact whose field both sides changed; the record holds the local value. */
export async function contactConflict(
  store: Store,
  email: string,
  given: Given,
  fields: Partial<ContactFields> = {},
): Promise<Conflict> {
  const id = await storedContact(store, email, {
    fields: { ...fields, [given.field]: given.local },
    set: { status: "synced" },
  });
  return await conflictOf(store, "contacts", id, given);
}

/** A linked customer whose field both sides changed; `row` must hold the local value. */
export async function customerConflict(
  store: Store,
  row: CustomerRow,
  given: Given,
): Promise<Conflict> {
  await store.customers.upsert([row], IMPORTED_AT);
  const [customer] = await store.customers.findByBans([row.ban]);
  return await conflictOf(store, "customers", customer?.id ?? 0, given);
}

async function conflictOf(
  store: Store,
  object: "contacts" | "customers",
  local_id: number,
  given: Given,
): Promise<Conflict> {
  const base = given.base ?? null;
  const [known] = await store.fieldStates.get(object, [local_id]);
  await store.links.put([{ object, local_id, hubspot_id: `9${local_id}` }], IMPORTED_AT);
  await store.fieldStates.put([
    { object, local_id, base: { ...known?.base, [given.field]: base }, synced_at: IMPORTED_AT },
  ]);
  const open: OpenConflict = {
    object,
    local_id,
    base,
    local_at: EDITED_AT,
    local_by: "sql",
    hubspot_at: EDITED_AT,
    hubspot_by: "CRM_UI (user 17)",
    ...given,
  };
  await store.conflicts.open([open], EDITED_AT);
  const found = await store.conflicts.list(
    { object, local_ids: [local_id], field: given.field },
    { afterId: 0, limit: 1 },
  );
  const [conflict] = found.conflicts;
  if (!conflict) throw new Error("the conflict was not stored");
  return conflict;
}

/** The conflict as it is now. */
export async function conflictNow(store: Store, id: number): Promise<Conflict> {
  const [conflict] = await store.conflicts.findByIds([id]);
  if (!conflict) throw new Error(`no conflict ${id}`);
  return conflict;
}

/** The record's base now. */
export async function baseNow(store: Store, { object, local_id }: Conflict) {
  const [state] = await store.fieldStates.get(object, [local_id]);
  return state?.base ?? {};
}

/** What of the queue is due now, as a worker would take it. */
export async function queued(store: Store, object: "contacts" | "customers") {
  const now = new Date(Date.now() + 60_000).toISOString();
  return await store.queue.claim({ object, owner: "test", now, lease_until: now, limit: 100 });
}
