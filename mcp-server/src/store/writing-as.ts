/** Writes to records whose triggers are told who writes. */
import type { Writer } from "../ports/change-store.ts";
import { atomically } from "./atomically.ts";
import type { Engine } from "./engine.ts";
import type { Db } from "./tables.ts";

/** How a store writes to records: at once when it is nobody in particular's, else under the writer's name. */
export type Writing = <T>(work: (db: Db) => Promise<T>) => Promise<T>;

/** The name holds for the work's statements and no longer: a later write of the same transaction is unnamed again. */
export function writingAs(db: Db, engine: Engine, writer: Writer | null): Writing {
  if (writer === null) return (work) => work(db);
  return (work) => atomically(db, (trx) => announced(trx, engine, writer, work));
}

async function announced<T>(
  trx: Db,
  engine: Engine,
  writer: Writer,
  work: (db: Db) => Promise<T>,
): Promise<T> {
  await engine.announce(trx, writer);
  const [done] = await Promise.allSettled([work(trx)]);
  // A transaction that PostgreSQL has broken off refuses this as it refuses every further write; what broke it is told below.
  const [unnamed] = await Promise.allSettled([engine.announce(trx, null)]);
  if (done.status === "rejected") throw done.reason;
  if (unnamed.status === "rejected") throw unnamed.reason;
  return done.value;
}
