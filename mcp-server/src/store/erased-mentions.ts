/** Takes people's names out of texts that were written about something else: jobs, plans, reports, rejected rows, others' notifications. */
import { sql } from "kysely";
import { mentioning } from "./mentions.ts";
import { ERASED, type PersonTraces } from "./person-traces.ts";
import type { Db, Tables } from "./tables.ts";

interface Texts {
  readonly table: keyof Tables;
  readonly key: string;
  readonly columns: readonly string[];
}

const TEXTS: readonly Texts[] = [
  {
    table: "jobs",
    key: "job_id",
    columns: ["args", "errors", "notes", "result", "next", "checkpoint"],
  },
  { table: "plans", key: "plan_id", columns: ["args"] },
  { table: "reconciliation_reports", key: "id", columns: ["report"] },
  { table: "webhook_events", key: "id", columns: ["payload", "error"] },
  { table: "sync_log", key: "id", columns: ["error"] },
];

/** Takes out what names the person; rejected rows lose everything else of the person with it. */
export async function eraseMentions(db: Db, traces: PersonTraces): Promise<void> {
  for (const texts of TEXTS) await cleanTexts(db, texts, traces);
  await emptyRejects(db, traces);
}

type Row = Readonly<Record<string, string | number | null>>;

async function cleanTexts(db: Db, texts: Texts, traces: PersonTraces): Promise<void> {
  for (const row of await rowsNaming(db, texts, traces)) {
    const changed = texts.columns.flatMap((column) => {
      const text = row[column];
      if (typeof text !== "string" || !traces.areIn(text)) return [];
      return [sql`${sql.id(column)} = ${traces.removedFrom(text)}`];
    });
    if (changed.length === 0) continue;
    await sql`
      update ${sql.table(texts.table)} set ${sql.join(changed)}
      where ${sql.id(texts.key)} = ${row[texts.key] ?? null}`.execute(db);
  }
}

async function rowsNaming(db: Db, texts: Texts, traces: PersonTraces): Promise<readonly Row[]> {
  const found = new Map<unknown, Row>();
  const columns = sql.join([texts.key, ...texts.columns].map((column) => sql.id(column)));
  for (const condition of mentioning(texts.columns, traces.terms)) {
    const rows = await sql<Row>`
      select ${columns} from ${sql.table(texts.table)} where ${condition}`.execute(db);
    for (const row of rows.rows) found.set(row[texts.key], row);
  }
  return [...found.values()];
}

/** Of a row that names the person all columns are the person's. That a row was refused, and for what kind of reason, stays. */
async function emptyRejects(db: Db, traces: PersonTraces): Promise<void> {
  const texts: Texts = { table: "import_rejects", key: "id", columns: ["raw", "message"] };
  for (const row of await rowsNaming(db, texts, traces)) {
    if (!texts.columns.some((column) => traces.areIn(String(row[column])))) continue;
    await db
      .updateTable("import_rejects")
      .set({ raw: "{}", message: ERASED })
      .where("id", "=", Number(row["id"]))
      .execute();
  }
}
