/** Who may speak to the HTTP doors. */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGuard } from "../../mcp-server/src/http/guard.ts";
import { type Doors, openDoors, openServices, type Services } from "./stack.ts";

const TOKEN = "a-token-of-the-tests";

let services: Services;
let doors: Doors;
beforeAll(async () => {
  services = await openServices();
  doors = await openDoors(services, {
    apiToken: TOKEN,
    publicUrl: "https://crm.example.com/hooks",
  });
});
afterAll(async () => {
  await doors.close();
  await services.close();
});

/** A request as bytes, because fetch does not let a program choose Host and Origin. */
function send(path: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(doors.http.port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("end", () => resolve(Buffer.concat(chunks).toString()));
  socket.on("error", reject);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}Connection: close\r\n\r\n`);
  return promise;
}

function status(response: string): number {
  return Number(response.split(" ", 2)[1]);
}

const bearer = { Authorization: `Bearer ${TOKEN}` };

describe.each(["/api/health", "/mcp"])("%s", (path) => {
  // A plain GET is served by the API; MCP, once past the guard, misses its session.
  const passed = path === "/mcp" ? 400 : 200;

  test.each([
    ["localhost", undefined, passed],
    ["127.0.0.1:9999", undefined, passed],
    ["[::1]:80", undefined, passed],
    ["crm.example.com", undefined, passed],
    ["localhost", "http://localhost:3000", passed],
    ["localhost", "https://crm.example.com", passed],
    ["evil.example", undefined, 403],
    ["localhost.evil.example", undefined, 403],
    ["127.0.0.1.nip.io", undefined, 403],
    ["localhost", "http://evil.example", 403],
    ["localhost", "null", 403],
    ["localhost", "file://", 403],
    ["localhost", "https://localhost.evil.example", 403],
    ["evil.example", "http://evil.example", 403],
  ])("Host %s with Origin %s gets %i", async (host, origin, expected) => {
    const response = await send(path, {
      Host: host,
      ...bearer,
      ...(origin ? { Origin: origin } : {}),
    });

    expect(status(response)).toBe(expected);
  });

  test.each([
    [undefined],
    ["Bearer wrong"],
    [`Basic ${TOKEN}`],
    [TOKEN],
    [`Bearer ${TOKEN}x`],
    ["Bearer "],
  ])("Authorization %s gets 401 with a challenge", async (authorization) => {
    const response = await send(path, {
      Host: "localhost",
      ...(authorization ? { Authorization: authorization } : {}),
    });

    expect(status(response)).toBe(401);
    expect(response.toLowerCase()).toContain("www-authenticate: bearer");
    expect(response).toContain("application/problem+json");
    expect(response).not.toContain(TOKEN);
  });
});

test("the scheme of the token may be written in any case", async () => {
  const response = await send("/api/contacts", {
    Host: "localhost",
    Authorization: `bearer ${TOKEN}`,
  });

  expect(status(response)).toBe(200);
});

test("healthz answers without a token, and tells nothing", async () => {
  const response = await send("/healthz", { Host: "anything.example" });

  expect(status(response)).toBe(200);
  expect(response).toContain('{"status":"ok"}');
});

test("every answer forbids caching, framing and guessing its type", async () => {
  const response = (await send("/api/health", { Host: "localhost", ...bearer })).toLowerCase();

  expect(response).toContain("cache-control: no-store");
  expect(response).toContain("x-content-type-options: nosniff");
  expect(response).toContain("frame-ancestors 'none'");
  expect(response).not.toContain("access-control-allow-origin");
});

describe("off loopback", () => {
  test.each(["0.0.0.0", "::", "192.168.1.5", "myhost"])("%s needs a token", (host) => {
    expect(() => createGuard({ host, apiToken: null, publicUrl: null })).toThrow(/API_TOKEN/);
    expect(() => createGuard({ host, apiToken: "t", publicUrl: null })).not.toThrow();
  });

  test.each(["127.0.0.1", "127.0.0.53", "localhost", "::1"])("%s does not", (host) => {
    expect(() => createGuard({ host, apiToken: null, publicUrl: null })).not.toThrow();
  });
});
