/** How much waits and since when, read from indexes or counted up to a bound. */
import { type RawBuilder, sql } from "kysely";
import { notifiedSince } from "../core/since.ts";
import {
  FIGURE_LIMIT,
  type FigureStore,
  type QueueFigure,
  type QueueState,
  type StoreFigures,
  type WaitingRecord,
} from "../ports/figure-store.ts";
import type { SyncObject } from "../ports/sync-store.ts";
import type { Db } from "./tables.ts";

/** Figures over a connection. */
export function figureStore(db: Db): FigureStore {
  return { read: (now) => readFigures(db, now) };
}

async function readFigures(db: Db, now: string): Promise<StoreFigures> {
  const records = await queueStates(db, "records", now);
  const arrivals = await queueStates(db, "arrivals", now);
  const oldestRecord = await oldestWaiting(db);
  const inbox = await inboxFigures(db);
  return {
    queues: [...records, ...arrivals],
    notifications: inbox.count,
    oldestRecord,
    oldest: {
      records: oldestRecord?.since ?? null,
      arrivals: await oldestArrival(db),
      notifications: inbox.since,
    },
    openConflicts: await openConflicts(db),
    jobs: await unfinishedJobs(db),
  };
}

const tables = { records: "sync_queue", arrivals: "hubspot_queue" } as const;

/** Read through up to the bound: no index tells leases apart, and one that did would cost every claim. */
async function queueStates(
  db: Db,
  queue: QueueFigure["queue"],
  now: string,
): Promise<readonly QueueFigure[]> {
  const found = await sql<{ object: SyncObject } & Readonly<Record<QueueState, number>>>`
    select object,
      count(*) filter (where lease_until > ${now}) as leased,
      count(*) filter (where due_at <= ${now} and (lease_until is null or lease_until <= ${now})) as due,
      count(*) filter (where due_at > ${now} and (lease_until is null or lease_until <= ${now})) as waiting
    from (select object, due_at, lease_until from ${sql.table(tables[queue])} limit ${FIGURE_LIMIT}) as entry
    group by object order by object`.execute(db);
  return found.rows.flatMap(({ object, ...states }) =>
    (["due", "leased", "waiting"] as const).flatMap((state) =>
      states[state] > 0 ? [{ queue, object, state, count: states[state] }] : [],
    ),
  );
}

async function oldestWaiting(db: Db): Promise<WaitingRecord | null> {
  const row = await db
    .selectFrom("sync_queue")
    .select(["object", "local_id", "since", "attempts", "due_at"])
    .where("since", "is not", null)
    .orderBy("since")
    .limit(1)
    .executeTakeFirst();
  return row ? { ...row, since: row.since ?? row.due_at } : null;
}

async function oldestArrival(db: Db): Promise<string | null> {
  const row = await db
    .selectFrom("hubspot_queue")
    .select("since")
    .where("since", "is not", null)
    .orderBy("since")
    .limit(1)
    .executeTakeFirst();
  return row?.since ?? null;
}

// A literal, because a partial index only serves a condition that repeats its own words.
const WAITS: RawBuilder<boolean> = sql`processed_at is null`;

/** The first that came is taken for the oldest. */
async function inboxFigures(
  db: Db,
): Promise<{ readonly count: number; readonly since: string | null }> {
  const found = await sql<{ count: number; occurred_at: string | null; received_at: string }>`
    select
      (select count(*) from (select id from webhook_events where ${WAITS} limit ${FIGURE_LIMIT}) as counted) as count,
      first.occurred_at, first.received_at
    from (select 1 as one) as always
    left join (select occurred_at, received_at from webhook_events where ${WAITS} order by id limit 1) as first on true`.execute(
    db,
  );
  const row = found.rows[0];
  if (!row?.occurred_at) return { count: row?.count ?? 0, since: null };
  const since = notifiedSince(Date.parse(row.occurred_at), Date.parse(row.received_at));
  return { count: row.count, since: new Date(since).toISOString() };
}

async function openConflicts(db: Db): Promise<StoreFigures["openConflicts"]> {
  return await db
    .selectFrom("conflicts")
    .select(["reason", (eb) => eb.fn.countAll<number>().as("count")])
    .where(sql<boolean>`status = 'open'`)
    .groupBy("reason")
    .orderBy("reason")
    .execute();
}

async function unfinishedJobs(db: Db): Promise<StoreFigures["jobs"]> {
  return await db
    .selectFrom("jobs")
    .select(["kind", "status", (eb) => eb.fn.countAll<number>().as("count")])
    .where(sql<boolean>`status in ('queued', 'running')`)
    .groupBy(["kind", "status"])
    .orderBy("kind")
    .orderBy("status")
    .execute();
}
