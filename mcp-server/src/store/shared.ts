/** Named values that several processes change together. */
import { sql } from "kysely";
import type { SharedStore } from "../ports/shared-store.ts";
import { atomically } from "./atomically.ts";
import type { Engine } from "./engine.ts";
import type { Db } from "./tables.ts";

/** Shared values over a connection. */
export function sharedStore(db: Db, engine: Engine): SharedStore {
  return {
    get: (name) => stored(db, name),
    change: (name, decide, now) =>
      atomically(db, async (trx) => {
        await engine.exclusive(trx, `shared ${name}`);
        const before = await stored(trx, name);
        const { value, result } = decide(before);
        if (value !== null && value !== before) await put(trx, { name, value, updated_at: now });
        return result;
      }),
    list: (prefix) =>
      db
        .selectFrom("shared_state")
        .selectAll()
        .where("name", ">=", prefix)
        .where(sql<boolean>`substr(name, 1, ${prefix.length}) = ${prefix}`)
        .orderBy("name")
        .execute(),
    remove: async (names) => {
      await db
        .deleteFrom("shared_state")
        .where(engine.among(sql.ref("name"), names))
        .execute();
    },
  };
}

async function stored(db: Db, name: string): Promise<string | null> {
  const row = await db
    .selectFrom("shared_state")
    .select("value")
    .where("name", "=", name)
    .executeTakeFirst();
  return row?.value ?? null;
}

async function put(
  db: Db,
  row: { readonly name: string; readonly value: string; readonly updated_at: string },
): Promise<void> {
  const { value, updated_at } = row;
  await db
    .insertInto("shared_state")
    .values(row)
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value, updated_at }))
    .execute();
}
