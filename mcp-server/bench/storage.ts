/** The storage benchmark: what a synced contact takes on disk beside its own row. */
import { statSync } from "node:fs";
import Database from "better-sqlite3";
import type { App } from "../src/app.ts";
import { enrichment, fifteenFieldsMap, fullCompany, fullContactFields } from "./full-contacts.ts";
import { seedContacts } from "./seeded-contacts.ts";
import { measuredSync, range, rounded, syncFigures, withSyncRig } from "./sync-rig.ts";

export interface StorageBenchOptions {
  readonly contacts: number;
  readonly burstLimit: number;
}

// Each with its indexes; the rest of the file stands under `other`.
const SHOWN = [
  "contacts",
  "companies",
  "links",
  "field_state",
  "sync_log",
  "change_log",
  "sync_queue",
];
/** What the program would keep without a HubSpot. */
const RECORDS = ["contacts", "companies"];

/**
 * Bytes per contact by table, indexes included, after a first sync into an empty HubSpot through the whole pipeline. `beyond_records` leaves
 * the contacts and companies themselves out. `value_bytes` is what the fifteen values of a contact come to as plain text: whatever
 * keeps them takes at least that much, each time it keeps them.
 */
export async function benchStorage(options: StorageBenchOptions): Promise<Record<string, unknown>> {
  const { contacts, burstLimit } = options;
  const fieldMap = fifteenFieldsMap();
  return withSyncRig({ burstLimit, cap: contacts, fieldMap }, async (rig) => {
    await seedFull(rig.app, contacts);
    const before = bytesByTable(rig.databasePath);
    const sync = await measuredSync(rig);
    const after = bytesByTable(rig.databasePath);
    return {
      contacts,
      fields: Object.keys(JSON.parse(fieldMap).contacts).length,
      bytes_per_contact: perContact(after, contacts),
      before_sync: perContact(before, contacts),
      beyond_records: rounded(beyondRecords(after) / contacts),
      value_bytes: rounded(valueBytes(rig.databasePath) / contacts),
      file_bytes_per_contact: rounded(statSync(rig.databasePath).size / contacts),
      sync: syncFigures(sync, options),
    };
  });
}

async function seedFull(app: App, contacts: number): Promise<void> {
  const now = new Date().toISOString();
  for (let from = 0; from < contacts; from += 2_500) {
    const numbers = range(Math.min(2_500, contacts - from)).map((n) => from + n);
    const rows = new Map(numbers.map((n) => [fullCompany(n).domain, fullCompany(n)]));
    await app.store.companies.upsert(
      [...rows.values()].map((company) => ({ ...company, summary: null })),
      now,
    );
  }
  await seedContacts(app, contacts, {
    fieldsOf: fullContactFields,
    enrichmentOf: (n) => enrichment(n, now),
  });
}

/** Bytes of all pages by table, read after the log of the WAL has gone into the file. */
function bytesByTable(path: string): ReadonlyMap<string, number> {
  return reading(path, (database) => {
    database.pragma("wal_checkpoint(truncate)");
    const rows = database
      .prepare<[], { table: string; bytes: number }>(
        `select coalesce(owner.tbl_name, pages.name) as "table", sum(pages.pgsize) as bytes
         from dbstat as pages left join sqlite_master as owner on owner.name = pages.name
         group by 1`,
      )
      .all();
    return new Map(rows.map(({ table, bytes }) => [table, bytes]));
  });
}

function valueBytes(path: string): number {
  return reading(path, (database) => {
    const found = database
      .prepare<[], { bytes: number }>(
        `select sum(octet_length(entry.value)) as bytes
         from field_state join json_each(field_state.base) as entry
         where field_state.object = 'contacts' and entry.key not like '%@%'`,
      )
      .get();
    return found?.bytes ?? 0;
  });
}

function reading<T>(path: string, work: (database: Database.Database) => T): T {
  const database = new Database(path, { timeout: 10_000 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function perContact(
  bytes: ReadonlyMap<string, number>,
  contacts: number,
): Readonly<Record<string, number>> {
  const shown = SHOWN.map((table) => [table, rounded((bytes.get(table) ?? 0) / contacts)]);
  const other = sum([...bytes].filter(([table]) => !SHOWN.includes(table)));
  return { ...Object.fromEntries(shown), other: rounded(other / contacts) };
}

function beyondRecords(bytes: ReadonlyMap<string, number>): number {
  return sum([...bytes].filter(([table]) => !RECORDS.includes(table)));
}

function sum(tables: readonly (readonly [string, number])[]): number {
  return tables.reduce((total, [, bytes]) => total + bytes, 0);
}
