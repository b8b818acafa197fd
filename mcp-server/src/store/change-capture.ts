/** Makes the triggers that record changes fit the field maps. */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { FieldMaps } from "../core/field-map.ts";
import { atomically } from "./atomically.ts";
import { capturedTables } from "./captured-fields.ts";
import { GENERATED, type Trigger } from "./change-triggers.ts";
import { cursorStore } from "./cursors.ts";
import type { Engine } from "./engine.ts";
import { postgresTriggers } from "./postgres-triggers.ts";
import { sqliteTriggers } from "./sqlite-triggers.ts";
import type { Db } from "./tables.ts";

const CURSOR = "change-triggers";

/** Does nothing when the triggers that stand were made from the same text. */
export async function captureChanges(db: Db, engine: Engine, maps: FieldMaps): Promise<void> {
  const wanted = await wantedTriggers(db, engine, maps);
  if (await areInstalled(db, engine, wanted)) return;
  await atomically(db, async (trx) => {
    await engine.exclusive(trx, CURSOR);
    // Another process may have been first while we waited.
    if (await areInstalled(trx, engine, wanted)) return;
    await install(trx, engine, wanted);
  });
}

async function wantedTriggers(
  db: Db,
  engine: Engine,
  maps: FieldMaps,
): Promise<readonly Trigger[]> {
  const tables = capturedTables(maps);
  if (engine.kind === "sqlite") return sqliteTriggers(tables, "main");
  const found = await sql<{ name: string }>`
    select quote_ident(current_schema()) as name`.execute(db);
  return postgresTriggers(tables, found.rows[0]?.name ?? "public");
}

interface Standing {
  readonly name: string;
  readonly table: string;
}

/** The text is compared by its fingerprint; the names, because whoever rebuilds a table by hand may lose its triggers. */
async function areInstalled(db: Db, engine: Engine, wanted: readonly Trigger[]): Promise<boolean> {
  if ((await cursorStore(db).get(CURSOR)) !== fingerprint(wanted)) return false;
  const standing = (await standingTriggers(db, engine)).map((trigger) => trigger.name).sort();
  return (
    standing.join() ===
    wanted
      .map((trigger) => trigger.name)
      .sort()
      .join()
  );
}

async function standingTriggers(db: Db, engine: Engine): Promise<readonly Standing[]> {
  const pattern = `${GENERATED}%`;
  const found =
    engine.kind === "sqlite"
      ? sql<Standing>`
          select name, tbl_name as "table" from sqlite_master
          where type = 'trigger' and name like ${pattern}`
      : sql<Standing>`
          select trigger.tgname as name, owner.relname as "table"
          from pg_catalog.pg_trigger as trigger
          join pg_catalog.pg_class as owner on owner.oid = trigger.tgrelid
          join pg_catalog.pg_namespace as space on space.oid = owner.relnamespace
          where space.nspname = current_schema() and trigger.tgname like ${pattern}`;
  return (await found.execute(db)).rows;
}

async function install(trx: Db, engine: Engine, wanted: readonly Trigger[]): Promise<void> {
  for (const { name, table } of await standingTriggers(trx, engine)) {
    const where = engine.kind === "sqlite" ? sql`` : sql` on ${sql.id(table)}`;
    await sql`drop trigger ${sql.id(name)}${where}`.execute(trx);
  }
  for (const statement of wanted.flatMap((trigger) => trigger.statements)) {
    await sql.raw(statement).execute(trx);
  }
  await cursorStore(trx).set(CURSOR, fingerprint(wanted), new Date().toISOString());
}

function fingerprint(triggers: readonly Trigger[]): string {
  return createHash("sha256").update(JSON.stringify(triggers)).digest("base64url");
}
