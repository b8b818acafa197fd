/** PostgreSQL through pg: a small pool, row locks, lists and rows as array parameters. */
import {
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  type SqlBool,
  sql,
} from "kysely";
import pg from "pg";
import { AppError } from "../core/errors.ts";
import type { Log } from "../ports/world.ts";
import type {
  ColumnTypes,
  Engine,
  OpenedDatabase,
  RowList,
  RowOf,
  Rows,
  Statement,
} from "./engine.ts";
import { toStoreError, translating } from "./engine-errors.ts";
import type { Db, Tables } from "./tables.ts";

// One process works on a few things at once; the rest of the server's connections belong to the other processes.
const CONNECTIONS = 5;
// Notifications are kept while all of the others are in long transactions.
const FIRST_CONNECTIONS = 2;
const CONNECT_TIMEOUT_MS = 10_000;

/** Opens a pool; nothing is sent before the first query. Throws `input` when the URL cannot be read. */
export function openPostgres(url: string, log: Log): OpenedDatabase {
  if (!URL.canParse(url)) {
    // Without a cause: the URL parser's own error repeats the address with its password.
    throw new AppError(
      "input",
      "DATABASE_URL is not a PostgreSQL address. Write postgres://user:password@host:5432/database, with special characters of the password percent-encoded.",
      { code: "DATABASE_URL_UNREADABLE" },
    );
  }
  const db = overPool(url, log, CONNECTIONS);
  const first = overPool(url, log, FIRST_CONNECTIONS);
  return {
    db,
    first,
    isAwaited: () => false,
    engine: postgresEngine,
    close: async () => {
      await Promise.all([first.destroy(), db.destroy()]);
    },
  };
}

function overPool(url: string, log: Log, connections: number): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "hubspot-sync",
    types: numericIds(),
  });
  // A server that restarts ends idle connections; without a listener that would end this process too.
  pool.on("error", (error) =>
    log.warn({ code: toStoreError(error).code }, "database connection lost"),
  );
  // The same for connections in use, which the pool does not listen to; their queries fail and say so.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new Kysely<Tables>({ dialect: new TranslatingDialect({ pool }) });
}

// Ids and counts come as bigint, which pg hands over as text; ours stay far below 2^53.
function numericIds(): pg.CustomTypesConfig {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  return types;
}

class TranslatingDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;
  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }
  override createDriver(): Driver {
    return new TranslatingDriver(this.#config);
  }
}

class TranslatingDriver extends PostgresDriver {
  override async acquireConnection(): Promise<DatabaseConnection> {
    try {
      return translating(await super.acquireConnection());
    } catch (error) {
      throw toStoreError(error);
    }
  }
}

const arrayTypes = {
  text: "text[]",
  integer: "integer[]",
  bigint: "bigint[]",
  real: "double precision[]",
  decimal: "numeric[]",
} as const;

function derivedTable<C extends ColumnTypes>({ columns, rows }: RowList<C>): Rows<C> {
  const entries = Object.entries(columns);
  const arrays = entries.map(
    ([name, type]) => sql`cast(${rows.map((row) => row[name])} as ${sql.raw(arrayTypes[type])})`,
  );
  const names = sql.join(entries.map(([name]) => sql.id(name)));
  return sql<RowOf<C>>`(select * from unnest(${sql.join(arrays)}) as listed (${names}))`.as("v");
}

const postgresEngine: Engine = {
  kind: "postgres",
  ddl: {
    kind: "postgres",
    id: "bigint generated always as identity primary key",
    text: 'text collate "C"',
    keyed: "",
    now: `to_char(statement_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  },
  among: (column, values) => sql<SqlBool>`${column} = any(cast(${[...values]} as text[]))`,
  amongIds: (column, values) => sql<SqlBool>`${column} = any(cast(${[...values]} as bigint[]))`,
  forRows: async <C extends ColumnTypes, R>(
    db: Db,
    list: RowList<C>,
    statement: (v: Rows<C>) => Statement<R>,
  ) => {
    if (list.rows.length === 0) return [];
    const result = await db.executeQuery<R>(statement(derivedTable(list)).compile(db));
    return result.rows;
  },
  insertNew: async (db, list, key, insert) => {
    if (list.rows.length === 0) return [];
    const result = await sql<{ id: number; key: string }>`
      ${insert(derivedTable(list))} returning id, ${sql.id(key)} as key`.execute(db);
    return result.rows;
  },
  lockOrder: (rows, key) =>
    rows
      .map((row) => ({ row, by: key(row) }))
      .sort((a, b) => (a.by < b.by ? -1 : 1))
      .map(({ row }) => row),
  skipLocked: (query) => query.forUpdate().skipLocked(),
  held: (query) => query.orderBy(sql`id`).forUpdate(),
  lockRows: async (query) => {
    await query.forUpdate().execute();
  },
  // As json and not jsonb, which refuses some texts that JSON can hold.
  jsonWithout: (column, isDropped) => sql<string>`(
    select coalesce(json_object_agg(entry.key, entry.value), '{}')::text
    from json_each(cast(${column} as json)) as entry
    where not ${isDropped(sql.ref("entry.key"))})`,
  announce: async (transaction, writer) => {
    await sql`select set_config('hubspot_sync.writer', ${writer ?? ""}, true)`.execute(transaction);
  },
  exclusive: async (transaction, name) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`hubspot-sync ${name}`}, 0))`.execute(
      transaction,
    );
  },
  // Asked of the catalogue as of any table: to_regclass may still answer from this session's cache, as it was before a lock.
  hasTable: async (db, name) => {
    const found = await sql`
      select 1 from pg_catalog.pg_tables
      where tablename = ${name} and schemaname = any(current_schemas(false))`.execute(db);
    return found.rows.length > 0;
  },
};
