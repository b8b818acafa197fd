/** What a further signal does to an entry of the queue, for statements and for triggers. */

/** The end of an insert into `sync_queue`: an entry that exists is marked dirty again, due at the earlier time. */
export const MARKED_AGAIN = `on conflict (object, local_id) do update set
  reason = excluded.reason,
  version = sync_queue.version + 1,
  due_at = case when excluded.due_at < sync_queue.due_at then excluded.due_at else sync_queue.due_at end,
  urgent = case when excluded.urgent > sync_queue.urgent then excluded.urgent else sync_queue.urgent end,
  inbound = case when excluded.inbound > sync_queue.inbound then excluded.inbound else sync_queue.inbound end`;
