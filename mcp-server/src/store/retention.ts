/** Forgets what is old, in statements that each touch a bounded number of rows and find them by an index. */
import { type RawBuilder, sql } from "kysely";
import type { Pruned, PrunePiece, RetentionStore } from "../ports/retention-store.ts";
import { atomically } from "./atomically.ts";
import type { Engine } from "./engine.ts";
import { pruneLog } from "./prune-log.ts";
import type { Db } from "./tables.ts";

// Whoever asks when both sides were compared last, or what the last run found, looks among these.
const REPORTS_KEPT = 40;
// A job may have rejected millions of rows; those go first, the job with its last ones.
const JOBS_AT_ONCE = 20;

/** Forgetting over a connection or a transaction. */
export function retentionStore(db: Db, engine: Engine): RetentionStore {
  const remove =
    (statement: (piece: PrunePiece) => RawBuilder<unknown>) =>
    async (piece: PrunePiece): Promise<Pruned> => {
      const { numAffectedRows = 0n } = await statement(piece).execute(db);
      const forgotten = Number(numAffectedRows);
      return { forgotten, at: 0, more: forgotten >= piece.limit };
    };
  return {
    events: remove(eventsBefore),
    log: (piece) => atomically(db, (trx) => pruneLog(trx, engine, piece)),
    conflicts: (piece) => atomically(db, (trx) => pruneConflicts(trx, engine, piece)),
    reports: remove(reportsBefore),
    jobs: (piece) => atomically(db, (trx) => pruneJobs(trx, engine, piece)),
    plans: (piece) => atomically(db, (trx) => prunePlans(trx, engine, piece)),
    cache: remove(answersBefore),
    leases: remove(leasesBefore),
  };
}

// The condition of the partial index, to the letter.
function eventsBefore({ before, limit }: PrunePiece): RawBuilder<unknown> {
  return sql`delete from webhook_events where id in (
    select id from webhook_events where processed_at is not null and processed_at < ${before}
    order by processed_at limit ${limit})`;
}

function reportsBefore({ before, limit }: PrunePiece): RawBuilder<unknown> {
  return sql`delete from reconciliation_reports where id in (
    select id from reconciliation_reports where started_at < ${before}
    and id not in (select id from reconciliation_reports order by started_at desc, id desc limit ${REPORTS_KEPT})
    order by id limit ${limit})`;
}

function answersBefore({ before, limit }: PrunePiece): RawBuilder<unknown> {
  return sql`delete from enrichment_cache where (type, key) in (
    select type, key from enrichment_cache where expires_at < ${before} order by expires_at limit ${limit})`;
}

function leasesBefore({ before, limit }: PrunePiece): RawBuilder<unknown> {
  return sql`delete from leases where name in (
    select name from leases where until < ${before} limit ${limit})`;
}

/** Walked by id, because they close in another order than they open. */
async function pruneConflicts(
  db: Db,
  engine: Engine,
  { before, afterId, limit }: PrunePiece,
): Promise<Pruned> {
  const rows = await db
    .selectFrom("conflicts")
    .select(["id", "status", "closed_at"])
    .where("id", ">", afterId)
    .orderBy("id")
    .limit(limit)
    .execute();
  const old = rows.filter(
    ({ status, closed_at }) => status !== "open" && (closed_at ?? "") < before,
  );
  await db
    .deleteFrom("conflicts")
    .where(
      engine.amongIds(
        sql.ref("id"),
        old.map(({ id }) => id),
      ),
    )
    .execute();
  return { forgotten: old.length, at: rows.at(-1)?.id ?? afterId, more: rows.length === limit };
}

async function pruneJobs(db: Db, engine: Engine, { before, limit }: PrunePiece): Promise<Pruned> {
  const jobs = await db
    .selectFrom("jobs")
    .select("job_id")
    .where("created_at", "<", before)
    .where("finished_at", "<", before)
    .where("status", "in", ["completed", "failed", "cancelled"])
    .orderBy("created_at")
    .orderBy("job_id")
    .limit(Math.min(limit, JOBS_AT_ONCE))
    .execute();
  const ids = jobs.map(({ job_id }) => job_id);
  const rejects = await db
    .deleteFrom("import_rejects")
    .where("id", "in", (eb) =>
      eb
        .selectFrom("import_rejects as old")
        .select("old.id")
        .where(engine.among(sql.ref("old.job_id"), ids))
        .limit(limit),
    )
    .executeTakeFirst();
  const forgotten = Number(rejects.numDeletedRows);
  if (forgotten === limit) return { forgotten, at: 0, more: true };
  await db
    .deleteFrom("jobs")
    .where(engine.among(sql.ref("job_id"), ids))
    .execute();
  return { forgotten: forgotten + ids.length, at: 0, more: ids.length === JOBS_AT_ONCE };
}

async function prunePlans(db: Db, engine: Engine, { before, limit }: PrunePiece): Promise<Pruned> {
  const plans = await db
    .selectFrom("plans")
    .select("plan_id")
    .where("expires_at", "<", before)
    .orderBy("plan_id")
    .limit(JOBS_AT_ONCE)
    .execute();
  const ids = plans.map(({ plan_id }) => plan_id);
  const records = await sql`delete from plan_records where (plan_id, object, local_id) in (
    select plan_id, object, local_id from plan_records
    where ${engine.among(sql.ref("plan_id"), ids)} limit ${limit})`.execute(db);
  const forgotten = Number(records.numAffectedRows ?? 0n);
  if (forgotten === limit) return { forgotten, at: 0, more: true };
  await db
    .deleteFrom("plans")
    .where(engine.among(sql.ref("plan_id"), ids))
    .execute();
  return { forgotten: forgotten + ids.length, at: 0, more: ids.length === JOBS_AT_ONCE };
}
