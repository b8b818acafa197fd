/** Copies a SQLite database into a file while servers go on working on it. */
import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { AppError } from "../core/errors.ts";
import { RESTORED_FROM } from "../core/restored.ts";
import { parseDatabaseUrl } from "./database-url.ts";
import { toStoreError } from "./engine-errors.ts";

/** A backup that was made and checked. `schema`: the version of the tables in it. */
export interface Backup {
  readonly file: string;
  readonly bytes: number;
  readonly schema: number;
}

// All in one step, which sees one moment of the database; in several, every write of a server would start it over. Readers hold nobody up.
const ALL_PAGES = 0x7fffffff;
const BUSY_TIMEOUT_MS = 10_000;

/**
 * Writes a checked copy that stands alone, readable by its owner only, and complete or not there at all.
 *
 * @param now ISO-8601 UTC
 * @throws AppError `input` when the file exists, its folder or the database does not, or the database is PostgreSQL or in memory;
 * `unavailable` when the disk is full or the database is damaged
 */
export async function backUp(databaseUrl: string, file: string, now: string): Promise<Backup> {
  const target = resolve(file);
  const source = databasePath(databaseUrl, target);
  if (existsSync(target)) throw exists(target);
  if (!existsSync(dirname(target)))
    throw refused("BACKUP_NO_FOLDER", `There is no folder ${dirname(target)}. Make it first.`);
  const part = `${target}.part-${process.pid}`;
  try {
    closeSync(openSync(part, "wx", 0o600));
    await copy(source, part);
    const schema = check(part, now);
    putInPlace(part, target);
    return { file: target, bytes: statSync(target).size, schema };
  } catch (error) {
    throw error instanceof AppError ? error : toStoreError(error);
  } finally {
    for (const end of ["", "-journal", "-wal", "-shm"]) rmSync(part + end, { force: true });
  }
}

function databasePath(databaseUrl: string, target: string): string {
  const named = parseDatabaseUrl(databaseUrl);
  if (named.kind === "postgres") {
    throw refused(
      "BACKUP_POSTGRES",
      `This database is PostgreSQL, which has its own tool: pg_dump --format=custom --file='${target}' "$DATABASE_URL" makes a backup, and pg_restore --clean --if-exists --dbname="$DATABASE_URL" '${target}' restores it while no hubspot-sync runs.`,
    );
  }
  if (named.path === ":memory:")
    throw refused("BACKUP_IN_MEMORY", "A database in memory ends with its process.");
  if (!existsSync(named.path)) {
    throw refused(
      "BACKUP_NO_DATABASE",
      `There is no database ${resolve(named.path)} yet. Check DATABASE_URL and the folder this is started in.`,
    );
  }
  return named.path;
}

async function copy(source: string, part: string): Promise<void> {
  const database = new Database(source, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    await database.backup(part, { progress: () => ALL_PAGES });
  } finally {
    database.close();
  }
}

/** Reads the copy through, has it remember what it is, and returns the version of its tables. */
function check(part: string, now: string): number {
  const database = new Database(part);
  try {
    // Without it the copy would need files beside it, as the database does.
    database.pragma("journal_mode = delete");
    if (database.pragma("integrity_check", { simple: true }) !== "ok") throw damaged();
    const version = schemaOf(database);
    database
      .prepare("insert or replace into cursors (name, value, updated_at) values (?, ?, ?)")
      .run(RESTORED_FROM, now, now);
    return version;
  } finally {
    database.close();
  }
}

function schemaOf(database: Database.Database): number {
  const ledger = database
    .prepare("select 1 from sqlite_master where name = 'schema_migrations'")
    .get();
  const version = ledger
    ? database.prepare<[], number>("select max(version) from schema_migrations").pluck().get()
    : undefined;
  if (version !== undefined) return version;
  throw refused(
    "BACKUP_FOREIGN",
    "The file in DATABASE_URL is no database of hubspot-sync. Name another one.",
  );
}

/** Also where the file came into being meanwhile, nothing is overwritten. */
function putInPlace(part: string, target: string): void {
  try {
    linkSync(part, target);
  } catch {
    if (existsSync(target)) throw exists(target);
    // A file system without such links.
    renameSync(part, target);
  }
}

function exists(target: string): AppError {
  return refused(
    "BACKUP_EXISTS",
    `${target} exists already, and nothing is overwritten. Name another file.`,
  );
}

function damaged(): AppError {
  return new AppError(
    "unavailable",
    "The database is damaged, so there is no backup of it. Check the disk, and restore the last backup.",
    { code: "DATABASE_DAMAGED" },
  );
}

function refused(code: string, message: string): AppError {
  return new AppError("input", message, { code });
}
