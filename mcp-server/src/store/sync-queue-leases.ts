/** Who holds which entries of the queue: they are claimed for a while, then settled, left, or given back due later. */
import { type QueryCreator, sql } from "kysely";
import type { QueueItem, SyncObject, SyncQueueStore } from "../ports/sync-store.ts";
import type { Engine } from "./engine.ts";
import { lastByKey } from "./last-by-key.ts";
import { leasedTo } from "./queue-lease.ts";
import { SINCE_LEFT } from "./queue-signal.ts";
import type { Db, Tables } from "./tables.ts";

type Take = Parameters<SyncQueueStore["claim"]>[0];
type Retry = Parameters<SyncQueueStore["retry"]>[0][number];

/** Sorts as the ids do, because locks are taken in the same order by queries that sort by id. */
export function keyOf({ object, local_id }: Pick<QueueItem, "object" | "local_id">): string {
  return `${object} ${String(local_id).padStart(16, "0")}`;
}

/** Urgent entries first, by a claim of their own: either walk then ends where its index has nothing more that is due. */
export async function claimEntries(
  db: Db,
  engine: Engine,
  take: Take,
): Promise<readonly QueueItem[]> {
  const urgent = await claimAlike(db, engine, take, 1);
  if (urgent.length >= take.limit || take.urgentOnly) return urgent;
  const rest = { ...take, limit: take.limit - urgent.length };
  return [...urgent, ...(await claimAlike(db, engine, rest, 0))];
}

/**
 * A single statement. The candidates stand in a common table expression, because PostgreSQL may run a plain subselect more than
 * once and each run would lock further rows. Being free is asked again outside: after waiting for a row only that is rechecked.
 */
async function claimAlike(
  db: Db,
  engine: Engine,
  take: Take,
  urgency: 0 | 1,
): Promise<readonly QueueItem[]> {
  const free = sql<boolean>`(lease_until is null or lease_until <= ${take.now})`;
  const rows = await db
    .with("candidates", (cte) =>
      dueEntries(cte, engine, take).where("urgent", "=", urgency).where(free),
    )
    .updateTable("sync_queue")
    .set(leasedTo(take))
    .where("object", "=", take.object)
    .where("local_id", "in", (eb) => eb.selectFrom("candidates").select("local_id"))
    .where(free)
    .returning(["object", "local_id", "reason", "attempts", "due_at", "inbound", "since"])
    .execute();
  return rows.sort(byDue).map((row) => ({
    ...row,
    urgent: urgency === 1,
    inbound: row.inbound === 1,
    since: row.since ?? row.due_at,
  }));
}

const LINKED = sql<boolean>`exists (select 1 from links
  where links.object = sync_queue.object and links.local_id = sync_queue.local_id)`;

// A literal, because a partial index only serves a condition that repeats its own words.
export const IS_INBOUND = sql<boolean>`inbound = 1`;

function dueEntries(db: QueryCreator<Tables>, engine: Engine, { ids, ...take }: Take) {
  const due = db
    .selectFrom("sync_queue")
    .select("local_id")
    .where("object", "=", take.object)
    .where("due_at", "<=", take.due_by ?? take.now)
    .orderBy("due_at")
    .orderBy("local_id")
    .limit(take.limit);
  const named = ids ? due.where(engine.amongIds(sql.ref("local_id"), ids)) : due;
  const linked = take.linkedOnly ? named.where(LINKED) : named;
  return engine.skipLocked(take.inboundOnly ? linked.where(IS_INBOUND) : linked);
}

type Due = Pick<QueueItem, "due_at" | "local_id">;

function byDue(a: Due, b: Due): number {
  if (a.due_at !== b.due_at) return a.due_at < b.due_at ? -1 : 1;
  return a.local_id - b.local_id;
}

/** Frees what owners whose names begin so hold, without counting a try; their local ids. */
export async function releaseEntries(db: Db, object: SyncObject, prefix: string) {
  const rows = await db
    .updateTable("sync_queue")
    .set(FREED)
    .where("object", "=", object)
    .where(sql<string>`substr(lease_owner, 1, ${prefix.length})`, "=", prefix)
    .returning("local_id")
    .execute();
  return rows.map((row) => row.local_id).sort((a, b) => a - b);
}

interface Entries {
  readonly object: SyncObject;
  readonly localIds: readonly number[];
  readonly owner: string;
}

const FREED = {
  lease_owner: null,
  lease_until: null,
  leased_version: null,
  since_again: null,
} as const;

/** Ends the entries that nobody signalled meanwhile; the others are free and due. */
export async function settleEntries(db: Db, engine: Engine, entries: Entries) {
  await lockEntries(db, engine, entries);
  const among = engine.amongIds(sql.ref("local_id"), entries.localIds);
  await db
    .deleteFrom("sync_queue")
    .where("object", "=", entries.object)
    .where(among)
    .where("lease_owner", "=", entries.owner)
    .whereRef("version", "=", "leased_version")
    .execute();
  // What is left of them was marked dirty again: new work, without the old tries.
  await db
    .updateTable("sync_queue")
    .set({ ...FREED, attempts: 0, since: sql.raw(SINCE_LEFT) })
    .where("object", "=", entries.object)
    .where(among)
    .where("lease_owner", "=", entries.owner)
    .execute();
}

/** An entry marked dirty again while leased may have been so by HubSpot: it stays inbound, and a look too many does no harm. */
export async function leaveEntries(db: Db, engine: Engine, entries: Entries) {
  await lockEntries(db, engine, entries);
  await db
    .updateTable("sync_queue")
    .set({
      ...FREED,
      inbound: sql<number>`case when version = leased_version then 0 else inbound end`,
    })
    .where("object", "=", entries.object)
    .where(engine.amongIds(sql.ref("local_id"), entries.localIds))
    .where("lease_owner", "=", entries.owner)
    .execute();
}

/** In the order in which signals lock them, for a flood of signals must not stand in the way of whoever settles. */
function lockEntries(db: Db, engine: Engine, { object, localIds, owner }: Entries): Promise<void> {
  return engine.lockRows(
    db
      .selectFrom("sync_queue")
      .select("local_id")
      .where("object", "=", object)
      .where(engine.amongIds(sql.ref("local_id"), localIds))
      .where("lease_owner", "=", owner)
      .orderBy("local_id"),
  );
}

/** Counts so many tries. An entry marked dirty again while leased stays due now: the new change may be what mends it. */
export async function giveBack(
  db: Db,
  engine: Engine,
  items: readonly Retry[],
  { owner, tries }: { readonly owner: string; readonly tries: 0 | 1 },
) {
  const rows = engine.lockOrder(lastByKey(items, keyOf), keyOf);
  for (const [object, alike] of Map.groupBy(rows, (row) => row.object)) {
    await lockEntries(db, engine, { object, localIds: alike.map((row) => row.local_id), owner });
  }
  await engine.forRows(
    db,
    { columns: { object: "text", local_id: "bigint", due_at: "text" }, rows },
    (v) => sql`
      update sync_queue set
        attempts = attempts + ${tries},
        due_at = case when version = leased_version then v.due_at else sync_queue.due_at end,
        lease_owner = null, lease_until = null, leased_version = null, since_again = null
      from ${v}
      where sync_queue.object = v.object and sync_queue.local_id = v.local_id
        and sync_queue.lease_owner = ${owner}`,
  );
}
