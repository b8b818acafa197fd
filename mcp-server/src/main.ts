#!/usr/bin/env node
/** The process: which door to open, when to stop, and with what exit code. */
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { nodeProblem } from "./core/node-version.ts";

const usage = `hubspot-sync keeps your records and HubSpot equal, field by field.

  hubspot-sync stdio    serve MCP over standard input and output (what Claude Desktop starts)
  hubspot-sync http     serve MCP (/mcp) and REST (/api) over HTTP
  hubspot-sync backup FILE
                        copy the SQLite database into a new file while servers run
  hubspot-sync help     show this

Everything is configured by environment variables; .env.example lists them.`;

/** Runs the command and resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  // Said before anything native is loaded: an old Node would crash there without a word.
  const problem = nodeProblem(process.versions.node);
  if (problem) return fail(problem);
  const [command = "stdio", ...operands] = args;
  if (command === "help" || command === "--help" || command === "-h") {
    console.error(usage);
    return 0;
  }
  if (command === "backup") return backup(operands);
  if (command !== "stdio" && command !== "http")
    return fail(`There is no command "${command}".\n\n${usage}`);
  return serve(command);
}

// V8 lets garbage grow to several times what is alive, which in a run over many records is 150 MB for nothing: collecting earlier costs no time
// that can be measured there.
const HEAP_GROWTH = "--heap-growing-percent=50";

async function serve(command: "stdio" | "http"): Promise<number> {
  setFlagsFromString(HEAP_GROWTH);
  const { readConfig } = await import("./config.ts");
  const { toAppError } = await import("./core/errors.ts");
  try {
    const config = readConfig();
    const { openApp } = await import("./app.ts");
    const app = await openApp(config);
    const stopped = command === "stdio" ? app.serveStdio() : app.serveHttp();
    await Promise.race([stopped, signalled()]);
    await soon(app.stop());
    return 0;
  } catch (thrown) {
    return fail(toAppError(thrown).message);
  }
}

// Whoever stops a program kills it after some seconds; what is said before that helps more.
const STOP_WITHIN_MS = 4_000;

/** Waits for the end, but not for ever: leases run out and announced writes are looked up, so that leaving early costs time and nothing else. */
async function soon(stopping: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<true>((resolve) => {
    timer = setTimeout(resolve, STOP_WITHIN_MS, true);
  });
  const isLate = await Promise.race([stopping, late]);
  clearTimeout(timer);
  if (isLate)
    console.error(
      "Stopping took too long; the next start takes up what was under way once its lease is over.",
    );
}

async function backup([file, ...more]: readonly string[]): Promise<number> {
  if (file === undefined || more.length > 0 || file.startsWith("-"))
    return fail("Name one file for the backup: hubspot-sync backup FILE");
  const { readConfig } = await import("./config.ts");
  const { toAppError } = await import("./core/errors.ts");
  try {
    const { makeBackup } = await import("./app.ts");
    console.error(await makeBackup(readConfig(), file));
    return 0;
  } catch (thrown) {
    return fail(toAppError(thrown).message);
  }
}

function signalled(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  return promise;
}

function fail(message: string): number {
  console.error(message);
  return 1;
}

if (process.argv[1] && isThisFile(process.argv[1])) {
  process.exit(await main(process.argv.slice(2)));
}

/** Whether Node was started with this file, also through the link that npm makes for a bin. */
function isThisFile(started: string): boolean {
  const here = fileURLToPath(import.meta.url);
  return started === here || started.endsWith("hubspot-sync");
}
