/** Another program on the same database: it knows the tables and nothing of us. */
import Database from "better-sqlite3";
import pg from "pg";
import { onTestFinished } from "vitest";

type Row = Readonly<Record<string, unknown>>;

/** A plain connection. Statements carry their values in the text, as they differ in nothing else between the engines. */
export interface ForeignProgram {
  run(statement: string): Promise<void>;
  rows(query: string): Promise<readonly Row[]>;
}

/** Connects to the database of a store; the connection ends with the test. */
export async function foreignProgram(url: string): Promise<ForeignProgram> {
  return url.startsWith("postgres") ? onPostgres(url) : onSqlite(url);
}

function onSqlite(path: string): ForeignProgram {
  const database = new Database(path, { timeout: 10_000 });
  onTestFinished(() => {
    database.close();
  });
  return {
    run: async (statement) => {
      database.exec(statement);
    },
    rows: async (query) => database.prepare<[], Row>(query).all(),
  };
}

async function onPostgres(url: string): Promise<ForeignProgram> {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  const client = new pg.Client({ connectionString: url, types });
  await client.connect();
  onTestFinished(() => client.end());
  return {
    run: async (statement) => {
      await client.query(statement);
    },
    rows: async (query) => (await client.query<Row>(query)).rows,
  };
}
