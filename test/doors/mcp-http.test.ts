/** MCP over Streamable HTTP: both generations of clients, and the life of a session. */
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterEach, describe, expect, test } from "vitest";
import { initializeRequest } from "../support/initialize.ts";
import { gatedWorker, open } from "../tools/calls.ts";
import { storedContact } from "./contacts.ts";
import {
  type DoorOptions,
  type Doors,
  openDoors,
  type ServiceOptions,
  type Services,
} from "./stack.ts";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each.close();
});

async function openMcp(
  doorOptions: DoorOptions = {},
  serviceOptions: ServiceOptions = {},
): Promise<{ services: Services; doors: Doors; url: URL }> {
  const services = await open(serviceOptions);
  const doors = await openDoors(services, doorOptions);
  closing.push(doors);
  return { services, doors, url: new URL(`${doors.http.url}/mcp`) };
}

const initialize = initializeRequest("2025-06-18");

function send(
  url: URL,
  message: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body: JSON.stringify(message),
  });
}

/** Opens a session by hand and returns its id. */
async function session(url: URL): Promise<string> {
  const response = await send(url, initialize);
  await response.text();
  return response.headers.get("mcp-session-id") ?? "";
}

function list(url: URL, id: string): Promise<Response> {
  return send(url, { jsonrpc: "2.0", id: 2, method: "tools/list" }, { "mcp-session-id": id });
}

describe("clients", () => {
  test("of the first generation list and call tools", async () => {
    const { services, url } = await openMcp({ apiToken: "t" });
    await storedContact(services.store, "ada@example.com");
    const client = new Client({ name: "v1", version: "1" });
    closing.push(client);
    await client.connect(
      new StreamableHTTPClientTransport(url, {
        requestInit: { headers: { Authorization: "Bearer t" } },
      }),
    );

    const { tools } = await client.listTools();
    const { structuredContent } = await client.callTool({ name: "query-contacts", arguments: {} });

    expect(tools).toHaveLength(10);
    expect(client.getInstructions()).toContain("job-status");
    expect(structuredContent).toMatchObject({ total: 1 });
  });

  test("of the second generation, choosing the protocol by themselves, do too", async () => {
    const { services, url } = await openMcp();
    await storedContact(services.store, "ada@example.com");
    const client = new ClientV2(
      { name: "v2", version: "1" },
      { versionNegotiation: { mode: "auto" } },
    );
    closing.push(client);
    await client.connect(new TransportV2(url));

    const { tools } = await client.listTools();
    const { structuredContent } = await client.callTool({ name: "query-contacts", arguments: {} });

    expect(tools).toHaveLength(10);
    expect(structuredContent).toMatchObject({ total: 1 });
  });

  test("hear progress of a long call", async () => {
    const worker = gatedWorker();
    const { url } = await openMcp(
      {},
      {
        handlers: {
          import: async (context) => {
            await context.save({ progress: { done: 3, total: 10, phase: "reading rows" } });
            return await worker.handler(context);
          },
        },
      },
    );
    const client = new Client({ name: "v1", version: "1" });
    closing.push(client);
    await client.connect(new StreamableHTTPClientTransport(url));

    const heard: string[] = [];
    const answer = client.callTool(
      { name: "import", arguments: { source: "csv", path: "a.csv" } },
      undefined,
      { onprogress: ({ message }) => heard.push(message ?? "") },
    );
    await expect.poll(() => heard, { timeout: 5_000 }).toContain("reading rows, 3 of 10");
    worker.finish();

    expect((await answer).structuredContent).toMatchObject({ status: "completed" });
  });
});

describe("sessions", () => {
  test("end by DELETE, and are then unknown", async () => {
    const { doors, url } = await openMcp();
    const id = await session(url);
    expect((await list(url, id)).status).toBe(200);

    const ended = await fetch(url, { method: "DELETE", headers: { "mcp-session-id": id } });

    expect(ended.status).toBe(200);
    expect((await list(url, id)).status).toBe(404);
    expect(doors.mcp.sessionCount).toBe(0);
  });

  test("that never were get 404 as JSON-RPC, so that clients initialise again", async () => {
    const { url } = await openMcp();

    const response = await list(url, "no-such-session");

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ jsonrpc: "2.0", error: { code: -32_001 } });
  });

  test("end when idle, but not while they are used", async () => {
    let now = 1_000_000;
    const { doors, url } = await openMcp({ clock: { now: () => now }, idleMs: 60_000 });
    const used = await session(url);
    const idle = await session(url);

    now += 50_000;
    await (await list(url, used)).text();
    now += 50_000;

    expect((await list(url, used)).status).toBe(200);
    expect((await list(url, idle)).status).toBe(404);
    expect(doors.mcp.sessionCount).toBe(1);
  });

  test("are bounded: a new one ends the one unused for longest", async () => {
    let now = 1_000_000;
    const { doors, url } = await openMcp({ clock: { now: () => now }, maxSessions: 2 });
    const first = await session(url);
    now += 1_000;
    const second = await session(url);
    now += 1_000;
    await (await list(url, first)).text();
    now += 1_000;
    const third = await session(url);

    expect(doors.mcp.sessionCount).toBe(2);
    expect((await list(url, first)).status).toBe(200);
    expect((await list(url, second)).status).toBe(404);
    expect((await list(url, third)).status).toBe(200);
  });

  test("are not opened by anything but initialize", async () => {
    const { doors, url } = await openMcp();

    const before = await send(url, { jsonrpc: "2.0", id: 1, method: "tools/list" });
    const broken = await send(url, "not json-rpc");
    const bare = await fetch(url, { headers: { accept: "text/event-stream" } });

    expect([before.status, broken.status, bare.status]).toEqual([400, 400, 400]);
    expect(doors.mcp.sessionCount).toBe(0);
  });
});
