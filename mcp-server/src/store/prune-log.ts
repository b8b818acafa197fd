/** Walks the sync log by id, which grows with time, and forgets the old rows that have nothing left to tell. */
import { type Selectable, sql } from "kysely";
import { forgettable, type TellingRow } from "../core/retention.ts";
import type { Pruned, PrunePiece } from "../ports/retention-store.ts";
import type { Engine } from "./engine.ts";
import { unpackFields } from "./logged-fields.ts";
import type { Db, SyncLogTable } from "./tables.ts";

// Of a record that changes every second the newest rows are enough: they name what changes all the time, and what they leave out only makes
// more stay.
const NEWER_ROWS = 32;
// What earlier pieces left of a record: a few rows for each of its fields.
const OLDER_ROWS = 200;

type LogRow = Pick<
  Selectable<SyncLogTable>,
  "id" | "object" | "local_id" | "action" | "outcome" | "marker" | "hubspot_id" | "fields"
>;

/** Looks at the next rows and at what the log has of their records before and after them. Call it inside a transaction. */
export async function pruneLog(
  db: Db,
  engine: Engine,
  { before, afterId, limit }: PrunePiece,
): Promise<Pruned> {
  const next = await db
    .selectFrom("sync_log")
    .select(["id", "object", "local_id", "created_at"])
    .where("id", ">", afterId)
    .orderBy("id")
    .limit(limit)
    .execute();
  const young = next.findIndex(({ created_at }) => created_at >= before);
  const old = young === -1 ? next : next.slice(0, young);
  const upTo = old.at(-1)?.id;
  if (upTo === undefined) return { forgotten: 0, at: afterId, more: false };
  const rows = await rowsAround(db, engine, old, { afterId, upTo });
  const byRecord = Map.groupBy(rows, recordOf);
  const ids = [...byRecord.values()].flatMap((own) => forgettable(own.map(toTelling), upTo));
  await db
    .deleteFrom("sync_log")
    .where(engine.amongIds(sql.ref("id"), ids))
    .execute();
  return { forgotten: ids.length, at: upTo, more: old.length === limit };
}

function recordOf({ object, local_id }: Pick<LogRow, "object" | "local_id">): string {
  return `${object} ${local_id}`;
}

function toTelling({ fields, ...row }: LogRow): TellingRow {
  return { ...row, fields: unpackFields(fields).map(({ field }) => field) };
}

type Page = Pick<PrunePiece, "afterId"> & { readonly upTo: number };

/** The page's rows, and of their records what the log still has before it and the newest after it. */
async function rowsAround(
  db: Db,
  engine: Engine,
  old: readonly Pick<LogRow, "id" | "object" | "local_id">[],
  page: Page,
): Promise<readonly LogRow[]> {
  const records = [...new Map(old.map((row) => [recordOf(row), row])).values()];
  const around = await engine.forRows(
    db,
    { columns: { object: "text", local_id: "bigint" }, rows: records },
    (v) => sql<{ ids: string | null }>`
      select ${idList(sql`own.id <= ${page.afterId}`, OLDER_ROWS)} as ids from ${v}
      union all
      select ${idList(sql`own.id > ${page.upTo}`, NEWER_ROWS)} as ids from ${v}`,
  );
  const others = around.flatMap(({ ids }) => (ids === null ? [] : ids.split(","))).map(Number);
  return db
    .selectFrom("sync_log")
    .select(["id", "object", "local_id", "action", "outcome", "marker", "hubspot_id", "fields"])
    .where(engine.amongIds(sql.ref("id"), [...old.map(({ id }) => id), ...others]))
    .execute();
}

/** As one text for each record, because a bounded list for each of many rows is spelt differently by the engines. */
function idList(range: ReturnType<typeof sql>, limit: number) {
  return sql`(select string_agg(cast(listed.id as text), ',') from (
    select own.id from sync_log as own
    where own.object = v.object and own.local_id = v.local_id and ${range}
    order by own.id desc limit ${limit}) as listed)`;
}
