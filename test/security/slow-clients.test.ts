/** Clients that take their time, send too much or never end: they cost themselves, and nobody else. */
import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type HttpServer, serveHttp } from "../../mcp-server/src/http/listen.ts";
import { openDoors, openServices } from "../doors/stack.ts";
import { exchange, open, received, request } from "./raw-client.ts";

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

const impatient = { headersMs: 300, requestMs: 600, everyMs: 50 } as const;

async function serve(patience = {}): Promise<HttpServer> {
  const server = await serveHttp({
    fetch: async (incoming) => new Response(await incoming.text()),
    host: "127.0.0.1",
    port: 0,
    patience: { ...impatient, ...patience },
  });
  cleanUps.push(() => server.close(0));
  return server;
}

async function productPort(): Promise<number> {
  const services = await openServices();
  cleanUps.push(() => services.close());
  const doors = await openDoors(services);
  cleanUps.push(() => doors.close());
  return doors.http.port;
}

/** Sends a byte again and again until the server has had enough. */
function drip(socket: Socket, byte: string): void {
  const timer = setInterval(() => socket.write(byte), 20);
  socket.once("close", () => clearInterval(timer));
}

describe("a client that never finishes", () => {
  test("its headers is answered 408 and disconnected, however busily it goes on", async () => {
    const { port } = await serve();
    const socket = await open(port);
    const answer = received(socket);

    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    drip(socket, "a");

    expect((await answer).status).toBe(408);
  });

  test("its body is answered 408 and disconnected", async () => {
    const { port } = await serve();
    const socket = await open(port);
    const answer = received(socket);

    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
    drip(socket, "a");

    expect((await answer).status).toBe(408);
  });

  test("its chunked body is answered 408 and disconnected", async () => {
    const { port } = await serve();
    const socket = await open(port);
    const answer = received(socket);

    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    drip(socket, "1\r\na\r\n");

    expect((await answer).status).toBe(408);
  });

  test("anything at all is disconnected", async () => {
    const { port } = await serve();
    const socket = await open(port);
    const answer = received(socket);

    expect((await answer).text).toMatch(/^$|408/);
  });
});

test("an answer that takes longer than its request may is not cut off", async () => {
  const gate = Promise.withResolvers<void>();
  const server = await serveHttp({
    fetch: async () => {
      await gate.promise;
      return new Response("at last");
    },
    host: "127.0.0.1",
    port: 0,
    patience: { headersMs: 50, requestMs: 50, everyMs: 10 },
  });
  cleanUps.push(() => server.close(0));

  const answer = fetch(server.url);
  setTimeout(gate.resolve, 400);

  expect(await (await answer).text()).toBe("at last");
});

test("200 slow clients keep nobody from being answered", async () => {
  const port = await productPort();
  const slow = await Promise.all(Array.from({ length: 200 }, () => open(port)));
  cleanUps.push(() => slow.map((socket) => socket.destroy()));
  slow.forEach((socket, n) => {
    const body =
      "POST /api/sync/hubspot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n{";
    socket.write(n % 2 === 0 ? "GET /api/health HTTP/1.1\r\nHost: " : body);
  });

  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      exchange(port, request("GET /api/health", { Host: "localhost" })),
    ),
  );

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(slow.filter((socket) => socket.destroyed)).toEqual([]);
});

test("connections beyond the bound are closed unread, and room comes back", async () => {
  const { port } = await serve({ connections: 2 });
  const [first, second] = [await open(port), await open(port)];
  const full = await exchange(port, request("GET /", { Host: "localhost" }));
  first.destroy();
  second.destroy();

  expect(full).toEqual({ status: null, text: "" });
  await expect
    .poll(async () => (await exchange(port, request("GET /", { Host: "localhost" }))).status)
    .toBe(200);
});

describe("a body that is too large", () => {
  const json = { Host: "localhost", "Content-Type": "application/json" };

  test.each([
    ["/api/import/records", 1_000_001],
    ["/api/sync/hubspot", 50_000_000],
    ["/api/conflicts/resolve", 1_000_001],
  ])("announced for %s (%i bytes) is refused before it is read", async (path, length) => {
    const answer = await exchange(
      await productPort(),
      request(`POST ${path}`, { ...json, "Content-Length": String(length) }),
    );

    expect(answer.status).toBe(413);
  });

  test.each(["/api/import/records", "/api/enrich", "/mcp"])(
    "sent to %s in chunks is refused as soon as it is too large",
    async (path) => {
      const socket = await open(await productPort());
      const answer = received(socket);
      const accept = { Accept: "application/json, text/event-stream" };
      socket.write(request(`POST ${path}`, { ...json, ...accept, "Transfer-Encoding": "chunked" }));

      // Never ended: a server that wanted it whole would wait.
      const piece = "a".repeat(100_000);
      for (let n = 0; n < 12; n += 1) socket.write(`186a0\r\n${piece}\r\n`);

      expect((await answer).status).toBe(413);
    },
  );
});

test("a request hidden behind another one meets the guard of its own", async () => {
  const port = await productPort();
  const socket = await open(port);
  const answer = received(socket);

  socket.write("GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  socket.write(request("GET /api/contacts", { Host: "evil.example" }));

  const statuses = [...(await answer).text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => code);
  expect(statuses).toEqual(["200", "403"]);
});

test.each([
  ["two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n"],
  ["a length beside chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"],
  ["a coding that is none", "Transfer-Encoding: xchunked\r\n"],
])("%s cannot smuggle a request", async (_, headers) => {
  const port = await productPort();

  const { status } = await exchange(
    port,
    `POST /api/enrich HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n0\r\n\r\nGET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  );

  expect(status).toBe(400);
});
