/** Every intent and outcome of a sync, one row a record write. */
import { type Selectable, sql } from "kysely";
import type { SyncLogEntry, SyncLogStore } from "../ports/sync-store.ts";
import type { Engine } from "./engine.ts";
import { failuresSince } from "./logged-failures.ts";
import { packFields, unpackFields } from "./logged-fields.ts";
import { movesOfBusy } from "./logged-moves.ts";
import { patchRows } from "./patch-rows.ts";
import type { Db, SyncLogTable } from "./tables.ts";

const columns = {
  run_id: "text",
  object: "text",
  local_id: "bigint",
  hubspot_id: "text",
  action: "text",
  outcome: "text",
  fields: "text",
  marker: "text",
  error: "text",
  created_at: "text",
  finished_at: "text",
} as const;

const ABANDONED = "The work was cut off before its outcome was noted; the record is read again.";

/** The log over a connection or a transaction. */
export function syncLogStore(db: Db, engine: Engine): SyncLogStore {
  return {
    add: (rows) => addRows(db, engine, rows),
    settle: (rows, now) =>
      patchRows(
        db,
        engine,
        { name: "sync_log", columns },
        rows.map(({ id, ...set }) => ({ id, set: { ...set, finished_at: now } })),
      ),
    abandon: async (object, localIds, now) => {
      await db
        .updateTable("sync_log")
        .set({ outcome: "unknown", error: ABANDONED, finished_at: now })
        .where("object", "=", object)
        .where(engine.amongIds(sql.ref("local_id"), localIds))
        .where("outcome", "=", "intent")
        .execute();
    },
    byMarkers: async (markers) => {
      const rows = await db
        .selectFrom("sync_log")
        .selectAll()
        // Said in words too, because the index holds only rows with a marker.
        .where("marker", "is not", null)
        .where(engine.among(sql.ref("marker"), markers))
        .execute();
      return rows.map(toEntry);
    },
    forRecord: async (object, localId, limit) => {
      const rows = await db
        .selectFrom("sync_log")
        .selectAll()
        .where("object", "=", object)
        .where("local_id", "=", localId)
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.map(toEntry);
    },
    movesOfBusy: async (object, ask) => (await movesOfBusy(db, engine, object, ask)).map(toEntry),
    failuresSince: (since, limit) => failuresSince(db, since, limit),
  };
}

/** Ids count up in the order of the rows, whatever order the engine answers in. Throws `conflict` for a known marker. */
async function addRows(
  db: Db,
  engine: Engine,
  rows: readonly Omit<SyncLogEntry, "id">[],
): Promise<readonly number[]> {
  const names = Object.keys(columns);
  const written = await engine.forRows(
    db,
    { columns, rows: rows.map((row) => ({ ...row, fields: packFields(row.fields) })) },
    (v) => sql<{ id: number }>`
      insert into sync_log (${sql.join(names.map((name) => sql.id(name)))})
      select ${sql.join(names.map((name) => sql.id("v", name)))} from ${v} where true
      returning id`,
  );
  return written.map((row) => row.id).sort((a, b) => a - b);
}

function toEntry(row: Selectable<SyncLogTable>): SyncLogEntry {
  return { ...row, fields: unpackFields(row.fields) };
}
