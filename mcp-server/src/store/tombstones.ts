/** Tombstones of records that ended on one side, so that nothing brings them back by itself. */
import { sql } from "kysely";
import type { Tombstone, TombstoneStore } from "../ports/life-store.ts";
import type { Engine } from "./engine.ts";
import { lastByKey } from "./last-by-key.ts";
import type { Db } from "./tables.ts";

const columns = {
  object: "text",
  hubspot_id: "text",
  local_id: "bigint",
  key_hash: "text",
  reason: "text",
  policy: "text",
  created_at: "text",
} as const;

/** Tombstones over a connection or a transaction. */
export function tombstoneStore(db: Db, engine: Engine): TombstoneStore {
  const stones = (object: Tombstone["object"]) =>
    db
      .selectFrom("tombstones")
      .select(["object", "hubspot_id", "local_id", "key_hash", "reason", "policy", "created_at"])
      .where("object", "=", object);
  return {
    put: (put) => putStones(db, engine, put),
    byHubspotIds: (object, ids) =>
      stones(object)
        .where(engine.among(sql.ref("hubspot_id"), ids))
        .execute(),
    byLocalIds: (object, ids) =>
      stones(object)
        // Said in words too, because the index holds only stones that know it; so below.
        .where("local_id", "is not", null)
        .where(engine.amongIds(sql.ref("local_id"), ids))
        .execute(),
    byKeyHashes: (object, hashes) =>
      stones(object)
        .where("key_hash", "is not", null)
        .where(engine.among(sql.ref("key_hash"), hashes))
        .execute(),
    any: async (like) => {
      let found = db.selectFrom("tombstones").select("object").limit(1);
      if (like) found = found.where("object", "=", like.object).where("reason", "=", like.reason);
      return (await found.execute()).length > 0;
    },
    remove: async (object, hubspotIds) => {
      await db
        .deleteFrom("tombstones")
        .where("object", "=", object)
        .where(engine.among(sql.ref("hubspot_id"), hubspotIds))
        .execute();
    },
    counts: () =>
      db
        .selectFrom("tombstones")
        .select(["object", "reason", "policy", (eb) => eb.fn.countAll<number>().as("count")])
        // A record's further keys have tombstones of their own, under ids with a stroke.
        .where("hubspot_id", "not like", "%/%")
        .groupBy(["object", "reason", "policy"])
        .orderBy("object")
        .orderBy("reason")
        .orderBy("policy")
        .execute(),
  };
}

async function putStones(db: Db, engine: Engine, stones: readonly Tombstone[]): Promise<void> {
  const key = (stone: Tombstone) => `${stone.object} ${stone.hubspot_id}`;
  const names = Object.keys(columns);
  await engine.forRows(
    db,
    { columns, rows: engine.lockOrder(lastByKey(stones, key), key) },
    (v) => sql`
      insert into tombstones (${sql.join(names.map((name) => sql.id(name)))})
      select ${sql.join(names.map((name) => sql.id("v", name)))} from ${v} where true
      on conflict (object, hubspot_id) do update set
        local_id = excluded.local_id, key_hash = excluded.key_hash, reason = excluded.reason,
        policy = excluded.policy, created_at = excluded.created_at`,
  );
}
