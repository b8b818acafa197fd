/** The database beside the servers that work on it, whichever engine it is of. */
import Database from "better-sqlite3";
import pg from "pg";

type Row = Readonly<Record<string, unknown>>;

/** A plain connection; statements carry their values in the text, as they differ in nothing else between the engines. */
export interface Connection {
  run(statement: string): Promise<void>;
  rows(query: string): Promise<readonly Row[]>;
  end(): Promise<void>;
}

export async function connectTo(url: string): Promise<Connection> {
  return url.startsWith("postgres") ? toPostgres(url) : toSqlite(url);
}

function toSqlite(path: string): Connection {
  const database = new Database(path, { timeout: 10_000 });
  return {
    run: async (statement) => {
      database.exec(statement);
    },
    rows: async (query) => database.prepare<[], Row>(query).all(),
    end: async () => {
      database.close();
    },
  };
}

async function toPostgres(url: string): Promise<Connection> {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  const client = new pg.Client({ connectionString: url, types });
  await client.connect();
  return {
    run: async (statement) => {
      await client.query(statement);
    },
    rows: async (query) => (await client.query<Row>(query)).rows,
    end: () => client.end(),
  };
}
