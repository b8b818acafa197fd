/** Entries of a queue that are due sooner than they say, because the clock they were written by is right no more. */
import { type RawBuilder, sql } from "kysely";
import type { Engine } from "./engine.ts";
import type { Db } from "./tables.ts";

const keys = {
  sync_queue: ["object", "local_id"],
  hubspot_queue: ["object", "hubspot_id"],
} as const;

/** Entries that come due after `now` and not after `until` are due now, whoever holds them. */
export async function dueSooner(
  db: Db,
  engine: Engine,
  table: keyof typeof keys,
  { now, until }: { readonly now: string; readonly until: string },
): Promise<void> {
  const isMeant: RawBuilder<boolean> = sql`due_at > ${now} and due_at <= ${until}`;
  const [first, second] = keys[table];
  // In the order in which signals lock them.
  await engine.lockRows(
    db.selectFrom(table).select("object").where(isMeant).orderBy(first).orderBy(second),
  );
  await db.updateTable(table).set({ due_at: now }).where(isMeant).execute();
}
