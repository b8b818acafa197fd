/** Document A's enrichment_cache. */
import { sql } from "kysely";
import type { CacheEntry, CacheStore } from "../ports/contact-store.ts";
import type { Engine } from "./engine.ts";
import { fromJsonText } from "./json-text.ts";
import { lastByKey } from "./last-by-key.ts";
import type { Db } from "./tables.ts";

/** Cached answers over a connection or a transaction. */
export function cacheStore(db: Db, engine: Engine): CacheStore {
  return {
    get: (type, keys, now) => readEntries(db, engine, { type, keys }, now),
    put: async (type, entries, times) => {
      const rows = lastByKey(entries, (entry) => entry.key).map(({ key, data }) => ({
        key,
        data: JSON.stringify(data ?? null),
      }));
      await engine.forRows(
        db,
        {
          columns: { key: "text", data: "text" },
          rows: engine.lockOrder(rows, (row) => row.key),
        },
        (v) => sql`
          insert into enrichment_cache (type, key, data, cached_at, expires_at)
          select cast(${type} as text), v.key, v.data, cast(${times.now} as text), cast(${times.expires_at} as text)
          from ${v} where true
          on conflict (type, key) do update set
            data = excluded.data, cached_at = excluded.cached_at, expires_at = excluded.expires_at`,
      );
    },
  };
}

async function readEntries(
  db: Db,
  engine: Engine,
  wanted: { readonly type: string; readonly keys: readonly string[] },
  now: string,
): Promise<ReadonlyMap<string, CacheEntry>> {
  const rows = await db
    .selectFrom("enrichment_cache")
    .select(["key", "data", "cached_at"])
    .where("type", "=", wanted.type)
    .where(engine.among(sql.ref("key"), wanted.keys))
    .where("expires_at", ">", now)
    .execute();
  return new Map(rows.map((row) => [row.key, { ...row, data: fromJsonText<unknown>(row.data) }]));
}
