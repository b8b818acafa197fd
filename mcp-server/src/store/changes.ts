/** Local changes of fields, which triggers record in the writer's own transaction. */
import { sql } from "kysely";
import type { ChangeStore, ChangingObject } from "../ports/change-store.ts";
import { captureChanges } from "./change-capture.ts";
import type { Engine } from "./engine.ts";
import { lastByKey } from "./last-by-key.ts";
import type { Db } from "./tables.ts";

/** The log of changes over a connection or a transaction. */
export function changeStore(db: Db, engine: Engine): ChangeStore {
  return {
    capture: (maps) => captureChanges(db, engine, maps),
    latest: (object, localIds) =>
      db
        .selectFrom("change_log")
        .select(["id", "local_id", "field", "before", "changed_at", "changed_by"])
        .where("id", "in", (eb) =>
          eb
            .selectFrom("change_log")
            .select((newest) => newest.fn.max("id").as("id"))
            .where("object", "=", object)
            .where(engine.amongIds(sql.ref("local_id"), localIds))
            .groupBy(["local_id", "field"]),
        )
        .execute(),
    forget: (object, upTo) => forgetChanges(db, engine, object, upTo),
  };
}

async function forgetChanges(
  db: Db,
  engine: Engine,
  object: ChangingObject,
  upTo: Parameters<ChangeStore["forget"]>[1],
): Promise<void> {
  const rows = lastByKey(upTo, (row) => `${row.local_id} ${row.field}`, later);
  await engine.forRows(
    db,
    { columns: { local_id: "bigint", field: "text", id: "bigint" }, rows },
    (v) => sql`
      delete from change_log where id in (
        select old.id from ${v}
        join change_log as old on old.object = ${object} and old.local_id = v.local_id
          and old.field = v.field and old.id <= v.id)`,
  );
}

type UpTo = Parameters<ChangeStore["forget"]>[1][number];

function later(one: UpTo, other: UpTo): UpTo {
  return one.id > other.id ? one : other;
}
