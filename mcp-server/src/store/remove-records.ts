/** Deletes records here, with everything that is only kept for them; the log of what happened to them stays. */
import { sql } from "kysely";
import { atomically } from "./atomically.ts";
import type { Engine } from "./engine.ts";
import type { Db } from "./tables.ts";

const BY_LOCAL_ID = ["change_log", "field_state", "sync_queue", "links", "plan_records"] as const;

/** Deletes contacts or customers by id; unknown ids are passed over. */
export async function removeRecords(
  db: Db,
  engine: Engine,
  object: "contacts" | "customers",
  ids: readonly number[],
): Promise<void> {
  if (ids.length === 0) return;
  await atomically(db, async (trx) => {
    for (const table of BY_LOCAL_ID) {
      await trx
        .deleteFrom(table)
        .where("object", "=", object)
        .where(engine.amongIds(sql.ref("local_id"), ids))
        .execute();
    }
    // Last, so that no earlier statement can tell anybody of a record that is half gone.
    await trx
      .deleteFrom(object)
      .where(engine.amongIds(sql.ref("id"), ids))
      .execute();
  });
}
