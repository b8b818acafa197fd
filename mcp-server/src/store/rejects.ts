/** Rows that an import could not take, kept whole with their reason. */
import { sql } from "kysely";
import type { RejectStore } from "../ports/contact-store.ts";
import type { Engine } from "./engine.ts";
import { fromJsonText } from "./json-text.ts";
import type { Db } from "./tables.ts";

const columns = {
  row: "integer",
  raw: "text",
  code: "text",
  message: "text",
  field: "text",
} as const;

/** Rejected rows over a connection or a transaction. A row of a job is kept once, however often it is added. */
export function rejectStore(db: Db, engine: Engine): RejectStore {
  return {
    add: async (jobId, rejects, now) => {
      const rows = rejects.map(({ row, raw, rejection }) => ({
        row,
        raw: JSON.stringify(raw),
        code: rejection.code,
        message: rejection.message,
        field: rejection.field,
      }));
      await engine.forRows(
        db,
        { columns, rows },
        (v) => sql`
          insert into import_rejects (job_id, "row", raw, code, message, field, created_at)
          select cast(${jobId} as text), v."row", v.raw, v.code, v.message, v.field, cast(${now} as text)
          from ${v} where true
          on conflict (job_id, "row") do nothing`,
      );
    },
    list: async (jobId, afterRow, limit) => {
      const rows = await db
        .selectFrom("import_rejects")
        .selectAll()
        .where("job_id", "=", jobId)
        .where("row", ">", afterRow)
        .orderBy("row")
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...row, raw: fromJsonText<Record<string, string>>(row.raw) }));
    },
  };
}
