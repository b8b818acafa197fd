/** What the import is measured against: csv-parse and a prepared upsert in one thread, and nothing else. */
import { createReadStream } from "node:fs";
import Database from "better-sqlite3";
import { parse } from "csv-parse";

const ROWS_PER_TRANSACTION = 1_000;

/** Reads a benchmark CSV into a bare table at `databasePath`; returns how many rows it read. */
export async function runBareLoop(csvPath: string, databasePath: string): Promise<number> {
  const database = openLikeOurs(databasePath);
  database.exec(`create table contacts (
    id integer primary key autoincrement, email text not null unique, first_name text, last_name text, company text,
    website text, job_title text, phone text, country text, city text, linkedin_url text, lead_score text, notes text)`);
  const upsert = database.prepare(`insert into contacts
    (email, first_name, last_name, company, website, job_title, phone, country, city, linkedin_url, lead_score, notes)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (email) do update set first_name = excluded.first_name, last_name = excluded.last_name,
    company = excluded.company, website = excluded.website, job_title = excluded.job_title, phone = excluded.phone,
    country = excluded.country, city = excluded.city, linkedin_url = excluded.linkedin_url,
    lead_score = excluded.lead_score, notes = excluded.notes`);
  let rows = 0;
  database.exec("begin immediate");
  for await (const cells of createReadStream(csvPath).pipe(parse({ from_line: 2 }))) {
    upsert.run(cells);
    rows += 1;
    if (rows % ROWS_PER_TRANSACTION === 0) database.exec("commit; begin immediate");
  }
  database.exec("commit");
  database.close();
  return rows;
}

/** The pragmas of our own store, so that only the work differs. */
function openLikeOurs(path: string): Database.Database {
  const database = new Database(path);
  database.pragma("journal_mode = wal");
  database.pragma("synchronous = normal");
  database.pragma(`cache_size = -${64 * 1024}`);
  database.pragma("wal_autocheckpoint = 8000");
  return database;
}
