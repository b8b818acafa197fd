/** Turns what the engines throw into our own errors; the engine's words stay in the cause. */
import type { CompiledQuery, DatabaseConnection } from "kysely";
import { AppError, type ErrorKind } from "../core/errors.ts";

interface Meaning {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  /** When trying again makes sense without a person having done anything, in milliseconds. */
  readonly retryAfterMs?: number;
}

const BUSY: Meaning = {
  kind: "unavailable",
  code: "DATABASE_BUSY",
  message: "Another process is writing to the database. Try again in a moment.",
  retryAfterMs: 1_000,
};
const DISK_FULL: Meaning = {
  kind: "unavailable",
  code: "DISK_FULL",
  message: "The disk of the database is full. Free some space, then run the same again.",
};
const DISK_ERROR: Meaning = {
  kind: "unavailable",
  code: "DATABASE_IO",
  message: "The database file could not be read or written. Check the disk that holds it.",
};
const UNREACHABLE: Meaning = {
  kind: "unavailable",
  code: "DATABASE_UNREACHABLE",
  message: "PostgreSQL cannot be reached. Check that it runs and that DATABASE_URL names its host.",
  retryAfterMs: 5_000,
};
const CANNOT_OPEN: Meaning = {
  kind: "input",
  code: "DATABASE_CANNOT_OPEN",
  message:
    "The database file cannot be opened. Check that the folder in DATABASE_URL exists and may be written to.",
};
const NOT_A_DATABASE: Meaning = {
  kind: "input",
  code: "DATABASE_NOT_READABLE",
  message: "The file in DATABASE_URL is not a readable SQLite database. Name another file.",
};
const NO_SUCH_DATABASE: Meaning = {
  kind: "input",
  code: "DATABASE_UNKNOWN",
  message: "PostgreSQL has no database of that name. Create it, or correct DATABASE_URL.",
};
const REFUSED: Meaning = {
  kind: "auth",
  code: "DATABASE_AUTH",
  message: "PostgreSQL refused the user, its password or its rights. Correct DATABASE_URL.",
};
const NOT_UNIQUE: Meaning = {
  kind: "conflict",
  code: "NOT_UNIQUE",
  message: "Another record already holds this value. Read it again and decide which one to keep.",
};
const BAD_VALUE: Meaning = {
  kind: "input",
  code: "VALUE_NOT_STORABLE",
  message: "A value cannot be stored as text or number. Remove its control characters.",
};

// First match wins. SQLite's extended result codes begin with the basic one; PostgreSQL's begin with their class.
const meanings: readonly (readonly [prefix: string, meaning: Meaning])[] = [
  ["SQLITE_BUSY", BUSY],
  ["SQLITE_LOCKED", BUSY],
  ["SQLITE_FULL", DISK_FULL],
  ["SQLITE_IOERR", DISK_ERROR],
  ["SQLITE_CANTOPEN", CANNOT_OPEN],
  ["SQLITE_READONLY", CANNOT_OPEN],
  ["SQLITE_PERM", CANNOT_OPEN],
  ["SQLITE_NOTADB", NOT_A_DATABASE],
  ["SQLITE_CORRUPT", NOT_A_DATABASE],
  ["SQLITE_CONSTRAINT_UNIQUE", NOT_UNIQUE],
  ["SQLITE_CONSTRAINT_PRIMARYKEY", NOT_UNIQUE],
  ["SQLITE_TOOBIG", BAD_VALUE],
  ["23505", NOT_UNIQUE],
  ["22", BAD_VALUE],
  ["28", REFUSED],
  ["42501", REFUSED],
  ["3D000", NO_SUCH_DATABASE],
  ["40", BUSY],
  ["55P03", BUSY],
  ["53100", DISK_FULL],
  ["53", UNREACHABLE],
  ["57P", UNREACHABLE],
  ["08", UNREACHABLE],
  ["ECONN", UNREACHABLE],
  ["ENOTFOUND", UNREACHABLE],
  ["EAI_AGAIN", UNREACHABLE],
  ["ETIMEDOUT", UNREACHABLE],
  ["EHOST", UNREACHABLE],
  ["ENET", UNREACHABLE],
  ["EPIPE", UNREACHABLE],
];

/** What better-sqlite3 and pg throw without a code, by the words that they have used for years. */
const spoken: readonly (readonly [words: string, meaning: Meaning])[] = [
  ["directory does not exist", CANNOT_OPEN],
  ["connection timeout", UNREACHABLE],
  ["Connection terminated", UNREACHABLE],
  ["Client has encountered a connection error", UNREACHABLE],
];

/** An engine's error as an AppError: busy, full and unreachable may be retried; anything unexpected is a `bug`. */
export function toStoreError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const meaning = meaningOf(thrown);
  if (meaning) {
    const { kind, message, ...known } = meaning;
    return new AppError(kind, message, { ...known, cause: thrown });
  }
  return new AppError("bug", "The database refused a statement; the log has the details.", {
    code: "DATABASE_STATEMENT",
    cause: thrown,
  });
}

function meaningOf(thrown: unknown): Meaning | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const code = "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
  const byCode = meanings.find(([prefix]) => code.startsWith(prefix));
  if (byCode) return byCode[1];
  return spoken.find(([words]) => thrown.message.includes(words))?.[1];
}

const translated = new WeakSet<DatabaseConnection>();

/** The same connection, whose queries from now on fail with our own errors. */
export function translating(connection: DatabaseConnection): DatabaseConnection {
  if (translated.has(connection)) return connection;
  translated.add(connection);
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = async <R>(query: CompiledQuery) => {
    try {
      return await execute<R>(query);
    } catch (error) {
      throw toStoreError(error);
    }
  };
  return connection;
}
