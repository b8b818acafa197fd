/** What processes share beside records, why a conflict is one, and since when a record waits. */
import type { Ddl } from "./ddl.ts";

/** The statements of the fourth migration, in order. */
export function limitsAndHealth({ text, keyed }: Ddl): readonly string[] {
  return [
    `create table shared_state (
      name ${text} not null primary key,
      value ${text} not null,
      updated_at ${text} not null
    ) ${keyed}`,
    // Expired answers are forgotten in this order.
    "create index enrichment_cache_by_end on enrichment_cache (expires_at)",
    // both_changed, or loop: the field went to and fro. The history is JSON, newest last.
    `alter table conflicts add column reason ${text} not null default 'both_changed'`,
    `alter table conflicts add column history ${text}`,
    // The first signal that is not settled yet; a retry moves the due time, not this. Beside it the first one that came while the entry was leased.
    ...["sync_queue", "hubspot_queue"].flatMap((queue) => [
      `alter table ${queue} add column since ${text}`,
      `alter table ${queue} add column since_again ${text}`,
      `update ${queue} set since = due_at`,
      `create index ${queue}_by_since on ${queue} (since)`,
    ]),
  ];
}
