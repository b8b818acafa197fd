/** What both sides agreed on, one row a record: the base of the three-way merge. */
import { type Expression, type SqlBool, sql } from "kysely";
import type { FieldStateStore } from "../ports/sync-store.ts";
import type { Engine } from "./engine.ts";
import { fromJsonText } from "./json-text.ts";
import { lastByKey } from "./last-by-key.ts";
import type { Db } from "./tables.ts";

const columns = { object: "text", local_id: "bigint", base: "text", synced_at: "text" } as const;

/** Bases over a connection or a transaction. */
export function fieldStateStore(db: Db, engine: Engine): FieldStateStore {
  return {
    get: async (object, localIds) => {
      const rows = await db
        .selectFrom("field_state")
        .selectAll()
        .where("object", "=", object)
        .where(engine.amongIds(sql.ref("local_id"), localIds))
        .execute();
      return rows.map((row) => ({
        ...row,
        base: fromJsonText<Record<string, string | null>>(row.base),
      }));
    },
    put: async (states) => {
      const key = (row: { object: string; local_id: number }) => `${row.object} ${row.local_id}`;
      const rows = lastByKey(states, key).map((state) => ({
        ...state,
        base: JSON.stringify(state.base),
      }));
      await engine.forRows(
        db,
        { columns, rows: engine.lockOrder(rows, key) },
        (v) => sql`
          insert into field_state (object, local_id, base, synced_at)
          select v.object, v.local_id, v.base, v.synced_at from ${v} where true
          on conflict (object, local_id) do update
            set base = excluded.base, synced_at = excluded.synced_at`,
      );
    },
    forget: async (object, fields) => {
      if (fields.length === 0) return;
      await sql`
        update field_state set base = ${engine.jsonWithout(sql.ref("base"), isAbout(fields))}
        where object = ${object}`.execute(db);
    },
  };
}

/** The field's own entry, or one that a companion of it made: `field@…`. */
function isAbout(fields: readonly string[]) {
  return (key: Expression<unknown>): Expression<SqlBool> => {
    const matches = fields.map((field) => {
      const companion = `${field}@`;
      return sql`${key} = ${field} or substr(${key}, 1, ${[...companion].length}) = ${companion}`;
    });
    return sql<SqlBool>`(${sql.join(matches, sql` or `)})`;
  };
}
