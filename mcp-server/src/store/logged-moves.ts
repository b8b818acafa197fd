/** What the log says was done of single fields a short while ago, of the few records of which much was done. */
import { type Expression, type Selectable, type SqlBool, sql } from "kysely";
import type { SyncLogStore, SyncObject } from "../ports/sync-store.ts";
import type { Engine } from "./engine.ts";
import type { Db, SyncLogTable } from "./tables.ts";

// A field that is sent every second for an hour writes less; older rows are not searched for those of the other fields.
const MAX_ROWS = 4_000;

/**
 * Rows of the busy ones among these records. Each record's row at the place `atLeast` from the newest tells by its time whether the record is
 * busy, which the index finds without reading the others.
 */
export async function movesOfBusy(
  db: Db,
  engine: Engine,
  object: SyncObject,
  { ids, fields, since, atLeast }: Parameters<SyncLogStore["movesOfBusy"]>[1],
): Promise<readonly Selectable<SyncLogTable>[]> {
  if (ids.length === 0 || fields.length === 0) return [];
  return await db
    .selectFrom("field_state")
    // The engines keep to this order: first who is busy, then what they did.
    .crossJoin("sync_log")
    .selectAll("sync_log")
    .where("field_state.object", "=", object)
    .where(engine.amongIds(sql.ref("field_state.local_id"), ids))
    .where(nthNewest<string>("created_at", atLeast), ">=", since)
    .where("sync_log.object", "=", object)
    .whereRef("sync_log.local_id", "=", "field_state.local_id")
    .where("sync_log.id", ">", sql<number>`coalesce(${nthNewest<number>("id", MAX_ROWS + 1)}, 0)`)
    .where("sync_log.created_at", ">=", since)
    .where("sync_log.outcome", "=", "done")
    .where("sync_log.action", "in", ["create", "update", "pull", "resolve"])
    .where((eb) => eb.or(fields.map(mentions)))
    .orderBy("sync_log.id")
    .execute();
}

/** A column of a record's row at this place from the newest one, which is the first; null when it has not so many. */
function nthNewest<T>(column: "id" | "created_at", nth: number): Expression<T> {
  return sql<T>`(
    select ${sql.id("one", column)} from sync_log as one
    where one.object = field_state.object and one.local_id = field_state.local_id
    order by one.id desc limit 1 offset ${sql.lit(nth - 1)})`;
}

/** The text of the fields may name a field so; a wildcard in its name finds a row too many. */
function mentions(field: string): Expression<SqlBool> {
  return sql<SqlBool>`sync_log.fields like ${`%${JSON.stringify(field)}%`}`;
}
