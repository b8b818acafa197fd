/** Runs several statements as one, inside the caller's transaction when there is one. */
import type { Db } from "./tables.ts";

/** The work's statements all hold or none does. */
export function atomically<T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
