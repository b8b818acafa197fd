/** A database of an earlier version is brought forward with everything in it. */
import { type Kysely, sql } from "kysely";
import { expect, test } from "vitest";
import { migrations } from "../../mcp-server/src/store/migrations.ts";
import { openDatabase } from "../../mcp-server/src/store/open.ts";
import type { Tables } from "../../mcp-server/src/store/tables.ts";
import { keptLog } from "../support/quiet-log.ts";
import { describeEachEngine } from "../support/store.ts";
import { NOW } from "./builders.ts";
import { foreignProgram } from "./foreign.ts";

const T = `'${NOW}'`;
/** One row a table of the first version; of the customers the last one was deleted again. */
const rows: Readonly<Record<string, readonly string[]>> = {
  contacts: [
    `insert into contacts (email, status, source, imported_at, updated_at) values ('ada@example.com', 'synced', 'csv', ${T}, ${T})`,
  ],
  companies: [`insert into companies (domain, updated_at) values ('acme.example', ${T})`],
  customers: [
    `insert into customers (ban, current_balance, credit_limit, contact, created_at, updated_at)
     values ('B-1', 10.10, 1234567890.12, '{"email":"a"}', ${T}, ${T}), ('B-2', null, null, 'no json', ${T}, ${T}), ('B-3', 1, 1, null, ${T}, ${T})`,
    "delete from customers where ban = 'B-3'",
  ],
  enrichment_cache: [`insert into enrichment_cache values ('company', 'acme', 'null', ${T}, ${T})`],
  jobs: [
    `insert into jobs (job_id, kind, status, args, progress, counts, errors, notes, created_at) values ('job_1', 'sync', 'completed', '{}', '{}', '{}', '[]', '[]', ${T})`,
  ],
  import_rejects: [
    `insert into import_rejects (job_id, "row", raw, code, message, created_at) values ('job_1', 1, '{}', 'x', 'y', ${T})`,
  ],
  links: [`insert into links values ('contacts', 1, '901', ${T})`],
  field_state: [`insert into field_state values ('contacts', 1, '{"email":"a"}', ${T})`],
  sync_queue: [
    `insert into sync_queue (object, local_id, reason, due_at) values ('contacts', 1, 'poll', ${T})`,
  ],
  cursors: [`insert into cursors values ('setup', 'a', ${T})`],
  sync_log: [
    `insert into sync_log (run_id, object, local_id, action, outcome, fields, created_at) values ('run_1', 'contacts', 1, 'update', 'done', '[]', ${T})`,
  ],
  conflicts: [
    `insert into conflicts (object, local_id, field, base, local, hubspot, status, created_at, updated_at) values ('contacts', 1, 'phone', '1', '2', '3', 'open', ${T}, ${T})`,
  ],
  change_log: [
    `insert into change_log (object, local_id, field, before, "after", changed_at) values ('contacts', 1, 'phone', '1', '2', ${T})`,
  ],
  webhook_events: [
    `insert into webhook_events (event_id, subscription_type, object_id, occurred_at, payload, received_at) values ('1', 'x', '901', ${T}, '{}', ${T})`,
  ],
  reconciliation_reports: [
    `insert into reconciliation_reports (run_id, object, started_at, counts) values ('run_1', 'contacts', ${T}, '{}')`,
  ],
};

describeEachEngine("a database of the first version", (_open, { empty, openAt }) => {
  test("keeps every row of every table, and the next id of each", async () => {
    const url = await empty();
    await madeByFirstVersion(url);

    const store = await openAt(url);

    const other = await foreignProgram(url);
    for (const table of Object.keys(rows)) {
      const [found] = await other.rows(`select count(*) as count from ${table}`);
      expect([table, found?.["count"]]).toEqual([table, table === "customers" ? 2 : 1]);
    }
    const customers = await store.customers.findByBans(["B-1", "B-2"]);
    expect(customers.toSorted((a, b) => a.id - b.id)).toMatchObject([
      { id: 1, ban: "B-1", current_balance: "10.1", credit_limit: "1234567890.12" },
      { id: 2, ban: "B-2", updated_at: NOW },
    ]);
    expect(await store.conflicts.list({}, { afterId: 0, limit: 9 })).toMatchObject({
      conflicts: [{ local: "2", local_at: null, resolution: null }],
    });
    expect(await store.changes.latest("contacts", [1])).toMatchObject([{ changed_by: "sql" }]);
    expect(await store.queue.dueObjects(NOW)).toEqual(["contacts"]);
    await other.run("insert into customers (ban, company_name) values ('B-4', 'New')");
    expect(await store.customers.findByBans(["B-4"])).toMatchObject([{ id: 4 }]);
  });

  test("has a row in every table that the first version made", async () => {
    const url = await empty();
    await madeByFirstVersion(url);

    const { db, close } = await openDatabase(url, keptLog());
    const tables = await db.introspection.getTables();
    await close();

    const named = tables.filter(({ name, isView }) => !isView && name !== "schema_migrations");
    const here = named.filter(({ schema }) => schema === undefined || url.includes(schema));
    expect(here.map(({ name }) => name).toSorted()).toEqual(Object.keys(rows).toSorted());
  });
});

async function madeByFirstVersion(url: string): Promise<void> {
  const { db, engine, close } = await openDatabase(url, keptLog());
  const [first] = migrations;
  await run(db, [
    "create table schema_migrations (version integer primary key, name text not null, applied_at text not null)",
    `insert into schema_migrations values (1, 'first tables', ${T})`,
    ...(first?.statements(engine.ddl) ?? []),
    ...Object.values(rows).flat(),
  ]);
  await close();
}

async function run(db: Kysely<Tables>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
