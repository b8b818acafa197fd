/** Links between local records and HubSpot's: one to one, kept when e-mails change. */
import { sql } from "kysely";
import type { Link, LinkStore } from "../ports/sync-store.ts";
import { atomically } from "./atomically.ts";
import type { Engine } from "./engine.ts";
import { lastByKey } from "./last-by-key.ts";
import { hubspotNumber } from "./migrations/003-inbound.ts";
import type { Db } from "./tables.ts";
import { nextRound } from "./turns.ts";

const IDS_AT_ONCE = 20_000;

const columns = { object: "text", local_id: "bigint", hubspot_id: "text" } as const;

/** Links over a connection or a transaction. */
export function linkStore(db: Db, engine: Engine): LinkStore {
  const links = (object: Link["object"]) =>
    db
      .selectFrom("links")
      .select(["object", "local_id", "hubspot_id"])
      .where("object", "=", object);
  return {
    byLocalIds: (object, ids) =>
      links(object)
        .where(engine.amongIds(sql.ref("local_id"), ids))
        .execute(),
    byHubspotIds: (object, ids) =>
      links(object)
        .where(engine.among(sql.ref("hubspot_id"), ids))
        .execute(),
    put: (put, now) => atomically(db, (trx) => putLinks(trx, engine, oneToOne(put), now)),
    remove: async (object, localIds) => {
      await db
        .deleteFrom("links")
        .where("object", "=", object)
        .where(engine.amongIds(sql.ref("local_id"), localIds))
        .execute();
    },
    between: (object, range) => linksBetween(db, object, range),
    unlinked: (object, page) => unlinkedIds(db, object, page),
  };
}

/** Its text is the migration's: 20 digits, which every number of HubSpot's fits. */
const byNumber = sql<string>`${sql.raw(hubspotNumber)}`;
const asNumber = (id: string) => id.padStart(20, "0");

function linksBetween(
  db: Db,
  object: Link["object"],
  { after, upTo, limit }: Parameters<LinkStore["between"]>[1],
): Promise<readonly Link[]> {
  let found = db
    .selectFrom("links")
    .select(["object", "local_id", "hubspot_id"])
    .where("object", "=", object)
    .orderBy(byNumber)
    .limit(limit);
  if (after !== null) found = found.where(byNumber, ">", asNumber(after));
  if (upTo !== null) found = found.where(byNumber, "<=", asNumber(upTo));
  return found.execute();
}

type Unlinkable = "contacts" | "customers";

/** Nearly all records may be linked: looking through a million of them for the next one must not hold up everybody else. */
async function unlinkedIds(
  db: Db,
  object: Unlinkable,
  { afterId, limit }: { readonly afterId: number; readonly limit: number },
): Promise<readonly number[]> {
  const newest = await newestId(db, object);
  const found: number[] = [];
  for (let from = afterId; from < newest && found.length < limit; from += IDS_AT_ONCE) {
    const range = { from, to: from + IDS_AT_ONCE, limit: limit - found.length };
    found.push(...(await unlinkedAmong(db, object, range)));
    await nextRound();
  }
  return found;
}

async function newestId(db: Db, object: Unlinkable): Promise<number> {
  const row = await db
    .selectFrom(object)
    .select((eb) => eb.fn.max("id").as("id"))
    .executeTakeFirst();
  return row?.id ?? 0;
}

async function unlinkedAmong(
  db: Db,
  object: Unlinkable,
  { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
): Promise<readonly number[]> {
  const found = await sql<{ id: number }>`
    select id from ${sql.table(object)} as record
    where id > ${from} and id <= ${to} and not exists (
      select 1 from links where links.object = ${object} and links.local_id = record.id)
    order by id limit ${limit}`.execute(db);
  return found.rows.map((row) => row.id);
}

function oneToOne(links: readonly Link[]): readonly Link[] {
  const byLocal = lastByKey(links, (link) => `${link.object} ${link.local_id}`);
  return lastByKey(byLocal, (link) => `${link.object} ${link.hubspot_id}`);
}

async function putLinks(db: Db, engine: Engine, links: readonly Link[], now: string) {
  const rows = engine.lockOrder(links, (link) => `${link.object} ${link.local_id}`);
  // Whatever else holds one of the two ids goes first; the same pair stays as it is.
  for (const key of ["local_id", "hubspot_id"] as const) {
    await engine.forRows(
      db,
      { columns, rows },
      (v) => sql`
        delete from links
        where (object, ${sql.id(key)}) in (select v.object, ${sql.id("v", key)} from ${v})
          and (object, local_id, hubspot_id) not in (select v.object, v.local_id, v.hubspot_id from ${v})`,
    );
  }
  await engine.forRows(
    db,
    { columns, rows },
    (v) => sql`
      insert into links (object, local_id, hubspot_id, linked_at)
      select v.object, v.local_id, v.hubspot_id, cast(${now} as text) from ${v} where true
      on conflict (object, local_id) do update
        set hubspot_id = excluded.hubspot_id, linked_at = excluded.linked_at
        where links.hubspot_id <> excluded.hubspot_id`,
  );
}
