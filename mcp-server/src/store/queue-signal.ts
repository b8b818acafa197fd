/** What a further signal does to an entry of a queue, for statements and for triggers. */

/** What a signal leaves of the times since when an entry of the table waits. One that comes while the entry is leased is still open when that is settled. */
export function sinceOf(table: "sync_queue" | "hubspot_queue"): string {
  const earlier = (column: string) =>
    `case when ${table}.${column} < excluded.since then ${table}.${column} else excluded.since end`;
  return `since = ${earlier("since")},
  since_again = case when ${table}.leased_version is not null then ${earlier("since_again")} end`;
}

/** What is left of them for an entry that stays although its lease was settled: only what came meanwhile. */
export const SINCE_LEFT = "coalesce(since_again, since)";

/** The end of an insert into `sync_queue`: an entry that exists is marked dirty again, due at the earlier time. */
export const MARKED_AGAIN = `on conflict (object, local_id) do update set
  reason = excluded.reason,
  version = sync_queue.version + 1,
  due_at = case when excluded.due_at < sync_queue.due_at then excluded.due_at else sync_queue.due_at end,
  urgent = case when excluded.urgent > sync_queue.urgent then excluded.urgent else sync_queue.urgent end,
  inbound = case when excluded.inbound > sync_queue.inbound then excluded.inbound else sync_queue.inbound end,
  ${sinceOf("sync_queue")}`;
