/**
 * Dirty records waiting for sync. An entry is due, then leased, then settled (gone) or due again. Every signal raises its
 * version; settling compares it with the version at lease time, so that a change that came meanwhile is not lost.
 */
import { type QueryCreator, type RawBuilder, sql } from "kysely";
import type { QueueItem, SyncObject, SyncQueueStore } from "../ports/sync-store.ts";
import { atomically } from "./atomically.ts";
import type { Engine } from "./engine.ts";
import { lastByKey } from "./last-by-key.ts";
import { MARKED_AGAIN, SINCE_LEFT } from "./queue-signal.ts";
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
      atomically(db, (trx) => settleEntries(trx, engine, { object, localIds, owner })),
    leave: (object, localIds, owner) =>
      atomically(db, (trx) => leaveEntries(trx, engine, { object, localIds, owner })),
    defer: (items, owner) =>
      atomically(db, (trx) => giveBack(trx, engine, items, { owner, tries: 0 })),
    retry: (items, owner) =>
      atomically(db, (trx) => giveBack(trx, engine, items, { owner, tries: 1 })),
    addAll: (object, reason, dueAt) => addEveryRecord(db, { object, reason, dueAt }),
    dueIds: async (object, now, { afterId, limit }) => {
      const rows = await db
        .selectFrom("sync_queue")
        .select("local_id")
        .where("object", "=", object)
        .where("local_id", ">", afterId)
        .where("due_at", "<=", now)
        .orderBy("local_id")
        .limit(limit)
        .execute();
      return rows.map((row) => row.local_id);
    },
    dueObjects: (now, inboundOnly) => dueObjects(db, now, inboundOnly ? IS_INBOUND : null),
    depth: (now) => queueDepth(db, now),
  };
}

async function addSignals(db: Db, engine: Engine, items: readonly Signal[]): Promise<void> {
  const signals = engine.lockOrder(lastByKey(items, keyOf, joined), keyOf);
  const rows = signals.map((item) => ({
    ...item,
    urgent: item.urgent ? 1 : 0,
    inbound: item.inbound ? 1 : 0,
    since: item.since ?? item.due_at,
  }));
  await engine.forRows(
    db,
    { columns: signalColumns, rows },
    (v) => sql`
      insert into sync_queue (object, local_id, reason, due_at, urgent, inbound, since)
      select v.object, v.local_id, v.reason, v.due_at, v.urgent, v.inbound, v.since from ${v} where true
      ${sql.raw(MARKED_AGAIN)}`,
  );
}

/** Sorts as the ids do, because locks are taken in the same order by queries that sort by id. */
function keyOf({ object, local_id }: Pick<QueueItem, "object" | "local_id">): string {
  return `${object} ${String(local_id).padStart(16, "0")}`;
}

const signalColumns = {
  object: "text",
  local_id: "bigint",
  reason: "text",
  due_at: "text",
  urgent: "integer",
  inbound: "integer",
  since: "text",
} as const;

function joined(earlier: Signal, later: Signal): Signal {
  const [one, other] = [earlier.since ?? earlier.due_at, later.since ?? later.due_at];
  return {
    ...later,
    due_at: later.due_at < earlier.due_at ? later.due_at : earlier.due_at,
    since: one < other ? one : other,
    urgent: earlier.urgent === true || later.urgent === true,
    inbound: earlier.inbound === true || later.inbound === true,
  };
}

interface Everything {
  readonly object: "contacts" | "customers";
  readonly reason: string;
  readonly dueAt: string;
}

/** Only contacts have a state of their own that says when an unlinked one is due. */
async function addEveryRecord(db: Db, { object, reason, dueAt }: Everything): Promise<number> {
  const records = {
    contacts: sql`select local_id from links where object = 'contacts'`,
    customers: sql`select id as local_id from customers`,
  };
  const added = await sql`
    insert into sync_queue (object, local_id, reason, due_at, since)
    select cast(${object} as text), local_id, cast(${reason} as text), cast(${dueAt} as text), cast(${dueAt} as text)
    from (${records[object]}) as record where true order by local_id
    ${sql.raw(MARKED_AGAIN)}`.execute(db);
  return Number(added.numAffectedRows ?? 0);
}

/** Urgent entries first, by a claim of their own: either walk then ends where its index has nothing more that is due. */
async function claimEntries(db: Db, engine: Engine, take: Take): Promise<readonly QueueItem[]> {
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
    .set((eb) => ({
      // A lease that nobody gave back was a try, too.
      attempts: sql<number>`attempts + case when lease_owner is null then 0 else 1 end`,
      lease_owner: take.owner,
      lease_until: take.lease_until,
      leased_version: eb.ref("version"),
      since_again: null,
    }))
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
const IS_INBOUND = sql<boolean>`inbound = 1`;

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

async function releaseEntries(db: Db, object: SyncObject, prefix: string) {
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

async function settleEntries(db: Db, engine: Engine, entries: Entries) {
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
async function leaveEntries(db: Db, engine: Engine, entries: Entries) {
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
async function giveBack(
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

const QUEUED = ["contacts", "companies", "customers"] as const satisfies readonly SyncObject[];

/** A look at the first free entry of each kind and urgency. */
async function dueObjects(
  db: Db,
  now: string,
  also: RawBuilder<boolean> | null,
): Promise<readonly SyncObject[]> {
  const among = also === null ? sql`` : sql` and ${also}`;
  const isDue = (object: SyncObject, urgency: 0 | 1) => sql`exists (
    select 1 from sync_queue
    where object = ${object} and urgent = ${urgency} and due_at <= ${now}${among}
      and (lease_until is null or lease_until <= ${now}))`;
  const looks = QUEUED.map(
    (object) =>
      sql`select cast(${object} as text) as object where ${isDue(object, 1)} or ${isDue(object, 0)}`,
  );
  const found = await sql<{ object: SyncObject }>`${sql.join(looks, sql` union all `)}`.execute(db);
  return found.rows.map((row) => row.object);
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
