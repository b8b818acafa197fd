/** Waits for another process's lock on the SQLite file without holding up this process. */
import { setTimeout as wait } from "node:timers/promises";
import type { CompiledQuery, DatabaseConnection } from "kysely";
import type { Lane } from "./connection-gate.ts";
import { toStoreError } from "./engine-errors.ts";

/** Another process may hold the write lock for a whole import transaction; waiting this long is better than failing. */
export const PATIENCE_MS = 10_000;
const PAUSE_MS = 10;

const known = new WeakSet<DatabaseConnection>();

/**
 * The same connection, whose statements are tried again for as long while another process has the file locked. Only outside a transaction, where each is one by itself;
 * a transaction has its lock from its beginning, which is such a statement. Meanwhile others may pass: readers need no lock.
 */
export function patient(
  connection: DatabaseConnection,
  { raw, lane }: { readonly raw: { readonly inTransaction: boolean }; readonly lane: Lane },
): DatabaseConnection {
  if (known.has(connection)) return connection;
  known.add(connection);
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = async <R>(query: CompiledQuery) => {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await execute<R>(query);
      } catch (error) {
        const isBusy = toStoreError(error).code === "DATABASE_BUSY";
        if (!isBusy || raw.inTransaction || performance.now() > deadline) throw error;
      }
      lane.leave();
      await wait(PAUSE_MS);
      await lane.enter();
    }
  };
  return connection;
}
