/** The schema: what it is, how it comes about, and when the program refuses to touch it. */
import { type Kysely, sql } from "kysely";
import { expect, test } from "vitest";
import { migrations } from "../../mcp-server/src/store/migrations.ts";
import { openDatabase } from "../../mcp-server/src/store/open.ts";
import type { Tables } from "../../mcp-server/src/store/tables.ts";
import { keptLog } from "../support/quiet-log.ts";
import { describeEachEngine } from "../support/store.ts";
import { insertOne, LATER, NOW } from "./builders.ts";

const describers = { sqlite: describeSqlite, postgres: describePostgres } as const;

describeEachEngine("the schema", (_open, { engine, empty, openAt }) => {
  test("is the one that was reviewed", async () => {
    const url = await empty();
    await openAt(url);

    const lines = await withDatabase(url, describers[engine]);

    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`./schema.${engine}.txt`);
  });

  test("is made once: opening again keeps every row and applies nothing", async () => {
    const url = await empty();
    const first = await openAt(url);
    await insertOne(first, { email: "ada@example.com" });

    const second = await openAt(url);

    expect(await second.contacts.count({})).toBe(1);
    const applied = await withDatabase(url, (db) =>
      db.selectFrom("schema_migrations").select(["version", "name"]).orderBy("version").execute(),
    );
    expect(applied).toEqual(migrations.map(({ name }, index) => ({ version: index + 1, name })));
  });

  test("made by a newer program is refused, and the message says what to do", async () => {
    const url = await empty();
    await openAt(url);
    await withDatabase(url, (db) =>
      db
        .insertInto("schema_migrations")
        .values({ version: 999, name: "from the future", applied_at: NOW })
        .execute(),
    );

    await expect(openAt(url)).rejects.toMatchObject({
      kind: "input",
      code: "DATABASE_TOO_NEW",
      message: expect.stringMatching(/newer hubspot-sync \(schema 999.*Update hubspot-sync/u),
    });
  });

  test("answers document A's crm_sync_log from links and bases", async () => {
    const url = await empty();
    const store = await openAt(url);
    const ada = await insertOne(store, { email: "ada@example.com" });
    const [acme] = await store.companies.upsert(
      [{ domain: "acme.example", name: null, firmographics: null, summary: null }],
      NOW,
    );
    await store.links.put(
      [
        { object: "contacts", local_id: ada, hubspot_id: "901" },
        { object: "companies", local_id: acme?.id ?? 0, hubspot_id: "55" },
      ],
      NOW,
    );
    await store.fieldStates.put([
      { object: "contacts", local_id: ada, base: {}, synced_at: LATER },
    ]);

    const rows = await withDatabase(url, async (db) => {
      const found = await sql`select * from crm_sync_log order by type desc`.execute(db);
      return found.rows;
    });

    expect(rows).toEqual([
      { type: "contact", identifier: "ada@example.com", hubspot_id: "901", synced_at: LATER },
      { type: "company", identifier: "acme.example", hubspot_id: "55", synced_at: NOW },
    ]);
  });
});

async function withDatabase<T>(url: string, work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
  const { db, close } = await openDatabase(url, keptLog());
  try {
    return await work(db);
  } finally {
    await close();
  }
}

async function describeSqlite(db: Kysely<Tables>): Promise<readonly string[]> {
  const found = await sql<{ sql: string }>`
    select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by name`.execute(
    db,
  );
  return found.rows.map((row) => row.sql.replaceAll(/^ {4}/gmu, ""));
}

async function describePostgres(db: Kysely<Tables>): Promise<readonly string[]> {
  const columns = await sql<{ line: string }>`
    select table_name || '.' || column_name || ' ' || data_type ||
      case when is_nullable = 'NO' then ' not null' else '' end ||
      case when is_identity = 'YES' then ' identity' else '' end ||
      coalesce(' collate ' || collation_name, '') || coalesce(' default ' || column_default, '') as line
    from information_schema.columns where table_schema = current_schema()
    order by table_name, ordinal_position`.execute(db);
  const indexes = await sql<{ line: string }>`
    select replace(indexdef, current_schema() || '.', '') as line
    from pg_indexes where schemaname = current_schema() order by indexname`.execute(db);
  return [...columns.rows, ...indexes.rows].map((row) => row.line);
}
