/**
 * Dirty records waiting for sync. An entry is due, then leased, then settled (gone) or due again. Every signal raises its
 * version; settling compares it with the version at lease time, so that a change that came meanwhile is not lost.
 */
import { type QueryCreator, sql } from "kysely";
import type { QueueItem, SyncObject, SyncQueueStore } from "../ports/sync-store.ts";
import { atomically } from "./atomically.ts";
import type { Engine } from "./engine.ts";
import { lastByKey } from "./last-by-key.ts";
import type { Db, Tables } from "./tables.ts";

type Signal = Omit<QueueItem, "attempts">;
type Take = Parameters<SyncQueueStore["claim"]>[0];
type Retry = Parameters<SyncQueueStore["retry"]>[0][number];

/** The queue over a connection or a transaction. */
export function syncQueueStore(db: Db, engine: Engine): SyncQueueStore {
  return {
    add: (items) => addSignals(db, engine, items),
    claim: (take) => claimEntries(db, engine, take),
    release: (object, ownerPrefix) => releaseEntries(db, object, ownerPrefix),
    settle: (object, localIds, owner) =>
      atomically(db, (trx) => settleEntries(trx, engine, { object, localIds }, owner)),
    retry: (items, owner) => retryEntries(db, engine, items, owner),
    depth: (now) => queueDepth(db, now),
  };
}

const AGAIN = sql`on conflict (object, local_id) do update set
  reason = excluded.reason,
  version = sync_queue.version + 1,
  due_at = case when excluded.due_at < sync_queue.due_at then excluded.due_at else sync_queue.due_at end`;

async function addSignals(db: Db, engine: Engine, items: readonly Signal[]): Promise<void> {
  const key = (item: Signal) => `${item.object} ${item.local_id}`;
  const rows = lastByKey(items, key, (earlier, later) =>
    later.due_at < earlier.due_at ? later : { ...later, due_at: earlier.due_at },
  );
  await engine.forRows(
    db,
    {
      columns: { object: "text", local_id: "bigint", reason: "text", due_at: "text" },
      rows: engine.lockOrder(rows, key),
    },
    (v) => sql`
      insert into sync_queue (object, local_id, reason, due_at)
      select v.object, v.local_id, v.reason, v.due_at from ${v} where true
      ${AGAIN}`,
  );
}

/**
 * A single statement. The candidates stand in a common table expression, because PostgreSQL may run a plain subselect more than
 * once and each run would lock further rows. Being free is asked again outside: after waiting for a row only that is rechecked.
 */
async function claimEntries(db: Db, engine: Engine, take: Take): Promise<readonly QueueItem[]> {
  const free = sql<boolean>`(lease_until is null or lease_until <= ${take.now})`;
  const rows = await db
    .with("candidates", (cte) => dueEntries(cte, engine, take).where(free))
    .updateTable("sync_queue")
    .set((eb) => ({
      lease_owner: take.owner,
      lease_until: take.lease_until,
      leased_version: eb.ref("version"),
    }))
    .where("object", "=", take.object)
    .where("local_id", "in", (eb) => eb.selectFrom("candidates").select("local_id"))
    .where(free)
    .returning(["object", "local_id", "reason", "attempts", "due_at"])
    .execute();
  return rows.sort(byDue);
}

function dueEntries(db: QueryCreator<Tables>, engine: Engine, { ids, ...take }: Take) {
  const due = db
    .selectFrom("sync_queue")
    .select("local_id")
    .where("object", "=", take.object)
    .where("due_at", "<=", take.now)
    .orderBy("due_at")
    .orderBy("local_id")
    .limit(take.limit);
  const named = ids ? due.where(engine.amongIds(sql.ref("local_id"), ids)) : due;
  return engine.skipLocked(named);
}

function byDue(a: QueueItem, b: QueueItem): number {
  if (a.due_at !== b.due_at) return a.due_at < b.due_at ? -1 : 1;
  return a.local_id - b.local_id;
}

async function releaseEntries(db: Db, object: SyncObject, prefix: string) {
  const rows = await db
    .updateTable("sync_queue")
    .set({ lease_owner: null, lease_until: null, leased_version: null })
    .where("object", "=", object)
    .where(sql<string>`substr(lease_owner, 1, ${prefix.length})`, "=", prefix)
    .returning("local_id")
    .execute();
  return rows.map((row) => row.local_id).sort((a, b) => a - b);
}

interface Entries {
  readonly object: SyncObject;
  readonly localIds: readonly number[];
}

async function settleEntries(db: Db, engine: Engine, entries: Entries, owner: string) {
  const among = engine.amongIds(sql.ref("local_id"), entries.localIds);
  await db
    .deleteFrom("sync_queue")
    .where("object", "=", entries.object)
    .where(among)
    .where("lease_owner", "=", owner)
    .whereRef("version", "=", "leased_version")
    .execute();
  // What is left of them was marked dirty again: new work, without the old tries.
  await db
    .updateTable("sync_queue")
    .set({ lease_owner: null, lease_until: null, leased_version: null, attempts: 0 })
    .where("object", "=", entries.object)
    .where(among)
    .where("lease_owner", "=", owner)
    .execute();
}

/** Counts the try. An entry marked dirty again while leased stays due now: the new change may be what mends it. */
async function retryEntries(db: Db, engine: Engine, items: readonly Retry[], owner: string) {
  const rows = lastByKey(items, (item) => `${item.object} ${item.local_id}`);
  await engine.forRows(
    db,
    { columns: { object: "text", local_id: "bigint", due_at: "text" }, rows },
    (v) => sql`
      update sync_queue set
        attempts = attempts + 1,
        due_at = case when version = leased_version then v.due_at else sync_queue.due_at end,
        lease_owner = null, lease_until = null, leased_version = null
      from ${v}
      where sync_queue.object = v.object and sync_queue.local_id = v.local_id
        and sync_queue.lease_owner = ${owner}`,
  );
}

async function queueDepth(db: Db, now: string) {
  const row = await db
    .selectFrom("sync_queue")
    .select((eb) => [
      eb.fn.countAll<number>().filterWhere("due_at", "<=", now).as("due"),
      eb.fn.countAll<number>().filterWhere("due_at", ">", now).as("waiting"),
      eb.fn.min("due_at").filterWhere("due_at", "<=", now).as("oldest_due_at"),
    ])
    .executeTakeFirstOrThrow();
  return { due: row.due, waiting: row.waiting, oldest_due_at: row.oldest_due_at ?? null };
}
