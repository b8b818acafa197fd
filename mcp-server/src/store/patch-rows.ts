/** Updates of many rows whose patches differ: one statement for each set of columns that occurs. */
import { sql } from "kysely";
import { atomically } from "./atomically.ts";
import type { ColumnTypes, Engine } from "./engine.ts";
import type { Db, Tables } from "./tables.ts";

/** One row's patch; columns that are left out keep their values. */
export interface RowPatch {
  readonly id: number;
  readonly set: Readonly<Record<string, string | number | null>>;
}

/** Applies the patches by id; unknown ids are passed over. */
export async function patchRows(
  db: Db,
  engine: Engine,
  table: { readonly name: keyof Tables; readonly columns: ColumnTypes },
  patches: readonly RowPatch[],
): Promise<void> {
  if (patches.length === 0) return;
  await atomically(db, async (trx) => {
    for (const group of byColumns(patches).values()) await patchAlike(trx, engine, table, group);
  });
}

function byColumns(patches: readonly RowPatch[]): ReadonlyMap<string, readonly RowPatch[]> {
  return Map.groupBy(patches, (patch) => Object.keys(patch.set).sort().join());
}

async function patchAlike(
  db: Db,
  engine: Engine,
  table: { readonly name: keyof Tables; readonly columns: ColumnTypes },
  patches: readonly RowPatch[],
): Promise<void> {
  const names = Object.keys(patches[0]?.set ?? {});
  if (names.length === 0) return;
  const target = sql.table(table.name);
  const assignments = sql.join(names.map((name) => sql`${sql.id(name)} = ${sql.ref(`v.${name}`)}`));
  await engine.forRows(
    db,
    {
      columns: { id: "bigint", ...columnTypes(table.columns, names) },
      rows: patches.map((patch) => ({ id: patch.id, ...patch.set })),
    },
    (v) =>
      sql`update ${target} set ${assignments} from ${v} where ${sql.id(table.name, "id")} = v.id`,
  );
}

function columnTypes(columns: ColumnTypes, names: readonly string[]): ColumnTypes {
  return Object.fromEntries(names.map((name) => [name, columns[name] ?? "text"]));
}
