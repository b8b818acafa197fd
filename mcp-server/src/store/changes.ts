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

type UpTo = Parameters<ChangeStore["forget"]>[1][number];

/** What came after the given change of its field stays. */
async function forgetChanges(
  db: Db,
  engine: Engine,
  object: ChangingObject,
  upTo: readonly UpTo[],
): Promise<void> {
  const key = (row: { local_id: number; field: string }) => `${row.local_id} ${row.field}`;
  const last = new Map(lastByKey(upTo, key, later).map((row) => [key(row), row.id]));
  const rows = await db
    .selectFrom("change_log")
    .select(["id", "local_id", "field"])
    .where("object", "=", object)
    .where(engine.amongIds(sql.ref("local_id"), [...new Set(upTo.map((row) => row.local_id))]))
    .execute();
  const old = rows.filter((row) => row.id <= (last.get(key(row)) ?? 0)).map((row) => row.id);
  if (old.length === 0) return;
  await db
    .deleteFrom("change_log")
    .where(engine.amongIds(sql.ref("id"), old))
    .execute();
}

function later(one: UpTo, other: UpTo): UpTo {
  return one.id > other.id ? one : other;
}
