/** The real server as a child process, as an MCP client starts it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const serverFile = resolve("mcp-server/src/main.ts");

/** An environment that reaches nothing outside and keeps its data in a folder of its own. */
export interface Sandbox {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

export async function sandbox(extra: Readonly<Record<string, string>> = {}): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), "hubspot-sync-e2e-"));
  return {
    folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      DATABASE_URL: join(folder, "test.db"),
      IMPORT_ROOTS: folder,
      HTTP_PORT: "0",
      AUTO_ENRICH_ON_IMPORT: "false",
      AUTO_SYNC_AFTER_ENRICH: "false",
      // Else what happens depends on whether a quarter of an hour begins meanwhile.
      POLL_SCHEDULE: "off",
      RECONCILE_SCHEDULE: "off",
      LOG_LEVEL: "info",
      ...extra,
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface Child {
  readonly process: ChildProcess;
  /** What was written so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves when standard error holds a text. */
  said(text: string): Promise<void>;
  readonly ended: Promise<number | null>;
}

/** Starts the server with a command, e.g. `http`. */
export function startServer(command: string, env: Readonly<Record<string, string>>): Child {
  const child = spawn(process.execPath, [serverFile, command], { env, stdio: "pipe" });
  let out = "";
  let err = "";
  child.stdout.on("data", (data) => {
    out += String(data);
  });
  child.stderr.on("data", (data) => {
    err += String(data);
  });
  const ended = new Promise<number | null>((done) => child.once("close", (code) => done(code)));
  const said = async (text: string): Promise<void> => {
    const deadline = Date.now() + 20_000;
    while (!err.includes(text)) {
      if (Date.now() > deadline || child.exitCode !== null)
        throw new Error(`never said "${text}":\n${err}`);
      await new Promise((wake) => setTimeout(wake, 20));
    }
  };
  return { process: child, stdout: () => out, stderr: () => err, said, ended };
}
