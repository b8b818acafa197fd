import { createServer, type Server } from "node:http";
import { Client as ClientV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, sandbox, serverFile, startServer } from "../support/child-server.ts";

let box: Sandbox;
beforeEach(async () => {
  box = await sandbox();
});
afterEach(() => box.remove());

const launch = (env: Readonly<Record<string, string>>) => ({
  command: process.execPath,
  args: [serverFile, "stdio"],
  env: { ...env },
  stderr: "pipe" as const,
});

const ada = { email: "Ada@Acme-Robotics.com", first_name: "Ada" };
const contract = [
  "cancel-job",
  "enrich",
  "import",
  "job-status",
  "list-conflicts",
  "query-contacts",
  "queue-sync",
  "resolve-conflict",
  "sync",
  "sync-health",
];

test("serves the v1 client: lists, imports and queries, offline and without any key", async () => {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StdioClientTransport(launch(box.env)));

  const { tools } = await client.listTools();
  const imported = await client.callTool({
    name: "import",
    arguments: { source: "records", records: [ada] },
  });
  const found = await client.callTool({ name: "query-contacts", arguments: { search: "acme" } });
  await client.close();

  expect(tools.map((tool) => tool.name).sort()).toEqual(contract);
  expect(imported.structuredContent).toMatchObject({ status: "completed", counts: { created: 1 } });
  expect(found.structuredContent).toMatchObject({
    total: 1,
    contacts: [{ email: "ada@acme-robotics.com" }],
  });
});

test("serves the v2 client, which may start a second, short-lived copy of the server first", async () => {
  const client = new ClientV2(
    { name: "test", version: "1" },
    { versionNegotiation: { mode: "auto" } },
  );
  await client.connect(new StdioV2(launch(box.env)));

  const { tools } = await client.listTools();
  const imported = await client.callTool({
    name: "import",
    arguments: { source: "records", records: [ada] },
  });
  await client.close();

  expect(tools.map((tool) => tool.name).sort()).toEqual(contract);
  expect(imported.structuredContent).toMatchObject({ counts: { created: 1 } });
});

test("lets two servers work on one database at once", async () => {
  const clients = await Promise.all(
    [1, 2].map(async (n) => {
      const client = new Client({ name: `test-${n}`, version: "1" });
      await client.connect(new StdioClientTransport(launch(box.env)));
      return client;
    }),
  );
  const rows = Array.from({ length: 100 }, (_, n) => ({ email: `person-${n}@acme-robotics.com` }));

  const answers = await Promise.all(
    clients.map((client) =>
      client.callTool({ name: "import", arguments: { source: "records", records: rows } }),
    ),
  );
  const found = await clients[0]?.callTool({ name: "query-contacts", arguments: { limit: 1 } });
  await Promise.all(clients.map((client) => client.close()));

  const created = answers.map(
    (answer) => (answer.structuredContent as { counts: { created?: number } }).counts.created ?? 0,
  );
  expect(created.reduce((sum, count) => sum + count, 0)).toBe(100);
  expect(found?.structuredContent).toMatchObject({ total: 100 });
});

test("writes nothing but JSON-RPC to standard output, and ends with its input", async () => {
  const server = startServer("stdio", box.env);
  const initialize = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "t", version: "1" },
    },
  };
  server.process.stdin?.write(`${JSON.stringify(initialize)}\n`);
  server.process.stdin?.write(
    `${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`,
  );
  server.process.stdin?.write("this is not JSON\n");
  server.process.stdin?.write(
    `${JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" })}\n`,
  );
  await expect
    .poll(() => server.stdout().split("\n").length, { timeout: 20_000 })
    .toBeGreaterThan(2);
  server.process.stdin?.end();

  expect(await server.ended).toBe(0);
  const lines = server.stdout().split("\n").filter(Boolean);
  expect(lines.map((line) => JSON.parse(line).jsonrpc)).toEqual(lines.map(() => "2.0"));
});

test("logs a taken port and goes on without the side listener", async () => {
  const { server: taken, port } = await holdPort();
  const server = startServer("stdio", { ...box.env, HTTP_PORT: String(port) });
  const send = (message: object) =>
    server.process.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const params = {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "t", version: "1" },
  };
  send({ id: 1, method: "initialize", params });
  send({ method: "notifications/initialized" });

  await server.said("no side listener");
  send({ id: 2, method: "tools/list" });
  await expect.poll(() => server.stdout(), { timeout: 20_000 }).toContain('"id":2');
  server.process.stdin?.end();

  expect(await server.ended).toBe(0);
  expect(server.stderr()).toContain(`Port ${port}`);
  taken.close();
});

async function holdPort(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, port: address.port };
}
