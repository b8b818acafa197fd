/** MCP's framing, over HTTP and over standard input: broken messages harm nobody, and the next one is answered. */
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { serveStdio } from "../../mcp-server/src/mcp/stdio.ts";
import {
  type Doors,
  openDoors,
  openServices,
  productServer,
  type Services,
} from "../doors/stack.ts";
import { initializeRequest } from "../support/initialize.ts";
import { fuzz, inTime, testTimeout } from "./fuzz-rounds.ts";
import { canaries, expectNoLeak, watchForAccidents } from "./laws.ts";
import { messages, oddMessages } from "./mcp-messages.ts";

watchForAccidents();
let open: Services;
let doors: Doors;
beforeAll(async () => {
  open = await openServices();
  doors = await openDoors(open, { apiToken: canaries.apiToken });
});
afterAll(async () => {
  await doors.close();
  await open.close();
});

// The library's own refusals of parameters quote the validator, with names and without values.
const expectClean = (text: string): void => expectNoLeak(text.replaceAll(/"ZodError"/g, ""));

describe("over HTTP", () => {
  const headers = {
    authorization: `Bearer ${canaries.apiToken}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };

  async function post(body: string, more: Record<string, string> = {}) {
    const url = `${doors.http.url}/mcp`;
    const signal = AbortSignal.timeout(20_000);
    const request = fetch(url, { method: "POST", headers: { ...headers, ...more }, body, signal });
    const response = await inTime(request, body.slice(0, 200));
    const text = await inTime(response.text(), "the answer's body");
    expectClean(text);
    expect(response.status, text).toBeLessThan(500);
    return { response, text };
  }

  async function session(): Promise<string> {
    const { response } = await post(JSON.stringify(initializeRequest()));
    return response.headers.get("mcp-session-id") ?? "";
  }

  async function stillServes(id: string): Promise<void> {
    const ping = JSON.stringify({ jsonrpc: "2.0", id: "last", method: "ping" });
    expect((await post(ping, { "mcp-session-id": id })).text).toContain('"id":"last"');
  }

  test(
    "messages spoiled in any way",
    async () => {
      const id = await session();
      await fuzz(
        messages,
        async (message) => {
          await post(message, { "mcp-session-id": id });
          await post(message);
        },
        { runs: 120, shortMs: 4_000 },
      );
      await stillServes(id);
    },
    testTimeout,
  );

  test.each(oddMessages)("%s", async (_, message) => {
    const id = await session();

    await post(message);
    await post(message, { "mcp-session-id": id });

    await stillServes(id);
  });

  test.each(["", "nonsense", "../..", "\t", "x".repeat(5_000), canaries.foreign])(
    "a session that never was: %s",
    async (id) => {
      const { response } = await post('{"jsonrpc":"2.0","id":1,"method":"ping"}', {
        "mcp-session-id": id,
      });
      expect([400, 404]).toContain(response.status);
    },
  );

  test.each(["1999-01-01", "", "2099-12-31", "not a version", "x".repeat(1_000)])(
    "a version of the protocol that is none: %s",
    async (version) => {
      const id = await session();
      await post('{"jsonrpc":"2.0","id":1,"method":"ping"}', {
        "mcp-session-id": id,
        "mcp-protocol-version": version,
      });
      await stillServes(id);
    },
  );

  test("bodies over the limit are refused before they are read whole", async () => {
    const { response } = await post(`{"jsonrpc":"2.0","id":1,"method":"${"m".repeat(3_000_000)}"}`);
    expect(response.status).toBe(413);
  });

  test(
    "hundreds of sessions that nobody closes are bounded",
    async () => {
      for (let n = 0; n < 150; n += 1) await session();

      expect(doors.mcp.sessionCount).toBeLessThanOrEqual(100);
      await stillServes(await session());
    },
    testTimeout,
  );
});

describe("over standard input", () => {
  async function stdio() {
    const input = new PassThrough();
    const output = new PassThrough();
    const door = await serveStdio(productServer(open, "stdio"), open.log, input, output);
    onTestFinished(() => door.close());
    let out = "";
    output.on("data", (data) => {
      out += String(data);
    });
    const answered = async (id: string): Promise<void> => {
      const deadline = Date.now() + 20_000;
      while (!out.includes(`"id":"${id}"`)) {
        if (Date.now() > deadline) throw new Error(`no answer to ${id}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    let pings = 0;
    const stillServes = async (): Promise<void> => {
      pings += 1;
      input.write(`${JSON.stringify({ jsonrpc: "2.0", id: `ping-${pings}`, method: "ping" })}\n`);
      await answered(`ping-${pings}`);
    };
    input.write(`${JSON.stringify({ ...initializeRequest(), id: "init" })}\n`);
    await answered("init");
    return { input, stillServes, take: () => out };
  }

  function expectJsonRpc(out: string): void {
    expectClean(out);
    for (const line of out.trim().split("\n"))
      expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
  }

  test(
    "messages spoiled in any way",
    async () => {
      const { input, stillServes, take } = await stdio();
      await fuzz(
        messages,
        async (message) => {
          input.write(`${message}\n`);
          await stillServes();
        },
        { runs: 150, shortMs: 4_000 },
      );
      expectJsonRpc(take());
    },
    testTimeout,
  );

  test.each(oddMessages)("%s", async (_, message) => {
    const { input, stillServes, take } = await stdio();

    input.write(`${message}\n`);

    await stillServes();
    expectJsonRpc(take());
  });

  test("bytes that are no text, and lines cut anywhere", async () => {
    const { input, stillServes, take } = await stdio();

    input.write(Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0xc3, 0x28, 0x0a]));
    for (const byte of Buffer.from('{"jsonrpc":"2.0","id":"slow","method":"ping"}\r\n'))
      input.write(Buffer.from([byte]));

    await stillServes();
    expect(take()).toContain('"id":"slow"');
  });

  test(
    "a line that does not end is dropped, and the next one answered",
    async () => {
      const { input, stillServes, take } = await stdio();
      const piece = "x".repeat(1_000_000);

      for (let n = 0; n < 60; n += 1) {
        if (!input.write(piece)) await new Promise((resolve) => input.once("drain", resolve));
      }
      input.write("\n");

      await stillServes();
      expectJsonRpc(take());
    },
    testTimeout,
  );
});
