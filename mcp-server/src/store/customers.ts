/** Customers in the database; other programs write to the same table. */
import { type Expression, type SqlBool, sql } from "kysely";
import type { Customer, CustomerFields } from "../core/customer.ts";
import type { CustomerRow, CustomerStore } from "../ports/customer-store.ts";
import { atomically } from "./atomically.ts";
import { draftCustomers } from "./customer-drafts.ts";
import {
  customerColumns,
  newCustomerColumns,
  newCustomerRow,
  patchCells,
  toCustomer,
} from "./customer-rows.ts";
import type { Engine } from "./engine.ts";
import { patchRows } from "./patch-rows.ts";
import { removeRecords } from "./remove-records.ts";
import type { Db } from "./tables.ts";
import type { Writing } from "./writing-as.ts";

/** Customers over a connection or a transaction. */
export function customerStore(db: Db, engine: Engine, writing: Writing): CustomerStore {
  return {
    findByIds: (ids) => findCustomers(db, engine, engine.amongIds(sql.ref("id"), ids)),
    findByBans: (bans) => findCustomers(db, engine, engine.among(sql.ref("ban"), bans)),
    upsert: (rows, now) =>
      writing((named) => atomically(named, (trx) => upsertCustomers(trx, engine, rows, now))),
    update: (patches, now) =>
      writing((named) =>
        patchCustomers(
          named,
          engine,
          patches.map(({ id, set }) => ({ id, cells: patchCells(set) })),
          now,
        ),
      ),
    ids: async (afterId, limit) => {
      const rows = await db
        .selectFrom("customers")
        .select("id")
        .where("id", ">", afterId)
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map((row) => row.id);
    },
    any: async () => {
      const row = await db.selectFrom("customers").select("id").limit(1).executeTakeFirst();
      return row !== undefined;
    },
    remove: (ids) => removeRecords(db, engine, "customers", ids),
  };
}

/** Inside a transaction customers are read to be written, so nobody may change them in between. */
async function findCustomers(
  db: Db,
  engine: Engine,
  condition: Expression<SqlBool>,
): Promise<readonly Customer[]> {
  const found = db.selectFrom("customers").selectAll().where(condition);
  const rows = await (db.isTransaction ? engine.held(found) : found).execute();
  return rows.map(toCustomer);
}

async function patchCustomers(
  db: Db,
  engine: Engine,
  patches: readonly { readonly id: number; readonly cells: ReturnType<typeof patchCells> }[],
  now: string,
): Promise<void> {
  await patchRows(
    db,
    engine,
    { name: "customers", columns: customerColumns },
    patches.map(({ id, cells }) => ({ id, set: { ...cells, updated_at: now } })),
  );
}

type Upserted = Awaited<ReturnType<CustomerStore["upsert"]>>;

async function upsertCustomers(
  trx: Db,
  engine: Engine,
  rows: readonly CustomerRow[],
  now: string,
): Promise<Upserted> {
  const bans = [...new Set(rows.map((row) => row.ban))];
  const stored = await findCustomers(trx, engine, engine.among(sql.ref("ban"), bans));
  const { outcomes, created, updated } = draftCustomers(stored, rows);
  const taken = await insertCustomers(trx, engine, created, now);
  await patchCustomers(
    trx,
    engine,
    updated.map(({ id, set }) => ({ id, cells: patchCells(set) })),
    now,
  );
  if (taken.size === 0) return outcomes;
  const rest = rows.filter(({ ban }) => taken.has(ban));
  const again = (await upsertCustomers(trx, engine, rest, now)).values();
  return outcomes.map((one) => (taken.has(one.ban) ? (again.next().value ?? one) : one));
}

/** Returns the bans that another process inserted between our reading and this: they are there to be updated now. */
async function insertCustomers(
  trx: Db,
  engine: Engine,
  drafts: readonly CustomerFields[],
  now: string,
): Promise<ReadonlySet<string>> {
  const rows = drafts.map(newCustomerRow);
  const columns = newCustomerColumns;
  const names = sql.join(Object.keys(columns).map((name) => sql.id(name)));
  const values = sql.join(Object.keys(columns).map((name) => sql.id("v", name)));
  const inserted = await engine.insertNew(
    trx,
    { columns, rows: engine.lockOrder(rows, (row) => row.ban) },
    "ban",
    (v) => sql`
      insert into customers (${names}, created_at, updated_at)
      select ${values}, cast(${now} as text), cast(${now} as text) from ${v} where true
      on conflict (ban) do nothing`,
  );
  const ours = new Set(inserted.map((row) => row.key));
  return new Set(rows.map((row) => row.ban).filter((ban) => !ours.has(ban)));
}
