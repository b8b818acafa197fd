/** Small named values that outlive a run. */
import type { CursorStore } from "../ports/sync-store.ts";
import type { Db } from "./tables.ts";

/** Named values over a connection or a transaction. */
export function cursorStore(db: Db): CursorStore {
  return {
    get: async (name) => {
      const row = await db
        .selectFrom("cursors")
        .select("value")
        .where("name", "=", name)
        .executeTakeFirst();
      return row?.value ?? null;
    },
    set: async (name, value, now) => {
      await db
        .insertInto("cursors")
        .values({ name, value, updated_at: now })
        .onConflict((conflict) => conflict.column("name").doUpdateSet({ value, updated_at: now }))
        .execute();
    },
  };
}
