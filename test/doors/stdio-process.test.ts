/** The real process over stdio, driven by both generations of clients and by the Inspector. */
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client as ClientV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as TransportV2 } from "@modelcontextprotocol/client/stdio";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { initializeRequest } from "../support/initialize.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const main = join(root, "mcp-server/src/main.ts");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stdio-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function environment(database: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    DATABASE_URL: join(folder, database),
    HTTP_PORT: "0",
    LOG_LEVEL: "error",
  };
}

function command(database: string) {
  return {
    command: process.execPath,
    args: [main, "stdio"],
    env: environment(database),
    cwd: root,
    stderr: "pipe" as const,
  };
}

test("serves a client of the first generation without any key", async () => {
  const client = new Client({ name: "v1", version: "1" });
  await client.connect(new StdioClientTransport(command("v1.db")));

  const { tools } = await client.listTools();
  const health = await client.callTool({ name: "sync-health", arguments: {} });
  await client.close();

  expect(tools).toHaveLength(10);
  expect(health.structuredContent).toMatchObject({
    missing_keys: expect.arrayContaining([
      expect.objectContaining({ variable: "HUBSPOT_ACCESS_TOKEN" }),
    ]),
  });
}, 60_000);

test("serves a client of the second generation that probes with a sibling process first", async () => {
  const client = new ClientV2(
    { name: "v2", version: "1" },
    { versionNegotiation: { mode: "auto" } },
  );
  await client.connect(new TransportV2(command("v2.db")));

  const { tools } = await client.listTools();
  const found = await client.callTool({ name: "query-contacts", arguments: {} });
  await client.close();

  expect(tools).toHaveLength(10);
  expect(found.structuredContent).toMatchObject({ total: 0 });
}, 60_000);

test("writes nothing but JSON-RPC to stdout and ends by itself with its client", async () => {
  const child = spawn(process.execPath, [main, "stdio"], { cwd: root, env: environment("raw.db") });
  const out: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out.push(text));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.stdin.write(`${JSON.stringify(initializeRequest())}\nnonsense\n`);
  await expect.poll(() => out.join(""), { timeout: 20_000 }).toContain("\n");

  child.stdin.end();

  expect(await ended).toBe(0);
  const lines = out.join("").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).id)).toEqual([1]);
}, 60_000);

test("is listed by the Inspector strictly without an error", async () => {
  const packageFile = createRequire(import.meta.url).resolve(
    "@modelcontextprotocol/inspector/package.json",
  );
  const inspector = join(dirname(packageFile), "..", "..", ".bin", "mcp-inspector");
  const { promise, resolve } = Promise.withResolvers<{ code: number; err: string }>();
  execFile(
    inspector,
    ["--cli", process.execPath, main, "stdio", "--method", "tools/list", "--strict"],
    { cwd: root, env: environment("inspector.db"), timeout: 60_000 },
    (error, _out, said) => resolve({ code: error ? Number(error.code ?? 1) : 0, err: said }),
  );

  const { code, err } = await promise;

  expect(err).not.toMatch(/^Error/m);
  expect(code, err).toBe(0);
}, 90_000);
