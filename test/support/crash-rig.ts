/** The real HTTP server as a process that may be killed, and what it leaves in its database. */
import { createHash } from "node:crypto";
import Database from "better-sqlite3";
import { type Child, startServer } from "./child-server.ts";

/** A job as the REST door shows it; what tests look at. */
export interface JobSeen {
  readonly job_id: string;
  readonly kind: string;
  readonly status: string;
  readonly progress: { readonly done: number; readonly total: number | null };
  readonly counts: Readonly<Record<string, number>>;
}

/** A running server. */
export interface RunningServer {
  readonly child: Child;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  job(jobId: string): Promise<JobSeen>;
  /** Asks for the job again and again until it is as wanted; throws when it ends otherwise or takes too long. */
  jobUntil(jobId: string, wanted: (job: JobSeen) => boolean): Promise<JobSeen>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code and the time it took. */
  stop(): Promise<{ readonly code: number | null; readonly ms: number }>;
}

const running = new Set<RunningServer>();

/** Starts `hubspot-sync http` and waits until it listens. */
export async function startHttp(env: Readonly<Record<string, string>>): Promise<RunningServer> {
  const child = startServer("http", env);
  await child.said("listening");
  const url = /"url":"([^"]+)"/.exec(child.stderr())?.[1] ?? "";
  const call = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const answer = await fetch(`${url}${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text) as T;
  };
  const server: RunningServer = {
    child,
    get: (path) => call(path),
    post: (path, body) =>
      call(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    job: (jobId) => call(`/api/jobs/${jobId}`),
    jobUntil: (jobId, wanted) => jobUntil(server, jobId, wanted),
    kill: async () => {
      child.process.kill("SIGKILL");
      await child.ended;
      running.delete(server);
    },
    stop: async () => {
      const asked = performance.now();
      child.process.kill("SIGTERM");
      const code = await child.ended;
      running.delete(server);
      return { code, ms: performance.now() - asked };
    },
  };
  running.add(server);
  return server;
}

/** Kills what a failed test left running. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((server) => server.kill()));
}

export const hasEnded = ({ status }: JobSeen): boolean => !["queued", "running"].includes(status);

async function jobUntil(
  server: RunningServer,
  jobId: string,
  wanted: (job: JobSeen) => boolean,
): Promise<JobSeen> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const job = await server.job(jobId);
    if (wanted(job)) return job;
    if (hasEnded(job) || Date.now() > deadline)
      throw new Error(`the job never came there: ${JSON.stringify(job)}\n${server.child.stderr()}`);
    await new Promise((wake) => setTimeout(wake, 2));
  }
}

/** Rows of the database file, read beside the server. */
export function rowsOf<T>(file: string, query: string, ...parameters: readonly unknown[]): T[] {
  const db = new Database(file);
  try {
    return db.prepare<unknown[], T>(query).all(...parameters);
  } finally {
    db.close();
  }
}

/** What the database keeps of a job, its lease included. */
export interface JobRow {
  readonly status: string;
  readonly progress: string;
  readonly checkpoint: string | null;
  readonly lease_owner: string | null;
}

export function jobRow(file: string, jobId: string): JobRow {
  const [row] = rowsOf<JobRow>(file, "select * from jobs where job_id = ?", jobId);
  if (!row) throw new Error(`no job ${jobId}`);
  return row;
}

/**
 * Stands for the time it takes until the leases of dead processes' jobs are over. Only right while no server runs on the file:
 * then nobody could have renewed them.
 */
export function letJobLeasesRunOut(file: string): void {
  const db = new Database(file);
  try {
    db.exec("update jobs set lease_until = '2000-01-01T00:00:00.000Z' where status = 'running'");
  } finally {
    db.close();
  }
}

/** Likewise for the records that a dead process had taken from the queue. */
export function letQueueLeasesRunOut(file: string): void {
  const db = new Database(file);
  try {
    db.exec(
      "update sync_queue set lease_until = '2000-01-01T00:00:00.000Z' where lease_until > ''",
    );
  } finally {
    db.close();
  }
}

/** One digest over all contacts: every column but the row's number and the times of this very run. */
export function contactsDigest(file: string): string {
  const db = new Database(file);
  const hash = createHash("sha256");
  try {
    const rows = db.prepare<[], Record<string, unknown>>("select * from contacts order by email");
    for (const { id: _id, imported_at: _i, updated_at: _u, ...said } of rows.iterate())
      hash.update(`${JSON.stringify(said)}\n`);
    return hash.digest("hex");
  } finally {
    db.close();
  }
}
