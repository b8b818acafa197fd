/** What SQLite does its own way: lists as JSON, rows as repeated prepared statements, one writer at a time. */
import { CompiledQuery, type Expression, type SqlBool, sql } from "kysely";
import { atomically } from "./atomically.ts";
import type { ColumnTypes, Engine, RowList, RowOf, Rows, Statement } from "./engine.ts";
import { RowParameters } from "./prepared-rows.ts";
import type { Db } from "./tables.ts";

/** Stands in a compiled statement where a row's value goes. */
class Slot {
  readonly column: string;
  constructor(column: string) {
    this.column = column;
  }
}

function inList(column: Expression<unknown>, values: readonly unknown[]): Expression<SqlBool> {
  return sql<SqlBool>`${column} in (select value from json_each(${JSON.stringify(values)}))`;
}

function fill(
  parameters: readonly unknown[],
  row: Readonly<Record<string, unknown>>,
): readonly unknown[] {
  return parameters.map((value) => (value instanceof Slot ? row[value.column] : value));
}

/** The statement over one row, compiled, with the parameters of all of them. */
function prepare<C extends ColumnTypes, R>(
  db: Db,
  { columns, rows }: RowList<C>,
  statement: (v: Rows<C>) => Statement<R>,
): { readonly query: CompiledQuery; readonly parameters: RowParameters } {
  const slots = Object.keys(columns).map((name) => sql`${new Slot(name)} as ${sql.id(name)}`);
  const compiled = statement(sql<RowOf<C>>`(select ${sql.join(slots)})`.as("v")).compile(db);
  const parameters = new RowParameters(rows.map((row) => fill(compiled.parameters, row)));
  return { query: CompiledQuery.raw(compiled.sql, [parameters]), parameters };
}

/** Many rows are one unit of work; a single statement is one by itself. */
async function runRows<R>(db: Db, query: CompiledQuery, count: number): Promise<readonly R[]> {
  if (count === 0) return [];
  const run = (within: Db) => within.executeQuery<R>(query);
  const result = await (count === 1 ? run(db) : atomically(db, run));
  return result.rows;
}

export const sqliteEngine: Engine = {
  kind: "sqlite",
  ddl: {
    kind: "sqlite",
    id: "integer primary key autoincrement",
    text: "text",
    keyed: "without rowid",
    now: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
  },
  among: (column, values) => inList(column, values),
  amongIds: (column, values) => inList(column, values),
  forRows: async <C extends ColumnTypes, R>(
    db: Db,
    list: RowList<C>,
    statement: (v: Rows<C>) => Statement<R>,
  ) => runRows<R>(db, prepare(db, list, statement).query, list.rows.length),
  // Each row's result tells whether it was inserted; `returning` would say the same for a third more time.
  insertNew: async (db, list, key, insert) => {
    const { query, parameters } = prepare(db, list, insert);
    await runRows(db, query, list.rows.length);
    return list.rows.flatMap((row, index) => {
      const id = parameters.insertedIds[index] ?? null;
      return id === null ? [] : [{ id, key: String(row[key]) }];
    });
  },
  lockOrder: (rows) => rows,
  skipLocked: (query) => query,
  // A write transaction of SQLite has the whole file for itself.
  held: (query) => query,
  lockRows: () => Promise.resolve(),
  jsonWithout: (column, isDropped) => sql<string>`(
    select json_group_object(entry.key, entry.value) from json_each(${column}) as entry
    where not ${isDropped(sql.ref("entry.key"))})`,
  announce: async (transaction, writer) => {
    await sql`delete from local_writer`.execute(transaction);
    if (writer !== null) {
      await sql`insert into local_writer (name) values (${writer})`.execute(transaction);
    }
  },
  exclusive: () => Promise.resolve(),
  hasTable: async (db, name) => {
    const found = await sql`select 1 from sqlite_master where name = ${name}`.execute(db);
    return found.rows.length > 0;
  },
};
