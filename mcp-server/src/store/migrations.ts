/** The schema's history, applied once each, in order, by whichever process comes first. */
import { sql } from "kysely";
import { AppError } from "../core/errors.ts";
import type { Log } from "../ports/world.ts";
import type { Engine, OpenedDatabase } from "./engine.ts";
import { firstTables } from "./migrations/001-first-tables.ts";
import { fieldChanges } from "./migrations/002-field-changes.ts";
import { inbound } from "./migrations/003-inbound.ts";
import { limitsAndHealth } from "./migrations/004-limits-and-health.ts";
import type { Ddl } from "./migrations/ddl.ts";
import type { Db } from "./tables.ts";

/** One step; its statements never change once it has been released: a correction is a further step. */
export interface Migration {
  readonly name: string;
  readonly statements: (ddl: Ddl) => readonly string[];
}

/** Append-only. A migration's version is its place in the list, from 1. */
export const migrations: readonly Migration[] = [
  { name: "first tables", statements: firstTables },
  { name: "field changes, conflicts and plans", statements: fieldChanges },
  { name: "inbound signals, tombstones and reconciliation", statements: inbound },
  { name: "limits and health", statements: limitsAndHealth },
];

/**
 * Brings the database to the newest version; does nothing, and locks nothing, when it is there already.
 * Throws `input` when the database was written by a newer program.
 */
export async function migrate({ db, engine }: OpenedDatabase, log: Log): Promise<void> {
  if ((await currentVersion(db, engine)) === migrations.length) return;
  const applied = await db.transaction().execute(async (trx) => {
    await engine.exclusive(trx, "migrations");
    return applyMissing(trx, engine);
  });
  if (applied.length > 0) log.info({ migrations: applied }, "database migrated");
}

async function applyMissing(trx: Db, engine: Engine): Promise<readonly string[]> {
  const version = await currentVersion(trx, engine);
  if (version === 0) await createLedger(trx, engine);
  const missing = migrations.slice(version);
  for (const [index, migration] of missing.entries()) {
    for (const statement of migration.statements(engine.ddl)) {
      await sql.raw(statement).execute(trx);
    }
    await record(trx, version + index + 1, migration.name);
  }
  return missing.map((migration) => migration.name);
}

async function currentVersion(db: Db, engine: Engine): Promise<number> {
  if (!(await engine.hasTable(db, "schema_migrations"))) return 0;
  const row = await db
    .selectFrom("schema_migrations")
    .select((eb) => eb.fn.max("version").as("version"))
    .executeTakeFirst();
  const version = row?.version ?? 0;
  if (version > migrations.length) throw tooNew(version);
  return version;
}

function tooNew(version: number): AppError {
  return new AppError(
    "input",
    `This database was made by a newer hubspot-sync (schema ${version}, this program knows ${migrations.length}). ` +
      "Update hubspot-sync, or name another database in DATABASE_URL.",
    { code: "DATABASE_TOO_NEW" },
  );
}

async function createLedger(trx: Db, engine: Engine): Promise<void> {
  const { text } = engine.ddl;
  await sql
    .raw(
      `create table if not exists schema_migrations (version integer primary key, name ${text} not null, applied_at ${text} not null)`,
    )
    .execute(trx);
}

async function record(trx: Db, version: number, name: string): Promise<void> {
  await trx
    .insertInto("schema_migrations")
    .values({ version, name, applied_at: new Date().toISOString() })
    .execute();
}
