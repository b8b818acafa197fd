/** Decisions about records that HubSpot deleted and that were edited here: what was edited, and what a choice changes. */
import type { Company } from "../core/company.ts";
import type { FieldMaps, MappedObject } from "../core/field-map.ts";
import { editedValues, type FieldValues, unsentValues } from "../core/life.ts";
import { contactRecord, customerRecord } from "../core/mapped-record.ts";
import { movedBase } from "../core/resolution.ts";
import { RECORD_FIELD } from "../core/tombstone.ts";
import type { Conflict } from "../ports/conflict-store.ts";
import type { Tombstone } from "../ports/life-store.ts";
import type { Store } from "../ports/store.ts";
import type { KnownRecord, RecordOf } from "./conflict-records.ts";

/** A decision as far as it is carried out here. */
export interface DeletedDecision {
  readonly record: KnownRecord;
  readonly edited: FieldValues;
  readonly resolution: "keep_local" | "keep_hubspot" | "set";
}

/** The values that HubSpot never got of records with a conflict about themselves as a whole, by conflict id. */
export async function recordEdits(
  store: Store,
  maps: FieldMaps,
  { conflicts, record }: { readonly conflicts: readonly Conflict[]; readonly record: RecordOf },
): Promise<ReadonlyMap<number, FieldValues>> {
  const asked = conflicts.filter(({ field }) => field === RECORD_FIELD);
  const edits = new Map<number, FieldValues>();
  for (const conflict of asked) {
    const known = record(conflict);
    if (known) edits.set(conflict.conflict_id, await editsOf(store, maps, known));
  }
  return edits;
}

/** As the sync finds them: against the base while the record is linked, else by the recorded changes. */
async function editsOf(store: Store, maps: FieldMaps, record: KnownRecord): Promise<FieldValues> {
  const { object, id, hubspotId } = record;
  const { rules } = maps[object];
  const local = await localOf(store, maps, record);
  if (hubspotId === null) {
    return editedValues(rules, { local, changes: await store.changes.latest(object, [id]) });
  }
  const [state] = await store.fieldStates.get(object, [id]);
  return unsentValues(rules, { local, base: state?.base ?? {} });
}

async function localOf(store: Store, maps: FieldMaps, record: KnownRecord): Promise<unknown> {
  if (record.object === "customers") return customerRecord(maps.customers, record.customer);
  const { domain } = record.contact;
  const found: readonly Company[] =
    domain === null ? [] : await store.companies.findByDomains([domain]);
  return contactRecord(maps.contacts, record.contact, found[0] ?? null);
}

/**
 * keep_local: tombstone, link and base go, and nothing keeps the next sync from creating the record anew; this is the one way to it. keep_hubspot: what was edited counts as agreed
 * on, so that the next sync carries the policy out; without a link there is nothing left to carry out.
 */
export async function settleDeleted(
  store: Store,
  decisions: readonly DeletedDecision[],
  now: string,
): Promise<void> {
  for (const decision of decisions) {
    if (decision.resolution === "keep_local") await letCreate(store, decision.record, now);
    else if (decision.record.hubspotId === null) await letGo(store, decision.record);
    else await agree(store, decision, now);
  }
}

async function letCreate(store: Store, { object, id, hubspotId }: KnownRecord, now: string) {
  const stones = await stonesOf(store, { object, id, hubspotId });
  await store.tombstones.remove(
    object,
    stones.map(({ hubspot_id }) => hubspot_id),
  );
  await store.links.remove(object, [id]);
  await store.fieldStates.put([{ object, local_id: id, base: {}, synced_at: now }]);
}

async function letGo(store: Store, { object, id, hubspotId }: KnownRecord): Promise<void> {
  const stones = await stonesOf(store, { object, id, hubspotId });
  await store.tombstones.put(stones.map((stone) => ({ ...stone, policy: "unlinked" })));
  const changes = await store.changes.latest(object, [id]);
  await store.changes.forget(
    object,
    changes.map((change) => ({ local_id: id, field: change.field, id: change.id })),
  );
}

async function agree(
  store: Store,
  { record: { object, id }, edited }: DeletedDecision,
  now: string,
): Promise<void> {
  const [state] = await store.fieldStates.get(object, [id]);
  const base = Object.entries(edited).reduce(
    (moved, [field, value]) => movedBase(moved, field, value),
    state?.base ?? {},
  );
  await store.fieldStates.put([{ object, local_id: id, base, synced_at: state?.synced_at ?? now }]);
}

async function stonesOf(
  store: Store,
  {
    object,
    id,
    hubspotId,
  }: { readonly object: MappedObject; readonly id: number; readonly hubspotId: string | null },
): Promise<readonly Tombstone[]> {
  const own = await store.tombstones.byLocalIds(object, [id]);
  const linked = hubspotId === null ? [] : await store.tombstones.byHubspotIds(object, [hubspotId]);
  const all = new Map([...own, ...linked].map((stone) => [stone.hubspot_id, stone]));
  return [...all.values()].filter(({ reason }) => reason === "deleted");
}
