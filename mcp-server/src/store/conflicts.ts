/** Conflicts between the two sides: at most one open one for a field of a record. */
import { sql } from "kysely";
import type { ConflictStore, OpenConflict } from "../ports/sync-store.ts";
import type { Engine } from "./engine.ts";
import { lastByKey } from "./last-by-key.ts";
import type { Db } from "./tables.ts";

const columns = {
  object: "text",
  local_id: "bigint",
  field: "text",
  base: "text",
  local: "text",
  hubspot: "text",
} as const;

/** Conflicts over a connection or a transaction. */
export function conflictStore(db: Db, engine: Engine): ConflictStore {
  return {
    open: (conflicts, now) => openConflicts(db, engine, conflicts, now),
    closeAgreed: async (object, closed, now) => {
      await engine.forRows(
        db,
        { columns: { local_id: "bigint", field: "text" }, rows: closed },
        (v) => sql`
          update conflicts set status = 'closed', closed_at = ${now}, updated_at = ${now}
          from ${v}
          where conflicts.status = 'open' and conflicts.object = ${object}
            and conflicts.local_id = v.local_id and conflicts.field = v.field`,
      );
    },
    countOpen: async () => {
      const row = await db
        .selectFrom("conflicts")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .where(sql<boolean>`status = 'open'`)
        .executeTakeFirst();
      return row?.count ?? 0;
    },
  };
}

/** The version moves only when a value did, so that a decision on what is still true is not refused as stale. */
async function openConflicts(
  db: Db,
  engine: Engine,
  conflicts: readonly OpenConflict[],
  now: string,
): Promise<void> {
  const key = (row: OpenConflict) => `${row.object} ${row.local_id} ${row.field}`;
  const rows = engine.lockOrder(lastByKey(conflicts, key), key);
  await engine.forRows(
    db,
    { columns, rows },
    (v) => sql`
      insert into conflicts
        (object, local_id, field, base, local, hubspot, status, created_at, updated_at)
      select v.object, v.local_id, v.field, v.base, v.local, v.hubspot, 'open',
        cast(${now} as text), cast(${now} as text)
      from ${v} where true
      on conflict (object, local_id, field) where status = 'open' do update set
        base = excluded.base, local = excluded.local, hubspot = excluded.hubspot,
        version = conflicts.version + 1, updated_at = excluded.updated_at
      where conflicts.base is distinct from excluded.base
        or conflicts.local is distinct from excluded.local
        or conflicts.hubspot is distinct from excluded.hubspot`,
  );
}
