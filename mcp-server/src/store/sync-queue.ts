/**
 * Dirty records waiting for sync. An entry is due, then leased, then settled (gone) or due again. Every signal raises its
 * version; settling compares it with the version at lease time, so that a change that came meanwhile is not lost.
 */
import { type RawBuilder, sql } from "kysely";
import type { QueueItem, SyncObject, SyncQueueStore } from "../ports/sync-store.ts";
import { atomically } from "./atomically.ts";
import { dueSooner } from "./due-sooner.ts";
import type { Engine } from "./engine.ts";
import { lastByKey } from "./last-by-key.ts";
import { MARKED_AGAIN } from "./queue-signal.ts";
import {
  claimEntries,
  giveBack,
  IS_INBOUND,
  keyOf,
  leaveEntries,
  releaseEntries,
  settleEntries,
} from "./sync-queue-leases.ts";
import type { Db } from "./tables.ts";

type Signal = Omit<QueueItem, "attempts">;

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
    dueSooner: (meant) => atomically(db, (trx) => dueSooner(trx, engine, "sync_queue", meant)),
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
