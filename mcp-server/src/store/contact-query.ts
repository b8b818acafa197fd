/** Pages of contacts: keyset paging by the sort column and the id, so that a page costs the same at any depth. */
import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import type { Contact } from "../core/contact.ts";
import type { ContactQuery, Page } from "../ports/contact-store.ts";
import { type PageEnd, readCursor, writeCursor } from "./contact-cursor.ts";
import { filterConditions, searchCondition } from "./contact-filter.ts";
import { toContact } from "./contact-rows.ts";
import type { Db } from "./tables.ts";

interface Order {
  /** What is compared: text without regard to ASCII case. null when the order is by id alone. */
  readonly key: RawBuilder<unknown> | null;
  readonly descending: boolean;
}

const CASELESS: ReadonlySet<string> = new Set(["first_name", "last_name", "company"]);

/** One page and the number of all matches. Rows without a value in the sort column come last in either direction. */
export async function queryContacts(db: Db, query: ContactQuery): Promise<Page<Contact>> {
  const after = query.cursor === undefined ? null : readCursor(query, query.cursor);
  const order = orderOf(query);
  const total = await countMatches(db, query);
  const rows = await pageRows(db, query, order, after);
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  return {
    total,
    items: items.map(({ sort_key: _, ...row }) => toContact(row)),
    next_cursor:
      rows.length > query.limit && last
        ? writeCursor(query, { value: last.sort_key, id: last.id })
        : null,
  };
}

function orderOf(query: ContactQuery): Order {
  const { sort } = query;
  if (!sort) return { key: null, descending: false };
  const column = sql.ref(sort.field);
  const key = CASELESS.has(sort.field) ? sql`lower(${column})` : column;
  return { key, descending: sort.descending };
}

async function countMatches(db: Db, query: ContactQuery): Promise<number> {
  const row = await matching(db, query)
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirst();
  return Number(row?.total ?? 0);
}

function matching(db: Db, query: ContactQuery) {
  const { filter, search } = query;
  return db
    .selectFrom("contacts")
    .where((eb) =>
      eb.and([
        ...filterConditions(eb, filter),
        ...(search === undefined || search.trim() === "" ? [] : [searchCondition(search)]),
      ]),
    );
}

function pageRows(db: Db, query: ContactQuery, order: Order, after: PageEnd | null) {
  const direction = order.descending ? sql`desc` : sql`asc`;
  const key = order.key ?? sql`null`;
  let select = matching(db, query)
    .selectAll()
    .select(sql<string | number | null>`${key}`.as("sort_key"));
  if (after) select = select.where(isAfter(order, after));
  if (order.key) select = select.orderBy(sql`${order.key} ${direction} nulls last`);
  return select
    .orderBy(sql`id ${direction}`)
    .limit(query.limit + 1)
    .execute();
}

function isAfter({ key, descending }: Order, after: PageEnd): Expression<SqlBool> {
  const beyond = descending ? sql`<` : sql`>`;
  const nextId = sql`id ${beyond} ${after.id}`;
  if (!key) return sql<SqlBool>`${nextId}`;
  if (after.value === null) return sql<SqlBool>`(${key} is null and ${nextId})`;
  return sql<SqlBool>`(${key} is null or ${key} ${beyond} ${after.value} or (${key} = ${after.value} and ${nextId}))`;
}
