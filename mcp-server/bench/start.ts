/** The start benchmark: how long an MCP client waits for its first answer from a fresh process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

/** Milliseconds from starting the process to the answered `initialize`, over several starts on one database; a bare Node process as the floor. */
export async function benchStart({ runs }: { runs: number }): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), "bench-start-"));
  const server = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const times: number[] = [];
  const floor: number[] = [];
  try {
    for (let run = 0; run < runs; run += 1) {
      times.push(await initialize([server, "stdio"], join(folder, "start.db")));
      floor.push(await initialize(["--eval", echo], ""));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { runs, initialize_ms: spread(times), bare_node_ms: spread(floor) };
}

// Answers `initialize` and nothing else, with no library at all.
const echo = `process.stdin.once("data", (line) => process.stdout.write(JSON.stringify({
  jsonrpc: "2.0", id: JSON.parse(line).id,
  result: { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "bare", version: "1" } },
}) + "\\n"));`;

async function initialize(args: readonly string[], database: string): Promise<number> {
  const client = new Client({ name: "bench", version: "1" });
  const env = { DATABASE_URL: database, HTTP_PORT: "0", LOG_LEVEL: "error" };
  const transport = new StdioClientTransport({ command: process.execPath, args: [...args], env });
  const started = performance.now();
  await client.connect(transport);
  const taken = performance.now() - started;
  await client.close();
  return taken;
}

function spread(times: readonly number[]): { min: number; median: number; max: number } {
  const sorted = [...times].sort((a, b) => a - b).map(Math.round);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { min: at(0), median: at(0.5), max: at(1) };
}
