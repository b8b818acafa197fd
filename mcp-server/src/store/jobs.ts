/** Jobs in the database: who runs one is decided by a lease, so that a dead process loses its job and no two share one. */
import { type Selectable, sql } from "kysely";
import { AppError } from "../core/errors.ts";
import type { Job, RunningJob } from "../core/job.ts";
import type { JobPatch, JobStore, NewJob } from "../ports/job-store.ts";
import { atomically } from "./atomically.ts";
import type { Engine } from "./engine.ts";
import { fromJson, fromJsonText } from "./json-text.ts";
import type { Db, JobTable } from "./tables.ts";

type Take = Parameters<JobStore["claim"]>[0];

/** Jobs over a connection or a transaction. */
export function jobStore(db: Db, engine: Engine): JobStore {
  return {
    create: (job) => createJob(db, job),
    createAlone: (job) =>
      atomically(db, async (trx) => {
        await engine.exclusive(trx, "jobs.create");
        return (await activeJob(trx, job.kind)) ?? createJob(trx, job);
      }),
    get: (jobId) => getJob(db, jobId),
    list: (limit) => listJobs(db, limit),
    active: (kind) => activeJob(db, kind),
    claim: (take) =>
      atomically(db, async (trx) => {
        // Two claims of different jobs must see each other, or both could start a kind that runs one at a time.
        await engine.exclusive(trx, "jobs.claim");
        return claimJob(trx, take);
      }),
    heartbeat: (jobId, owner, leaseUntil) => extendLease(db, { jobId, owner }, leaseUntil),
    save: (jobId, owner, patch) => writeHeld(db, { jobId, owner }, patchColumns(patch)),
    finish: (jobId, owner, { status, now, ...patch }) =>
      writeHeld(
        db,
        { jobId, owner },
        {
          ...patchColumns(patch),
          status,
          finished_at: now,
          lease_owner: null,
          lease_until: null,
        },
      ),
    release: async (jobId, owner) => {
      await held(db, { jobId, owner })
        .set({ status: "queued", lease_owner: null, lease_until: null })
        .execute();
    },
    requestCancel: (jobId, now) => requestCancel(db, jobId, now),
  };
}

async function createJob(db: Db, job: NewJob): Promise<Job> {
  const row = await db
    .insertInto("jobs")
    .values({
      job_id: job.job_id,
      kind: job.kind,
      status: "queued",
      args: JSON.stringify(job.args),
      progress: JSON.stringify({ done: 0, total: null, phase: "waiting" }),
      counts: "{}",
      errors: "[]",
      notes: "[]",
      cancel_requested: 0,
      created_at: job.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toJob(row);
}

async function getJob(db: Db, jobId: string): Promise<Job | null> {
  const row = await db
    .selectFrom("jobs")
    .selectAll()
    .where("job_id", "=", jobId)
    .executeTakeFirst();
  return row ? toJob(row) : null;
}

async function listJobs(db: Db, limit: number): Promise<readonly Job[]> {
  const rows = await db
    .selectFrom("jobs")
    .selectAll()
    .orderBy("created_at", "desc")
    .orderBy("job_id", "desc")
    .limit(limit)
    .execute();
  return rows.map(toJob);
}

async function activeJob(db: Db, kind: Job["kind"]): Promise<Job | null> {
  const row = await db
    .selectFrom("jobs")
    .selectAll()
    .where("kind", "=", kind)
    .where("status", "in", ["queued", "running"])
    .orderBy("created_at")
    .orderBy("job_id")
    .limit(1)
    .executeTakeFirst();
  return row ? toJob(row) : null;
}

async function claimJob(db: Db, take: Take): Promise<RunningJob | null> {
  const next = db
    .selectFrom("jobs")
    .select("job_id")
    .where((eb) =>
      eb.or([
        eb("status", "=", "queued"),
        eb.and([eb("status", "=", "running"), eb("lease_until", "<=", take.now)]),
      ]),
    )
    .where((eb) =>
      eb(
        "kind",
        "not in",
        eb
          .selectFrom("jobs as live")
          .select("live.kind")
          .where("live.status", "=", "running")
          .where("live.lease_until", ">", take.now),
      ),
    )
    .$if(take.jobId !== undefined, (query) => query.where("job_id", "=", take.jobId ?? ""))
    .orderBy("created_at")
    .orderBy("job_id")
    .limit(1);
  const row = await db
    .updateTable("jobs")
    .set((eb) => ({
      status: "running",
      lease_owner: take.owner,
      lease_until: take.lease_until,
      started_at: eb.fn.coalesce("started_at", eb.val(take.now)),
    }))
    .where("job_id", "=", next)
    .returningAll()
    .executeTakeFirst();
  return row ? toRunningJob(row) : null;
}

interface Holder {
  readonly jobId: string;
  readonly owner: string;
}

/** Whoever leased a job last may write to it; a lease that ran out but was not taken over still counts. */
function held(db: Db, { jobId, owner }: Holder) {
  return db
    .updateTable("jobs")
    .where("job_id", "=", jobId)
    .where("lease_owner", "=", owner)
    .where("status", "=", "running");
}

async function extendLease(db: Db, holder: Holder, leaseUntil: string) {
  const row = await held(db, holder)
    .set({ lease_until: leaseUntil })
    .returning("cancel_requested")
    .executeTakeFirst();
  return { held: row !== undefined, cancel_requested: row?.cancel_requested === 1 };
}

async function writeHeld(db: Db, holder: Holder, columns: Partial<Selectable<JobTable>>) {
  // Naming the key itself keeps an empty patch a valid statement, and the check of the lease with it.
  const result = await held(db, holder)
    .set({ job_id: holder.jobId, ...columns })
    .executeTakeFirst();
  if (result.numUpdatedRows > 0n) return;
  throw new AppError(
    "stale",
    "This job has ended or another process has taken it over. Nothing was written; read the job again.",
    { code: "JOB_LEASE_LOST" },
  );
}

function patchColumns(patch: JobPatch): Partial<Selectable<JobTable>> {
  return {
    ...(patch.progress && { progress: JSON.stringify(patch.progress) }),
    ...(patch.counts && { counts: JSON.stringify(patch.counts) }),
    ...(patch.errors && { errors: JSON.stringify(patch.errors) }),
    ...(patch.notes && { notes: JSON.stringify(patch.notes) }),
    ...(patch.checkpoint !== undefined && { checkpoint: patch.checkpoint }),
    ...(patch.result !== undefined && {
      result: patch.result === null ? null : JSON.stringify(patch.result),
    }),
    ...(patch.next !== undefined && { next: patch.next }),
  };
}

async function requestCancel(db: Db, jobId: string, now: string): Promise<Job | null> {
  await db
    .updateTable("jobs")
    .set((eb) => ({
      cancel_requested: 1,
      finished_at: eb
        .case()
        .when("status", "=", "queued")
        .then(now)
        .else(eb.ref("finished_at"))
        .end(),
      status: sql<Job["status"]>`case when status = 'queued' then 'cancelled' else status end`,
    }))
    .where("job_id", "=", jobId)
    .where("status", "in", ["queued", "running"])
    .execute();
  return getJob(db, jobId);
}

function toJob(row: Selectable<JobTable>): Job {
  return {
    job_id: row.job_id,
    kind: row.kind,
    status: row.status,
    args: fromJsonText(row.args),
    progress: fromJsonText(row.progress),
    counts: fromJsonText(row.counts),
    errors: fromJsonText(row.errors),
    notes: fromJsonText(row.notes),
    result: fromJson(row.result),
    next: row.next,
    created_at: row.created_at,
    started_at: row.started_at,
    finished_at: row.finished_at,
  };
}

function toRunningJob(row: Selectable<JobTable>): RunningJob {
  return {
    ...toJob(row),
    checkpoint: row.checkpoint,
    cancel_requested: row.cancel_requested === 1,
  };
}
