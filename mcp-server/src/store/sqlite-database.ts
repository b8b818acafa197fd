/** SQLite through better-sqlite3: one connection, WAL, write transactions that take their lock at once. */
import { closeSync, openSync } from "node:fs";
import Database from "better-sqlite3";
import {
  CompiledQuery,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from "kysely";
import type { Log } from "../ports/world.ts";
import { Checkpoints } from "./checkpoints.ts";
import { connectionGate, type Lane } from "./connection-gate.ts";
import type { OpenedDatabase } from "./engine.ts";
import { toStoreError, translating } from "./engine-errors.ts";
import { PATIENCE_MS, patient } from "./patient-connection.ts";
import { overRows } from "./prepared-rows.ts";
import { sqliteEngine } from "./sqlite-engine.ts";
import type { Tables } from "./tables.ts";

// SQLite waits for another process's lock inside this thread, where neither a request nor a signal is heard meanwhile: it does so only for
// a moment, and the longer wait is ours (patient-connection.ts).
const BUSY_TIMEOUT_MS = 50;
// The e-mail index of a million contacts is written at random places: a smaller cache reads pages back for every batch.
const CACHE_KIB = 32 * 1024;
// Checkpoints are a thread's work (checkpoints.ts); this is for what it cannot keep up with or when it failed.
const CHECKPOINT_PAGES = 32_000;
// Statements kept prepared. Texts are few because lists travel in one parameter; the bound only stops a leak.
const STATEMENTS_KEPT = 300;

/** Opens the file and creates it when missing. Throws `input` when it cannot be opened. */
export async function openSqlite(path: string, log: Log): Promise<OpenedDatabase> {
  const raw = openFile(path);
  try {
    await useWal(raw);
    raw.pragma("synchronous = normal");
    raw.pragma("foreign_keys = on");
    // The file of the log then is as long as the log itself, which is how we know when to checkpoint.
    raw.pragma("journal_size_limit = 0");
    raw.pragma(`cache_size = -${CACHE_KIB}`);
    raw.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  } catch (error) {
    raw.close();
    throw toStoreError(error);
  }
  return overConnection(raw, log);
}

function overConnection(raw: Database.Database, log: Log): OpenedDatabase {
  const gate = connectionGate();
  const checkpoints = new Checkpoints(raw.name, log, (work) => alone(gate.first, work));
  const database = preparedOnce(raw);
  const through = (lane: Lane, waitsForRoom: boolean) =>
    new Kysely<Tables>({
      dialect: new ImmediateDialect({ raw, database, lane, checkpoints, waitsForRoom }),
    });
  const [db, first] = [through(gate.other, true), through(gate.first, false)];
  return {
    db,
    first,
    isAwaited: gate.isAwaited,
    engine: sqliteEngine,
    close: async () => {
      await checkpoints.close();
      await Promise.all([first.destroy(), db.destroy()]);
      raw.close();
    },
  };
}

async function alone<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
  await lane.enter();
  try {
    return await work();
  } finally {
    lane.leave();
  }
}

function openFile(path: string): Database.Database {
  createForUsAlone(path);
  try {
    return new Database(path, { timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw toStoreError(error);
  }
}

/** A new file is readable for its owner only: it will hold people's data. SQLite gives its companions (-wal, -shm) the same rights. */
function createForUsAlone(path: string): void {
  if (path === ":memory:") return;
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch {
    // It exists, with the rights that its owner chose; or it cannot be made, which opening it will tell in our words.
    return;
  }
}

/** Changing the journal mode ignores the busy timeout, so two processes that create one file need a loop of our own. */
async function useWal(raw: Database.Database): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      raw.pragma("journal_mode = wal");
      return;
    } catch (error) {
      if (toStoreError(error).code !== "DATABASE_BUSY" || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** One lane's part in the connection. */
interface Shared {
  readonly raw: Database.Database;
  readonly database: SqliteDatabase;
  readonly lane: Lane;
  readonly checkpoints: Checkpoints;
  /** Whether transactions wait while the log is full. */
  readonly waitsForRoom: boolean;
}

class ImmediateDialect extends SqliteDialect {
  readonly #shared: Shared;
  constructor(shared: Shared) {
    super({ database: shared.database });
    this.#shared = shared;
  }
  override createDriver(): Driver {
    return new ImmediateDriver(this.#shared);
  }
  override createAdapter(): DialectAdapter {
    return new GatedAdapter();
  }
}

/** Kysely need not keep callers apart: the gate does. */
class GatedAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** A transaction that begins by reading and then writes fails at once under WAL when another process wrote between. */
class ImmediateDriver extends SqliteDriver {
  readonly #shared: Shared;
  constructor(shared: Shared) {
    super({ database: shared.database });
    this.#shared = shared;
  }
  /** Nothing: whoever opened the connection for both lanes closes it. */
  override destroy(): Promise<void> {
    return Promise.resolve();
  }
  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = patient(translating(await super.acquireConnection()), this.#shared);
    await this.#shared.lane.enter();
    return connection;
  }
  override async releaseConnection(): Promise<void> {
    this.#shared.lane.leave();
  }
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const room = this.#shared.checkpoints.makeRoom();
    if (room !== null && this.#shared.waitsForRoom) await this.#standAside(room);
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
  /** Lets others pass until there is room; nothing has been done yet that they could disturb. */
  async #standAside(room: Promise<void>): Promise<void> {
    this.#shared.lane.leave();
    await room;
    await this.#shared.lane.enter();
  }
  /** A full disk ends the transaction by itself; rolling back again would hide the first error. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#shared.raw.inTransaction) {
      await connection.executeQuery(CompiledQuery.raw("rollback"));
    }
  }
}

/** The database as Kysely sees it: each text is prepared once and may run over many rows. */
function preparedOnce(raw: Database.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => raw.close(),
    prepare: (text) => {
      const known = statements.get(text);
      if (known) return known;
      if (statements.size >= STATEMENTS_KEPT) statements.clear();
      const made = overRows(raw.prepare<unknown[]>(text));
      statements.set(text, made);
      return made;
    },
  };
}
