/** Tokens and sessions: compared without telling anything, never repeated, and of no use by themselves. */
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../mcp-server/src/config.ts";
import { createGuard } from "../../mcp-server/src/http/guard.ts";
import { type Doors, openDoors, openServices, type Services } from "../doors/stack.ts";
import { initializeRequest } from "../support/initialize.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";

let services: Services;
let doors: Doors;
beforeAll(async () => {
  services = await openServices();
  doors = await openDoors(services, { apiToken: TOKEN });
});
afterAll(async () => {
  await doors.close();
  await services.close();
});

const wrong = [
  "",
  "Bearer",
  "Bearer ",
  `Bearer ${TOKEN.slice(0, -1)}`,
  `Bearer ${TOKEN}0`,
  `Bearer ${TOKEN.toUpperCase()}`,
  `Bearer  ${TOKEN}`,
  `Bearer ${TOKEN}, Bearer ${TOKEN}`,
  `bearer:${TOKEN}`,
  `Token ${TOKEN}`,
  TOKEN,
  `Basic ${Buffer.from(`x:${TOKEN}`).toString("base64")}`,
  "Bearer null",
  "Bearer undefined",
  "Bearer [secret]",
  `Bearer ${"0".repeat(8_000)}`,
];

describe("the token", () => {
  const { timingSafeEqual } = crypto;
  afterEach(() => {
    crypto.timingSafeEqual = timingSafeEqual;
    syncBuiltinESMExports();
  });

  test("is compared once, as digests of one length, whatever is sent", () => {
    const compared: (readonly [number, number])[] = [];
    crypto.timingSafeEqual = (a, b) => {
      compared.push([a.byteLength, b.byteLength]);
      return timingSafeEqual(a, b);
    };
    syncBuiltinESMExports();
    const guard = createGuard({ host: "127.0.0.1", apiToken: TOKEN, publicUrl: null });

    for (const authorization of [...wrong, `Bearer ${TOKEN}`]) {
      guard(
        new Request("http://localhost/api/health", {
          headers: { host: "localhost", authorization },
        }),
      );
    }

    expect(compared).toEqual(Array.from({ length: wrong.length + 1 }, () => [32, 32]));
  });

  test.each([
    "/api/health",
    "/api/contacts",
    "/api/openapi.json",
    "/api/nowhere",
    "/mcp",
    "/metrics",
  ])("is asked for at %s, and the refusal does not repeat what was sent", async (path) => {
    for (const authorization of wrong) {
      const answer = await fetch(`${doors.http.url}${path}`, { headers: { authorization } });
      const text = await answer.text();

      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer /);
      expect(text + JSON.stringify([...answer.headers])).not.toContain(TOKEN.slice(0, 20));
    }
  });

  test.each(["token", "api_token", "access_token", "authorization"])(
    "is not taken from the address (?%s=), where logs and histories would keep it",
    async (name) => {
      const answer = await fetch(`${doors.http.url}/api/health?${name}=${TOKEN}`);

      expect(answer.status).toBe(401);
    },
  );

  test("never gets into the log, not even when it is wrong", () => {
    expect(JSON.stringify(services.lines)).not.toContain(TOKEN.slice(0, 20));
  });
});

describe("listening beyond this machine", () => {
  test.each([
    "0.0.0.0",
    "::",
    "192.168.1.5",
    "example.com",
    "127.0.0.1.nip.io",
    "localhost.evil.example",
    "0",
  ])("at %s without a token is refused by the settings and by the guard itself", (host) => {
    expect(() => readConfig({ HTTP_HOST: host })).toThrow(/API_TOKEN must be set/);
    expect(() => readConfig({ HTTP_HOST: host, API_TOKEN: "short" })).toThrow(/16 characters/);
    expect(() => createGuard({ host, apiToken: null, publicUrl: null })).toThrow(/API_TOKEN/);
    expect(readConfig({ HTTP_HOST: host, API_TOKEN: TOKEN }).HTTP_HOST).toBe(host);
  });
});

describe("a session", () => {
  async function initialize(authorization = `Bearer ${TOKEN}`): Promise<Response> {
    return mcp(initializeRequest(), { authorization });
  }

  function mcp(body: object, headers: Readonly<Record<string, string>>): Promise<Response> {
    return fetch(`${doors.http.url}/mcp`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body: JSON.stringify(body),
    });
  }

  test("has an id of 122 random bits, never the same", async () => {
    const ids = new Set<string>();
    for (let n = 0; n < 50; n += 1) {
      const answer = await initialize();
      await answer.body?.cancel();
      ids.add(answer.headers.get("mcp-session-id") ?? "");
    }

    expect(ids.size).toBe(50);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("is no way around the token: its id alone, or with another token, opens nothing and ends nothing", async () => {
    const begun = await initialize();
    await begun.body?.cancel();
    const id = begun.headers.get("mcp-session-id") ?? "";
    const list = { jsonrpc: "2.0", id: 2, method: "tools/list" };

    const alone = await mcp(list, { "mcp-session-id": id });
    const other = await mcp(list, { "mcp-session-id": id, authorization: `Bearer ${TOKEN}x` });
    const ending = await fetch(`${doors.http.url}/mcp`, {
      method: "DELETE",
      headers: { "mcp-session-id": id },
    });
    const own = await mcp(list, { "mcp-session-id": id, authorization: `Bearer ${TOKEN}` });

    expect([alone.status, other.status, ending.status, own.status]).toEqual([401, 401, 401, 200]);
    await own.body?.cancel();
  });

  test.each([
    "",
    "x",
    "00000000-0000-4000-8000-000000000000",
    "__proto__",
    "constructor",
    "a".repeat(5_000),
  ])("that nobody opened (%j) is not there", async (id) => {
    const answer = await mcp(
      { jsonrpc: "2.0", id: 2, method: "tools/list" },
      { "mcp-session-id": id, authorization: `Bearer ${TOKEN}` },
    );

    expect(answer.status).toBeOneOf([400, 404]);
  });
});
