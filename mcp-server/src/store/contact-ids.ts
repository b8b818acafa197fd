/** Which contacts a stage has to work on, as ids in bounded pieces. */
import { type SelectQueryBuilder, type SqlBool, sql } from "kysely";
import type { ContactStatus } from "../core/contact.ts";
import type { Selection } from "../core/selection.ts";
import type { Engine } from "./engine.ts";
import { namedCondition } from "./selection.ts";
import type { Db, Tables } from "./tables.ts";

interface Piece {
  readonly stage: "enrich" | "sync";
  readonly afterId: number;
  readonly limit: number;
  readonly now: string;
}

type Walk = SelectQueryBuilder<Tables, "contacts", { id: number }>;

/** At most `limit` ids after `afterId`, ascending. */
export async function contactIds(
  db: Db,
  engine: Engine,
  selection: Selection,
  piece: Piece,
): Promise<readonly number[]> {
  const walks =
    selection.kind === "due"
      ? dueWalks(db, piece)
      : [walk(db, piece).where((eb) => namedCondition(eb, engine, selection))];
  const found = await Promise.all(walks.map((one) => one.execute()));
  const ids = found.flat().map((row) => row.id);
  return ids.sort((a, b) => a - b).slice(0, piece.limit);
}

function walk(db: Db, { afterId, limit }: Piece): Walk {
  return db
    .selectFrom("contacts")
    .select("contacts.id")
    .where("contacts.id", ">", afterId)
    .orderBy("contacts.id")
    .limit(limit);
}

/** One bounded walk of the status index per state: a single condition with `or` would read every due contact for each piece. */
function dueWalks(db: Db, piece: Piece): readonly Walk[] {
  const inStatus = (status: ContactStatus): Walk =>
    walk(db, piece).where("contacts.status", "=", status);
  const failed = inStatus("failed")
    .where("contacts.failed_stage", "=", piece.stage)
    .where("contacts.retry_at", "<=", piece.now);
  if (piece.stage === "enrich") {
    return [inStatus("imported"), inStatus("enriching"), failed, neverEnriched(db, piece)];
  }
  return [
    inStatus("imported"),
    inStatus("enriched"),
    inStatus("syncing").where(isAbandoned(piece.now)),
    failed,
  ];
}

/** Synced before their turn to be enriched came. The literal lets both engines use the partial index. */
function neverEnriched(db: Db, piece: Piece): Walk {
  return walk(db, piece).where(
    sql<SqlBool>`contacts.status = 'synced' and contacts.enriched_at is null`,
  );
}

/** Nobody is at work on it: a contact that another process is syncing right now was not left by a crash. */
function isAbandoned(now: string) {
  return sql<SqlBool>`not exists (
    select 1 from sync_queue
    where sync_queue.object = 'contacts' and sync_queue.local_id = contacts.id
      and sync_queue.lease_until > ${now})`;
}
