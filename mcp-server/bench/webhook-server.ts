/** The program as a process of its own, driven over HTTP, for benchmarks that put it under load. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const JOB_WAIT_S = 20;

/** A running server. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Posts to an address that starts a job and resolves when it has completed, with its counts. Throws when it does not complete. */
  job(
    path: string,
    args: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

/** Starts `hubspot-sync http` with an environment and nothing else of this process's. */
export async function startServerProcess(
  env: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  // As npm scripts start the program.
  const child = spawn(process.execPath, ["--max-semi-space-size=16", main, "http"], {
    env: { HTTP_PORT: "0", LOG_LEVEL: "info", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "close");
  const url = await addressIn(child.stderr);
  return {
    url,
    pid: child.pid ?? 0,
    job: (path, args) => runJob(url, path, args),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Waits for the log line that tells where the server listens; everything but its information is passed on. */
async function addressIn(log: Readable): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const lines = createInterface({ input: log });
  lines.on("line", (line) => {
    const said = logLine(line);
    if (said.msg === "listening") resolve(String(said.url));
    else if (said.level !== INFO) console.error(line);
  });
  lines.once("close", () => reject(new Error("The server ended before it listened.")));
  return promise;
}

const INFO = 30;

function logLine(line: string): {
  readonly level?: number;
  readonly msg?: string;
  readonly url?: string;
} {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

async function runJob(
  url: string,
  path: string,
  args: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, number>>> {
  let job = await answer(fetch(`${url}${path}`, post({ ...args, wait_seconds: 0 })));
  while (job.status === "queued" || job.status === "running") {
    job = await answer(fetch(`${url}/api/jobs/${job.job_id}?wait_seconds=${JOB_WAIT_S}`));
  }
  if (job.status === "completed") return job.counts;
  throw new Error(`${path} ${job.status}: ${JSON.stringify(job)}`);
}

interface JobAnswer {
  readonly job_id: string;
  readonly status: string;
  readonly counts: Readonly<Record<string, number>>;
}

async function answer(asked: Promise<Response>): Promise<JobAnswer> {
  const response = await asked;
  const body: JobAnswer = JSON.parse(await response.text());
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${JSON.stringify(body)}`);
  return body;
}

function post(body: unknown): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}
