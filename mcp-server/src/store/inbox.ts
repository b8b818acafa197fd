/** The inbox of HubSpot's notifications: kept before they are answered, taken oldest first, forgotten some time after they were processed. */
import { sql } from "kysely";
import type { InboxOutcome, InboxStore, NewWebhookEvent } from "../ports/inbox-store.ts";
import type { Engine } from "./engine.ts";
import { mentioning } from "./mentions.ts";
import type { Db } from "./tables.ts";

const columns = {
  event_id: "text",
  subscription_type: "text",
  object: "text",
  object_id: "text",
  occurred_at: "text",
  payload: "text",
  error: "text",
} as const;

// Literals, because a partial index only serves a condition that repeats its own words.
const waits = sql<boolean>`processed_at is null`;
const isProcessed = sql<boolean>`processed_at is not null`;

/** The inbox over a connection or a transaction. */
export function inboxStore(db: Db, engine: Engine): InboxStore {
  return {
    add: (events, receivedAt) => addEvents(db, engine, events, receivedAt),
    take: (limit) =>
      engine
        .skipLocked(
          db
            .selectFrom("webhook_events")
            .select(["id", "event_id", "subscription_type", "object", "object_id"])
            .select(["occurred_at", "payload", "error", "received_at"])
            .where(waits)
            .orderBy("id")
            .limit(limit),
        )
        .execute(),
    settle: (events, processedAt) => settleEvents(db, engine, events, processedAt),
    any: async () => {
      const found = await sql`select 1 from webhook_events where ${waits} limit 1`.execute(db);
      return found.rows.length > 0;
    },
    depth: (limit) => inboxDepth(db, limit),
    outcomesSince: (since) => outcomesSince(db, since),
    mergesNaming: (ids) => mergesNaming(db, ids),
  };
}

async function addEvents(
  db: Db,
  engine: Engine,
  events: readonly NewWebhookEvent[],
  receivedAt: string,
): Promise<void> {
  await engine.forRows(
    db,
    { columns, rows: events },
    (v) => sql`
      insert into webhook_events
        (event_id, subscription_type, object, object_id, occurred_at, payload, error,
         received_at, processed_at, outcome)
      select v.event_id, v.subscription_type, v.object, v.object_id, v.occurred_at, v.payload, v.error,
        cast(${receivedAt} as text),
        case when v.error is null then null else cast(${receivedAt} as text) end,
        case when v.error is null then null else 'quarantined' end
      from ${v} where true`,
  );
}

type Settled = Parameters<InboxStore["settle"]>[0];

async function settleEvents(db: Db, engine: Engine, events: Settled, processedAt: string) {
  for (const [outcome, alike] of Map.groupBy(events, (event) => event.outcome)) {
    const ids = alike.map((event) => event.id);
    await db
      .updateTable("webhook_events")
      .set({ outcome, processed_at: processedAt })
      .where(engine.amongIds(sql.ref("id"), ids))
      .execute();
  }
}

/** Counted in the index alone; of the rows only the oldest is read. */
async function inboxDepth(db: Db, limit: number) {
  const found = await sql<{ waiting: number; oldest_at: string | null }>`
    select
      (select count(*) from (select id from webhook_events where ${waits} limit ${limit}) as counted) as waiting,
      (select received_at from webhook_events where ${waits} order by id limit 1) as oldest_at`.execute(
    db,
  );
  const row = found.rows[0];
  return { waiting: row?.waiting ?? 0, oldest_at: row?.oldest_at ?? null };
}

async function outcomesSince(
  db: Db,
  since: string,
): Promise<Readonly<Partial<Record<InboxOutcome, number>>>> {
  const rows = await db
    .selectFrom("webhook_events")
    .select(["outcome", (eb) => eb.fn.countAll<number>().as("count")])
    .where(isProcessed)
    .where("processed_at", ">=", since)
    .groupBy("outcome")
    .execute();
  return Object.fromEntries(
    rows.flatMap(({ outcome, count }) => (outcome === null ? [] : [[outcome, count]])),
  );
}

/** Read through as a whole: it is asked only when somebody is erased. */
async function mergesNaming(db: Db, ids: readonly string[]): Promise<readonly string[]> {
  const payloads = new Set<string>();
  for (const condition of mentioning(["payload"], ids)) {
    const rows = await db
      .selectFrom("webhook_events")
      .select("payload")
      .where("object", "=", "contacts")
      .where(sql<boolean>`lower(subscription_type) like '%.merge'`)
      .where(condition)
      .execute();
    for (const { payload } of rows) payloads.add(payload);
  }
  return [...payloads];
}
