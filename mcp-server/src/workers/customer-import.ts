/** Writes a batch of customers, or counts what writing it would do. */

import { previewStatements } from "../core/customer-statement.ts";
import { noRows, type RowCounts } from "../core/import-batch.ts";
import type { ImportRow } from "../core/import-row.ts";
import type { Store } from "../ports/store.ts";

type CustomerImportRow = Extract<ImportRow, { kind: "customer" }>;

/** Creates and updates in the given transaction, and marks what changed for the next sync; of two rows of one account the later wins. */
export async function writeCustomers(
  store: Store,
  rows: readonly ImportRow[],
  now: string,
): Promise<RowCounts> {
  const customers = customersOf(rows);
  if (customers.length === 0) return noRows;
  const statements = customers.map(({ fields }) => fields);
  const written = await store.customers.upsert(statements, now);
  const counts = { ...noRows, duplicates: countRepetitions(customers) };
  for (const { outcome } of written) counts[outcome] += 1;
  const changed = written.filter(({ outcome }) => outcome === "updated").map(({ ban }) => ban);
  await markChanged(store, [...new Set(changed)], now);
  return counts;
}

/** New customers are marked by the database itself; of named writers' changes it only keeps the times. */
async function markChanged(store: Store, bans: readonly string[], now: string): Promise<void> {
  if (bans.length === 0) return;
  const customers = await store.customers.findByBans(bans);
  await store.queue.add(
    customers.map(({ id }) => ({
      object: "customers",
      local_id: id,
      reason: "imported",
      due_at: now,
    })),
  );
}

/** How the rows would end, without writing. Repetitions of rows from earlier batches count as unchanged. */
export async function previewCustomers(
  store: Store,
  rows: readonly ImportRow[],
): Promise<RowCounts> {
  const customers = customersOf(rows);
  if (customers.length === 0) return noRows;
  const bans = [...new Set(customers.map(({ fields }) => fields.ban))];
  const stored = await store.customers.findByBans(bans);
  const statements = customers.map(({ fields, duplicate }) => ({
    fields,
    isRepetition: duplicate,
  }));
  const counts = previewStatements(stored, statements);
  return { ...noRows, ...counts, duplicates: countRepetitions(customers) };
}

function customersOf(rows: readonly ImportRow[]): readonly CustomerImportRow[] {
  return rows.filter((row) => row.kind === "customer");
}

function countRepetitions(rows: readonly CustomerImportRow[]): number {
  return rows.filter(({ duplicate }) => duplicate).length;
}
