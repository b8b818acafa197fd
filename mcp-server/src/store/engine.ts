/** What the two engines do differently, as one interface: everything else is one query text. */
import type {
  AliasedRawBuilder,
  CompiledQuery,
  Expression,
  RawBuilder,
  SelectQueryBuilder,
  SqlBool,
} from "kysely";
import type { Ddl } from "./migrations/ddl.ts";
import type { Db } from "./tables.ts";

/** Types of the columns of a row list; an engine that sends rows as arrays needs them for its casts. */
export type ColumnTypes = Readonly<
  Record<string, "text" | "integer" | "bigint" | "real" | "decimal">
>;

/** A row of a row list: text columns and exact decimals hold strings, the others numbers; all may be null. */
export type RowOf<C extends ColumnTypes> = {
  readonly [K in keyof C]: Cell<C[K]> | null;
};

type Cell<T> = T extends "text" | "decimal" ? string : number;

/** A row list inside a statement, as the derived table `v`. */
export type Rows<C extends ColumnTypes> = AliasedRawBuilder<RowOf<C>, "v">;

export interface RowList<C extends ColumnTypes> {
  readonly columns: C;
  readonly rows: readonly RowOf<C>[];
}

/** Anything that compiles to a query: a builder, or a `sql` text. */
export interface Statement<R> {
  compile(db: Db): CompiledQuery<R>;
}

export interface Engine {
  readonly kind: "sqlite" | "postgres";
  readonly ddl: Ddl;
  /** `column in (values)` with a single parameter, so that no list is too long and the text stays the same. */
  among(column: Expression<unknown>, values: readonly string[]): Expression<SqlBool>;
  amongIds(column: Expression<unknown>, values: readonly number[]): Expression<SqlBool>;
  /**
   * Runs a statement written over the derived table `v` of rows: PostgreSQL at once over arrays, SQLite as one
   * prepared statement a row, which is its fastest way. So the statement must treat each row on its own.
   */
  forRows<C extends ColumnTypes, R>(
    db: Db,
    list: RowList<C>,
    statement: (v: Rows<C>) => Statement<R>,
  ): Promise<readonly R[]>;
  /**
   * As forRows, for an insert that passes over rows which exist (`on conflict do nothing`, no `returning`): the ids of those it
   * inserted, with their value of the column `key`, in no order.
   */
  insertNew<C extends ColumnTypes>(
    db: Db,
    list: RowList<C>,
    key: keyof C & string,
    insert: (v: Rows<C>) => RawBuilder<unknown>,
  ): Promise<readonly { readonly id: number; readonly key: string }[]>;
  /** Rows in the order in which they must be locked so that two writers of the same rows never wait for each other. */
  lockOrder<T>(rows: readonly T[], key: (row: T) => string): readonly T[];
  /** Makes a claim's candidates pass over rows that another claim is taking right now. */
  skipLocked<DB, TB extends keyof DB, O>(
    query: SelectQueryBuilder<DB, TB, O>,
  ): SelectQueryBuilder<DB, TB, O>;
  /** Keeps others from changing the rows that a transaction reads until it ends; locks by id, so that two never wait for each other. */
  held<DB, TB extends keyof DB, O>(
    query: SelectQueryBuilder<DB, TB, O>,
  ): SelectQueryBuilder<DB, TB, O>;
  /** Locks the rows of a query in its order, so that two that change the same rows never wait for each other. */
  lockRows<DB, TB extends keyof DB, O>(query: SelectQueryBuilder<DB, TB, O>): Promise<void>;
  /** A text column's JSON object without the entries whose key meets the condition. */
  jsonWithout(
    column: Expression<string>,
    isDropped: (key: Expression<unknown>) => Expression<SqlBool>,
  ): Expression<string>;
  /** Tells the triggers of this transaction who writes from now on; null = nobody in particular. */
  announce(transaction: Db, writer: string | null): Promise<void>;
  /** Keeps others that ask for the same name out until this transaction ends. */
  exclusive(transaction: Db, name: string): Promise<void>;
  hasTable(db: Db, name: string): Promise<boolean>;
}

/** An opened database: its connection and what it does differently. */
export interface OpenedDatabase {
  readonly db: Db;
  /** The same database for what must not wait: its statements and transactions go before all that wait for `db`. */
  readonly first: Db;
  /** Whether anybody in this process waits for a transaction of `db` to end. Never where there are several connections. */
  isAwaited(): boolean;
  /** Ends both. */
  close(): Promise<void>;
  readonly engine: Engine;
}
