/** Makes the fates of records durable: tombstones, links, conflicts about whole records, and the log of it. */
import { editedHere } from "../core/life.ts";
import { otherKeys } from "../core/other-keys.ts";
import {
  hasMovedSince,
  type LocalSide,
  type RecordResult,
  type Sides,
} from "../core/sync-record.ts";
import {
  DELETED_THERE,
  isLifted,
  mournedKeys,
  RECORD_FIELD,
  stoneId,
  withFurtherKeys,
} from "../core/tombstone.ts";
import type { Conflict, OpenConflict } from "../ports/conflict-store.ts";
import type { Tombstone } from "../ports/life-store.ts";
import type { Store } from "../ports/store.ts";
import type { SyncLogEntry } from "../ports/sync-store.ts";
import { madeHash } from "./life-stones.ts";
import type { Fate, Fates } from "./sync-gone.ts";
import { heldReason } from "./sync-gone-errors.ts";
import type { Results, SyncRun } from "./sync-kind.ts";
import { logRow } from "./sync-log-row.ts";
import { forgetIds } from "./sync-pulls.ts";

/** Ids of the records whose fate is not carried out because they were edited after it was decided: they are looked at again. */
export function overtaken(
  { kind }: SyncRun,
  fates: readonly Fate[],
  rows: readonly LocalSide[],
): readonly number[] {
  const fresh = new Map(rows.map((row) => [row.id, row]));
  return fates
    .filter(({ kind: fate, side }) => {
      const row = fresh.get(side.id);
      return fate !== "twin" && row && hasMovedSince(kind.map, side, row, side.base);
    })
    .map(({ side }) => side.id);
}

/** Keyed hashes by key, of the records that get a tombstone. Call it outside transactions. */
export async function hashesFor(
  run: SyncRun,
  fates: readonly Fate[],
): Promise<ReadonlyMap<string, string>> {
  const keys = fates.filter(isGone).flatMap(({ side }) => keysOf(side));
  if (keys.length === 0) return new Map();
  const hash = await madeHash(run.store, run.now());
  return await hash(run.kind.map.object, keys);
}

function keysOf({ key, base }: Sides): readonly string[] {
  return mournedKeys([key, ...otherKeys(base)]);
}

function isGone({ kind, side }: Fate): boolean {
  return kind !== "twin" && kind !== "held" && side.hubspotId !== null;
}

/** What carrying out needs beside the fates. */
export interface CarryingOut {
  readonly fates: readonly Fate[];
  readonly hashes: ReadonlyMap<string, string>;
  readonly now: string;
}

/** Carries the fates out, in the transaction that settles the chunk and after the records' states were set. */
export async function carryOutFates(
  store: Store,
  run: SyncRun,
  { fates, hashes, now }: CarryingOut,
): Promise<void> {
  if (fates.length === 0) return;
  const { object } = run.kind.map;
  const stones = fates.flatMap((fate) => stonesOf(run, fate, { hashes, now }));
  if (stones.length > 0) await store.tombstones.put(stones);
  const unlinked = idsOf(fates, ["unlinked", "deleted", "twin"]);
  await store.links.remove(object, unlinked);
  await store.fieldStates.put(
    unlinked.map((local_id) => ({ object, local_id, base: {}, synced_at: now })),
  );
  const over = fates.filter(({ kind }) => kind === "unlinked");
  const ended = new Map(over.map(({ side }) => [side.id, side.hubspotId]));
  await forgetIds(store, run, { ended, now });
  await forgetChanges(store, run, fates);
  await keepRecordConflicts(store, run, { fates, now });
  await store.syncLog.add(fates.flatMap((fate) => logged(run, fate, now) ?? []));
  await store[object].remove(idsOf(fates, ["deleted"]));
}

function idsOf(fates: readonly Fate[], kinds: readonly Fate["kind"][]): readonly number[] {
  return fates.filter(({ kind }) => kinds.includes(kind)).map(({ side }) => side.id);
}

/** What ended under several keys is held back under each of them; known once, the further ones stay as they are. */
function stonesOf(
  run: SyncRun,
  fate: Fate,
  carrying: Pick<CarryingOut, "hashes" | "now">,
): readonly Tombstone[] {
  const first = stoneOf(run, fate, carrying);
  if (first === null) return [];
  if (!isGone(fate) || fate.stone !== null) return [first];
  const further = keysOf(fate.side).slice(1);
  return [
    first,
    ...further.map((key, index) => ({
      ...first,
      hubspot_id: stoneId(first.hubspot_id, index + 1),
      local_id: null,
      key_hash: carrying.hashes.get(key) ?? null,
      policy: fate.kind === "waiting" ? ("kept" as const) : first.policy,
    })),
  ];
}

function stoneOf(
  { kind: { map } }: SyncRun,
  fate: Fate,
  { hashes, now }: Pick<CarryingOut, "hashes" | "now">,
): Tombstone | null {
  const { kind, side, stone } = fate;
  if (kind === "twin") return null;
  // From now on it names the record that is held back because of it.
  if (kind === "held") return stone === null ? null : { ...stone, local_id: side.id };
  const hubspot_id = stone?.hubspot_id ?? side.hubspotId;
  if (hubspot_id === null) return null;
  return {
    object: map.object,
    hubspot_id,
    local_id: kind === "deleted" ? null : side.id,
    key_hash: (isGone(fate) ? hashes.get(side.key) : stone?.key_hash) ?? null,
    reason: "deleted",
    policy: kind,
    created_at: stone?.created_at ?? now,
  };
}

/** Of what ended there is nothing to send any more; without a link, what is recorded later is a new edit. */
async function forgetChanges(store: Store, run: SyncRun, fates: readonly Fate[]): Promise<void> {
  const over = fates.filter(({ kind }) => kind !== "waiting" && kind !== "twin");
  const changes = over.flatMap(({ side }) =>
    side.changes.map(({ id, field }) => ({ local_id: side.id, field, id })),
  );
  if (changes.length > 0) await store.changes.forget(run.kind.map.object, changes);
}

async function keepRecordConflicts(
  store: Store,
  run: SyncRun,
  { fates, now }: { readonly fates: readonly Fate[]; readonly now: string },
): Promise<void> {
  const { object } = run.kind.map;
  const waiting = fates.filter(({ kind }) => kind === "waiting");
  if (waiting.length > 0) {
    const found = waiting.map((fate) => conflictOf(fate, now));
    await store.conflicts.open(found, now);
  }
  await store.conflicts.closeAgreed(object, await overConflicts(store, run, fates), now);
}

/** What was open about records that ended, or need no decision any more. Where a record's end is to be decided, its fields are not. */
async function overConflicts(
  store: Store,
  run: SyncRun,
  fates: readonly Fate[],
): Promise<readonly Pick<Conflict, "local_id" | "field">[]> {
  const waiting = new Set(idsOf(fates, ["waiting"]));
  const filter = { object: run.kind.map.object, local_ids: fates.map(({ side }) => side.id) };
  const page = { afterId: 0, limit: Number.MAX_SAFE_INTEGER };
  const { conflicts } = await store.conflicts.list(filter, page);
  return conflicts.filter(
    ({ local_id, field }) => !waiting.has(local_id) || field !== RECORD_FIELD,
  );
}

function conflictOf({ side, fields, stone }: Fate, now: string): OpenConflict {
  const changes = side.changes.filter(({ field }) => Object.hasOwn(fields, field));
  const [latest] = [...changes].sort((a, b) => b.changed_at.localeCompare(a.changed_at));
  return {
    object: side.object,
    local_id: side.id,
    field: RECORD_FIELD,
    base: null,
    local: editedHere(fields),
    hubspot: DELETED_THERE,
    local_at: latest?.changed_at ?? null,
    local_by: latest?.changed_by ?? null,
    // HubSpot tells no time of a deletion: it is when we heard of it.
    hubspot_at: stone?.created_at ?? now,
    hubspot_by: null,
  };
}

type LogRow = Omit<SyncLogEntry, "id">;
type Told = Pick<LogRow, "action" | "outcome" | "fields" | "error">;

/** A line for what is news; a record that is looked at again adds none. */
function logged(run: SyncRun, fate: Fate, now: string): LogRow | null {
  const line = news(run, fate);
  return line ? { ...logRow(run.runId, fate.side, now), ...line } : null;
}

function news(run: SyncRun, { kind, side, fields, stone }: Fate): Told | null {
  const { hubspotId, former } = side;
  switch (kind) {
    case "kept":
      return stone?.policy === "kept" ? null : told("none", hubspotId, hubspotId, "kept");
    case "unlinked":
    case "deleted":
      return told("link", hubspotId, null, kind);
    case "waiting":
      return stone?.policy === "waiting"
        ? null
        : told("conflict", editedHere(fields), DELETED_THERE, "MANUAL");
    case "held":
      return stone === null || stone.local_id === side.id ? null : heldBack(run);
    case "twin":
      return former
        ? told("link", former.hubspotId, null, "merged with another local one's")
        : null;
  }
}

function told(
  action: LogRow["action"],
  before: string | null,
  after: string | null,
  how: string,
): Told {
  const rule = how.startsWith("merged") ? how : `${DELETED_THERE}: ${how}`;
  return {
    action,
    outcome: "done",
    error: null,
    fields: [{ field: RECORD_FIELD, before, after, rule }],
  };
}

function heldBack({ kind }: SyncRun): Told {
  return { action: "blocked", outcome: "rejected", fields: [], error: heldReason(kind) };
}

/** Lifts the tombstones of records that both sides have again, and logs it. */
export async function liftStones(
  store: Store,
  run: SyncRun,
  {
    stones,
    results,
    now,
  }: Pick<Fates, "stones"> & { readonly results: Results; readonly now: string },
): Promise<void> {
  const { object } = run.kind.map;
  const back = [...stones].flatMap(([id, all]) => {
    const hubspotId = joinedTo(results.get(id));
    const over = all.filter(isLifted);
    return hubspotId !== null && over.length > 0 ? [{ id, hubspotId, over }] : [];
  });
  if (back.length === 0) return;
  const ids = back.flatMap(({ over }) => over.map(({ hubspot_id }) => hubspot_id));
  await store.tombstones.remove(object, withFurtherKeys([...new Set(ids)]));
  await store.syncLog.add(
    back.map(({ id, hubspotId, over }) => ({
      ...logRow(run.runId, { object, id, hubspotId }, now),
      action: "link" as const,
      outcome: "done" as const,
      fields: [
        {
          field: RECORD_FIELD,
          before: over[0]?.hubspot_id ?? null,
          after: hubspotId,
          rule: "HubSpot has it again",
        },
      ],
    })),
  );
}

function joinedTo(result: RecordResult | undefined): string | null {
  return result?.kind === "settled" || result?.kind === "adopt" ? result.hubspotId : null;
}

/** Has records looked at that what became of others concerns. */
export async function wake(
  store: Store,
  run: SyncRun,
  { woken, now }: Pick<Fates, "woken"> & { readonly now: string },
): Promise<void> {
  const { object } = run.kind.map;
  const ids = [...new Set(woken)];
  if (ids.length === 0) return;
  await store.queue.add(
    ids.map((local_id) => ({ object, local_id, reason: "merged", due_at: now })),
  );
}
