/** Contacts in the database. */
import { type Expression, type SqlBool, sql } from "kysely";
import type { Contact } from "../core/contact.ts";
import type { ContactFilter } from "../core/selection.ts";
import type { ContactStore, NewContact } from "../ports/contact-store.ts";
import { filterConditions } from "./contact-filter.ts";
import { contactIds } from "./contact-ids.ts";
import { queryContacts } from "./contact-query.ts";
import {
  contactColumns,
  newContactColumns,
  newContactRow,
  patchColumns,
  toContact,
} from "./contact-rows.ts";
import type { Engine } from "./engine.ts";
import { patchRows } from "./patch-rows.ts";
import { removeRecords } from "./remove-records.ts";
import type { Db } from "./tables.ts";
import type { Writing } from "./writing-as.ts";

/** Contacts over a connection or a transaction. */
export function contactStore(db: Db, engine: Engine, writing: Writing): ContactStore {
  return {
    findByEmails: async (emails) => {
      const wanted = emails.map((email) => email.toLowerCase());
      return findContacts(db, engine, engine.among(sql.ref("email"), wanted));
    },
    findByIds: (ids) => findContacts(db, engine, engine.amongIds(sql.ref("id"), ids)),
    insert: (rows) => insertContacts(db, engine, rows),
    update: (patches, now) =>
      writing((named) =>
        patchRows(
          named,
          engine,
          { name: "contacts", columns: contactColumns },
          patches.map(({ id, set }) => ({ id, set: patchColumns(set, now) })),
        ),
      ),
    updateAll: (ids, set, now) =>
      writing(async (named) => {
        await named
          .updateTable("contacts")
          .set(patchColumns(set, now))
          .where(engine.amongIds(sql.ref("id"), ids))
          .execute();
      }),
    query: (query) => queryContacts(db, query),
    count: (filter) => countContacts(db, filter),
    countByStatus: () => countByStatus(db),
    idsToEnrich: (selection, afterId, limit, now) =>
      contactIds(db, engine, selection, { stage: "enrich", afterId, limit, now }),
    idsToSync: (selection, afterId, limit, now) =>
      contactIds(db, engine, selection, { stage: "sync", afterId, limit, now }),
    nextRetryAt: (stage) => nextRetryAt(db, stage),
    remove: (ids) => removeRecords(db, engine, "contacts", ids),
  };
}

/** Inside a transaction contacts are read to be written, so nobody may change them in between. */
async function findContacts(
  db: Db,
  engine: Engine,
  condition: Expression<SqlBool>,
): Promise<readonly Contact[]> {
  const found = db.selectFrom("contacts").selectAll().where(condition);
  const rows = await (db.isTransaction ? engine.held(found) : found).execute();
  return rows.map(toContact);
}

/** E-mails that exist already, or come twice, are left alone; two processes may insert the same ones at once. */
async function insertContacts(
  db: Db,
  engine: Engine,
  contacts: readonly NewContact[],
): Promise<readonly { id: number; email: string }[]> {
  const rows = engine.lockOrder(contacts.map(newContactRow), (row) => row.email ?? "");
  const names = Object.keys(newContactColumns);
  const columns = sql.join(names.map((name) => sql.id(name)));
  const values = sql.join(names.map((name) => sql.id("v", name)));
  const inserted = await engine.insertNew(
    db,
    { columns: newContactColumns, rows },
    "email",
    (v) => sql`
      insert into contacts (${columns}, updated_at, status)
      select ${values}, v.imported_at, 'imported' from ${v} where true
      on conflict (email) do nothing`,
  );
  return inserted.map(({ id, key }) => ({ id, email: key }));
}

async function countContacts(db: Db, filter: ContactFilter): Promise<number> {
  const row = await db
    .selectFrom("contacts")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where((eb) => eb.and([...filterConditions(eb, filter)]))
    .executeTakeFirst();
  return row?.count ?? 0;
}

async function countByStatus(db: Db): Promise<Readonly<Record<string, number>>> {
  const rows = await db
    .selectFrom("contacts")
    .select(["status", (eb) => eb.fn.countAll<number>().as("count")])
    .groupBy("status")
    .orderBy("status")
    .execute();
  return Object.fromEntries(rows.map((row) => [row.status, row.count]));
}

async function nextRetryAt(db: Db, stage: "enrich" | "sync"): Promise<string | null> {
  const row = await db
    .selectFrom("contacts")
    .select((eb) => eb.fn.min("retry_at").as("at"))
    // A literal, because a partial index only serves a condition that repeats its own words.
    .where(sql<SqlBool>`status = 'failed'`)
    .where("failed_stage", "=", stage)
    .executeTakeFirst();
  return row?.at ?? null;
}
