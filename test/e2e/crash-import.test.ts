/** An import survives every way in which its process may end. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { writeCsv } from "../../mcp-server/bench/csv-file.ts";
import { type Sandbox, sandbox } from "../support/child-server.ts";
import {
  contactsDigest,
  hasEnded,
  type JobSeen,
  jobRow,
  killAll,
  letJobLeasesRunOut,
  type RunningServer,
  rowsOf,
  startHttp,
} from "../support/crash-rig.ts";

const ROWS = 60_000;

// Far more than an idle machine needs; the work is what it is on a busy one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** What an import leaves, whoever ran it and how often it was interrupted. */
interface Outcome {
  readonly counts: Readonly<Record<string, number>>;
  readonly contacts: string;
  readonly rejects: readonly unknown[];
}

let undisturbed: Outcome;
let first: Sandbox;
let csv: string;
let box: Sandbox;
let file: string;

beforeAll(async () => {
  first = await sandbox();
  csv = join(first.folder, "contacts.csv");
  await writeCsv(csv, ROWS, 7);
  const server = await startHttp(first.env);
  const job = await server.jobUntil(await startImport(server), hasEnded);
  await server.stop();
  undisturbed = outcomeOf(databaseOf(first), job);
});
afterAll(async () => {
  // Here too: after a failed beforeAll nothing else would end its server.
  await killAll();
  await first.remove();
});

beforeEach(async () => {
  // The file stays in the first folder, so that its path and time are the same for all.
  box = await sandbox({ IMPORT_ROOTS: first.folder });
  file = databaseOf(box);
});
afterEach(async () => {
  await killAll();
  await box.remove();
});

test("the undisturbed run gives every row of the file exactly one outcome", () => {
  const { counts, rejects } = undisturbed;

  expect(rowsWithOutcome(counts)).toBe(ROWS);
  expect(counts["created"]).toBeGreaterThan(ROWS / 2);
  expect(rejects.length).toBe(counts["rejected"]);
  expect(rejects.length).toBeGreaterThan(0);
});

test("an import killed three times ends as the undisturbed one", async () => {
  let server = await startHttp(box.env);
  const jobId = await startImport(server);
  const resumedAt: number[] = [];

  for (const share of [0.1, 0.45, 0.8]) {
    await server.jobUntil(jobId, ({ progress }) => progress.done >= share * ROWS);
    await server.kill();
    resumedAt.push(expectInterrupted(jobId));
    letJobLeasesRunOut(file);
    server = await startHttp(box.env);
  }
  const job = await server.jobUntil(jobId, hasEnded);
  await server.stop();

  expect(resumedAt).toEqual([...new Set(resumedAt)].sort((a, b) => a - b));
  expect(job.status).toBe("completed");
  expect(outcomeOf(file, job)).toEqual(undisturbed);
});

test("a restarted server takes a dead one's import over by itself once its lease is over", async () => {
  const killed = await startHttp(box.env);
  const jobId = await startImport(killed);
  // Whether anything was read by then is left to chance; the job as such is durable when the call is answered.
  await killed.kill();
  expect(["queued", "running"]).toContain(jobRow(file, jobId).status);

  const server = await startHttp(box.env);
  const job = await server.jobUntil(jobId, hasEnded);
  await server.stop();

  expect(job.status).toBe("completed");
  expect(outcomeOf(file, job)).toEqual(undisturbed);
});

test("SIGTERM hands a running import back within seconds, and a restart goes on with it", async () => {
  const stopped = await startHttp(box.env);
  const jobId = await startImport(stopped);
  await stopped.jobUntil(jobId, ({ progress }) => progress.done > 0);

  const { code, ms } = await stopped.stop();
  const left = jobRow(file, jobId);
  const server = await startHttp(box.env);
  const job = await server.jobUntil(jobId, hasEnded);
  await server.stop();

  expect(code).toBe(0);
  expect(ms).toBeLessThan(5_000);
  expect(left).toMatchObject({ status: "queued", lease_owner: null });
  expect(doneOf(left.progress)).toBeGreaterThan(0);
  expect(doneOf(left.progress)).toBeLessThan(ROWS);
  expect(outcomeOf(file, job)).toEqual(undisturbed);
});

test("two servers that import one file into one database create each contact once", async () => {
  const servers = await Promise.all([startHttp(box.env), startHttp(box.env)]);

  const started = await Promise.all(
    servers.map(async (server) => ({ server, jobId: await startImport(server) })),
  );
  const jobs = await Promise.all(
    started.map(({ server, jobId }) => server.jobUntil(jobId, hasEnded)),
  );
  await Promise.all(servers.map((server) => server.stop()));

  const created = jobs.map(({ counts }) => counts["created"] ?? 0);
  expect(jobs.map(({ status }) => status)).toEqual(["completed", "completed"]);
  expect(created.reduce((sum, count) => sum + count, 0)).toBe(undisturbed.counts["created"]);
  expect(jobs.map(({ counts }) => rowsWithOutcome(counts))).toEqual([ROWS, ROWS]);
  expect(contactsDigest(file)).toBe(undisturbed.contacts);
});

async function startImport(server: RunningServer): Promise<string> {
  const { job_id } = await server.post<JobSeen>("/api/import/csv", { path: csv, wait_seconds: 0 });
  return job_id;
}

function databaseOf({ folder }: Sandbox): string {
  return join(folder, "test.db");
}

/** The rows that the killed run had stored; fails when it was not in the middle of the file. */
function expectInterrupted(jobId: string): number {
  const { status, progress, checkpoint } = jobRow(file, jobId);
  expect(status).toBe("running");
  expect(checkpoint).not.toBeNull();
  expect(doneOf(progress)).toBeLessThan(ROWS);
  return doneOf(progress);
}

function doneOf(progress: string): number {
  return (JSON.parse(progress) as JobSeen["progress"]).done;
}

function outcomeOf(database: string, job: JobSeen): Outcome {
  const rejects = rowsOf(
    database,
    "select row, raw, code, message, field from import_rejects where job_id = ? order by row, id",
    job.job_id,
  );
  return { counts: job.counts, contacts: contactsDigest(database), rejects };
}

function rowsWithOutcome(counts: Readonly<Record<string, number>>): number {
  const outcomes = ["created", "updated", "unchanged", "rejected"];
  return outcomes.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
}
