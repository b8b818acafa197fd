/** Prepared statements of SQLite that run once for each of many rows: its fastest way to write them. */
import type Database from "better-sqlite3";
import type { SqliteStatement } from "kysely";

/** The parameters of each row, as one parameter of the statement; and what became of each row. */
export class RowParameters {
  readonly rows: readonly (readonly unknown[])[];
  /** After a statement that answers no rows: the id each row was inserted with, null when it was passed over. */
  insertedIds: readonly (number | null)[] = [];
  constructor(rows: readonly (readonly unknown[])[]) {
    this.rows = rows;
  }
}

/** The statement as Kysely calls it, which also takes RowParameters. */
export function overRows(statement: Database.Statement<unknown[]>): SqliteStatement {
  return {
    reader: statement.reader,
    all: (parameters) => readAll(statement, parameters),
    run: (parameters) => runAll(statement, parameters),
    iterate: (parameters) => statement.iterate(parameters),
  };
}

function readAll(
  statement: Database.Statement<unknown[]>,
  parameters: readonly unknown[],
): unknown[] {
  const [first] = parameters;
  if (!(first instanceof RowParameters)) return statement.all(parameters);
  return first.rows.flatMap((row) => statement.all(row));
}

function runAll(
  statement: Database.Statement<unknown[]>,
  parameters: readonly unknown[],
): Pick<Database.RunResult, "changes" | "lastInsertRowid"> {
  const [first] = parameters;
  if (!(first instanceof RowParameters)) return statement.run(parameters);
  let changed = 0;
  first.insertedIds = first.rows.map((row) => {
    const { changes, lastInsertRowid } = statement.run(row);
    changed += changes;
    return changes === 0 ? null : Number(lastInsertRowid);
  });
  return { changes: changed, lastInsertRowid: first.insertedIds.at(-1) ?? 0 };
}
