/**
 * HubSpot's records that are to be looked at and have no entry of their own here. As in the queue of local records an entry is due,
 * then leased, then settled or due again, and a signal that came meanwhile is seen by its version.
 */
import { type QueryCreator, type RawBuilder, sql } from "kysely";
import type { RemoteItem, RemoteQueueStore } from "../ports/inbox-store.ts";
import { atomically } from "./atomically.ts";
import { dueSooner } from "./due-sooner.ts";
import type { Engine } from "./engine.ts";
import { lastByKey } from "./last-by-key.ts";
import { leasedTo } from "./queue-lease.ts";
import { SINCE_LEFT, sinceOf } from "./queue-signal.ts";
import type { Db, Tables } from "./tables.ts";

type Signal = Omit<RemoteItem, "attempts">;
type Named = Pick<RemoteItem, "object" | "hubspot_id">;
type Take = Parameters<RemoteQueueStore["claim"]>[0];
type Retry = Parameters<RemoteQueueStore["retry"]>[0][number];

const names = { object: "text", hubspot_id: "text" } as const;

/** The queue over a connection or a transaction. */
export function remoteQueueStore(db: Db, engine: Engine): RemoteQueueStore {
  return {
    add: (items) => addSignals(db, engine, items),
    claim: (take) => claimEntries(db, engine, take),
    settle: (items, owner) => atomically(db, (trx) => settleEntries(trx, engine, items, owner)),
    retry: (items, owner) => atomically(db, (trx) => retryEntries(trx, engine, items, owner)),
    anyDue: async (now) => {
      const found = await sql`
        select 1 from hubspot_queue where due_at <= ${now} and ${isFree(now)} limit 1`.execute(db);
      return found.rows.length > 0;
    },
    dueSooner: (meant) => atomically(db, (trx) => dueSooner(trx, engine, "hubspot_queue", meant)),
    depth: (now) =>
      db
        .selectFrom("hubspot_queue")
        .select((eb) => [
          eb.fn.countAll<number>().filterWhere("due_at", "<=", now).as("due"),
          eb.fn.countAll<number>().filterWhere("due_at", ">", now).as("waiting"),
        ])
        .executeTakeFirstOrThrow(),
  };
}

const keyOf = (item: Named) => `${item.object} ${item.hubspot_id}`;

const isFree = (now: string) => sql<boolean>`(lease_until is null or lease_until <= ${now})`;

async function addSignals(db: Db, engine: Engine, items: readonly Signal[]): Promise<void> {
  await engine.forRows(
    db,
    {
      columns: { ...names, kind: "text", due_at: "text", since: "text" },
      rows: engine
        .lockOrder(lastByKey(items, keyOf, joined), keyOf)
        .map((item) => ({ ...item, since: item.since ?? item.due_at })),
    },
    (v) => sql`
      insert into hubspot_queue (object, hubspot_id, kind, due_at, since)
      select v.object, v.hubspot_id, v.kind, v.due_at, v.since from ${v} where true
      on conflict (object, hubspot_id) do update set
        kind = case when hubspot_queue.kind = 'erase' then 'erase' else excluded.kind end,
        version = hubspot_queue.version + 1,
        due_at = case when excluded.due_at < hubspot_queue.due_at then excluded.due_at else hubspot_queue.due_at end,
        ${sql.raw(sinceOf("hubspot_queue"))}`,
  );
}

function joined(earlier: Signal, later: Signal): Signal {
  const [one, other] = [earlier.since ?? earlier.due_at, later.since ?? later.due_at];
  return {
    ...later,
    kind: earlier.kind === "erase" ? "erase" : later.kind,
    due_at: later.due_at < earlier.due_at ? later.due_at : earlier.due_at,
    since: one < other ? one : other,
  };
}

/** One statement, in the shape that claims of the other queue have, for the same reasons. */
async function claimEntries(db: Db, engine: Engine, take: Take): Promise<readonly RemoteItem[]> {
  const rows = await db
    .with("candidates", (cte) => dueEntries(cte, engine, take))
    .updateTable("hubspot_queue")
    .set(leasedTo(take))
    .where(sql<boolean>`(object, hubspot_id) in (select object, hubspot_id from candidates)`)
    .where(isFree(take.now))
    .returning(["object", "hubspot_id", "kind", "attempts", "due_at", "since"])
    .execute();
  return rows.map((row) => ({ ...row, since: row.since ?? row.due_at })).sort(byDue);
}

function dueEntries(db: QueryCreator<Tables>, engine: Engine, take: Take) {
  return engine.skipLocked(
    db
      .selectFrom("hubspot_queue")
      .select(["object", "hubspot_id"])
      .where("due_at", "<=", take.now)
      .where(isFree(take.now))
      .orderBy("due_at")
      .orderBy("object")
      .orderBy("hubspot_id")
      .limit(take.limit),
  );
}

function byDue(a: RemoteItem, b: RemoteItem): number {
  const [one, other] = [`${a.due_at} ${keyOf(a)}`, `${b.due_at} ${keyOf(b)}`];
  return one < other ? -1 : Number(one > other);
}

async function settleEntries(db: Db, engine: Engine, items: readonly Named[], owner: string) {
  const rows = await heldBy(db, engine, items, owner);
  const list = { columns: names, rows };
  await engine.forRows(
    db,
    list,
    (v) => sql`
      delete from hubspot_queue
      where (object, hubspot_id) in (select v.object, v.hubspot_id from ${v})
        and lease_owner = ${owner} and version = leased_version`,
  );
  // What is left of them was signalled again: new work, without the old tries.
  await engine.forRows(
    db,
    list,
    (v) => sql`
      update hubspot_queue set ${FREED}, attempts = 0, error = null, since = ${sql.raw(SINCE_LEFT)}
      from ${v}
      where hubspot_queue.object = v.object and hubspot_queue.hubspot_id = v.hubspot_id
        and hubspot_queue.lease_owner = ${owner}`,
  );
}

const FREED: RawBuilder<unknown> = sql`lease_owner = null, lease_until = null,
  leased_version = null, since_again = null`;

/** Counts the try. An entry signalled again while leased stays due now. */
async function retryEntries(db: Db, engine: Engine, items: readonly Retry[], owner: string) {
  const last = lastByKey(items, keyOf);
  await heldBy(db, engine, last, owner);
  await engine.forRows(
    db,
    { columns: { ...names, due_at: "text", error: "text" }, rows: last },
    (v) => sql`
      update hubspot_queue set
        attempts = attempts + 1,
        due_at = case when version = leased_version then v.due_at else hubspot_queue.due_at end,
        error = v.error,
        ${FREED}
      from ${v}
      where hubspot_queue.object = v.object and hubspot_queue.hubspot_id = v.hubspot_id
        and hubspot_queue.lease_owner = ${owner}`,
  );
}

/** The entries without doubles, locked in the order in which signals lock them. */
async function heldBy(db: Db, engine: Engine, items: readonly Named[], owner: string) {
  const rows = lastByKey(items, keyOf).map(({ object, hubspot_id }) => ({ object, hubspot_id }));
  await engine.lockRows(
    db
      .selectFrom("hubspot_queue")
      .select("hubspot_id")
      .where("lease_owner", "=", owner)
      .where(
        engine.among(
          sql.ref("hubspot_id"),
          rows.map((row) => row.hubspot_id),
        ),
      )
      .orderBy("object")
      .orderBy("hubspot_id"),
  );
  return rows;
}
