/** Opens the database that a URL names and hands it out as the program's one store. */
import { AppError } from "../core/errors.ts";
import type { Writer } from "../ports/change-store.ts";
import type { Store } from "../ports/store.ts";
import type { Log } from "../ports/world.ts";
import { cacheStore } from "./cache.ts";
import { changeStore } from "./changes.ts";
import { companyStore } from "./companies.ts";
import { conflictStore } from "./conflicts.ts";
import { contactStore } from "./contacts.ts";
import { cursorStore } from "./cursors.ts";
import { customerStore } from "./customers.ts";
import { parseDatabaseUrl } from "./database-url.ts";
import type { Engine, OpenedDatabase } from "./engine.ts";
import { fieldStateStore } from "./field-states.ts";
import { figureStore } from "./figures.ts";
import { inboxStore } from "./inbox.ts";
import { jobStore } from "./jobs.ts";
import { leaseStore } from "./leases.ts";
import { linkStore } from "./links.ts";
import { migrate } from "./migrations.ts";
import { planStore } from "./plans.ts";
import { openPostgres } from "./postgres-engine.ts";
import { privacyStore } from "./privacy.ts";
import { rejectStore } from "./rejects.ts";
import { remoteQueueStore } from "./remote-queue.ts";
import { reportStore } from "./reports.ts";
import { retentionStore } from "./retention.ts";
import { sharedStore } from "./shared.ts";
import { openSqlite } from "./sqlite-database.ts";
import { syncLogStore } from "./sync-log.ts";
import { syncQueueStore } from "./sync-queue.ts";
import type { Db } from "./tables.ts";
import { tombstoneStore } from "./tombstones.ts";
import { type Turns, turns } from "./turns.ts";
import { writingAs } from "./writing-as.ts";

/**
 * The store behind a URL, migrated: a file path, `sqlite:path` or `:memory:` for SQLite, `postgres://…` for PostgreSQL.
 * Throws `input` when the URL, its folder or its database cannot be used, `auth` when PostgreSQL refuses the user and
 * `unavailable` when it cannot be reached.
 */
export async function openStore(url: string, { log }: { readonly log: Log }): Promise<Store> {
  const opened = await openDatabase(url, log);
  try {
    await migrate(opened, log);
  } catch (error) {
    await opened.close();
    throw error;
  }
  return storeOver(opened, turns(), null);
}

/** The database without migrating it; for tests and tools that look at the tables themselves. */
export async function openDatabase(url: string, log: Log): Promise<OpenedDatabase> {
  const named = parseDatabaseUrl(url);
  return named.kind === "postgres" ? openPostgres(url, log) : openSqlite(named.path, log);
}

function storeOver(opened: OpenedDatabase, turn: Turns, writer: Writer | null): Store {
  const { db, engine } = opened;
  return {
    ...subStores(db, engine, writer),
    inbox: inboxStore(opened.first, engine),
    shared: sharedStore(opened.first, engine),
    by: (named) => storeOver(opened, turn, named),
    transaction: async (work) => {
      await turn();
      return db.transaction().execute((trx) => work(storeWithin(trx, opened, writer)));
    },
    isAwaited: opened.isAwaited,
    close: () => opened.close(),
  };
}

function storeWithin(transaction: Db, opened: OpenedDatabase, writer: Writer | null): Store {
  return {
    ...subStores(transaction, opened.engine, writer),
    by: (named) => storeWithin(transaction, opened, named),
    isAwaited: opened.isAwaited,
    transaction: () => refuse("A transaction cannot be opened inside another."),
    close: () => refuse("The store cannot be closed inside a transaction."),
  };
}

function refuse(message: string): Promise<never> {
  return Promise.reject(new AppError("bug", message));
}

function subStores(
  db: Db,
  engine: Engine,
  writer: Writer | null,
): Omit<Store, "by" | "transaction" | "isAwaited" | "close"> {
  const writing = writingAs(db, engine, writer);
  return {
    contacts: contactStore(db, engine, writing),
    customers: customerStore(db, engine, writing),
    companies: companyStore(db, engine),
    cache: cacheStore(db, engine),
    rejects: rejectStore(db, engine),
    jobs: jobStore(db, engine),
    links: linkStore(db, engine),
    fieldStates: fieldStateStore(db, engine),
    queue: syncQueueStore(db, engine),
    syncLog: syncLogStore(db, engine),
    conflicts: conflictStore(db, engine),
    cursors: cursorStore(db),
    changes: changeStore(db, engine),
    plans: planStore(db, engine),
    inbox: inboxStore(db, engine),
    remoteQueue: remoteQueueStore(db, engine),
    tombstones: tombstoneStore(db, engine),
    privacy: privacyStore(db, engine),
    leases: leaseStore(db),
    reports: reportStore(db),
    shared: sharedStore(db, engine),
    figures: figureStore(db),
    retention: retentionStore(db, engine),
  };
}
