/** Web pages in a person's browser: by Host alone, by Origin alone, or by what browsers say of a request, they are kept out. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Doors, openDoors, openServices, type Services } from "../doors/stack.ts";
import { webhookRig } from "../doors/webhook-rig.ts";
import { exchange, type RawAnswer, request } from "./raw-client.ts";

let services: Services;
let doors: Doors;
beforeAll(async () => {
  services = await openServices();
  // No token: nothing but these checks stands between a page and the tools.
  doors = await openDoors(services, { publicUrl: "https://crm.example.com" });
});
afterAll(async () => {
  await doors.close();
  await services.close();
});

const get = (target: string, headers: Readonly<Record<string, string>>): Promise<RawAnswer> =>
  exchange(doors.http.port, request(`GET ${target}`, headers));

describe.each([
  ["/api/health", 200],
  ["/mcp", 400],
  // These doors have no figures to show, but the guard stands before the address.
  ["/metrics", 404],
])("%s", (path, passed) => {
  test.each(["localhost", "LOCALHOST:8787", "127.0.0.1:1", "[::1]:8787", "crm.example.com"])(
    "answers under the name %s",
    async (host) => {
      expect((await get(path, { Host: host })).status).toBe(passed);
    },
  );

  test.each([
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "127.1",
    "127.0.0.2",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[fe80::1%25lo]",
    "localhost.",
    "crm.example.com.",
    "evil@localhost",
    "localhost@evil.example",
    "localhost:80@evil.example",
    "localhost:port",
    "localhost:",
    "localhost:123456",
    "localhost/../evil",
    "localhost?x",
    "localhost#x",
    "evil.example, localhost",
    "localhost, evil.example",
    "localhost evil.example",
    "http://localhost",
    "löcalhost",
    "ｌocalhost",
    "loc%61lhost",
    "",
  ])("does not answer under the name %j", async (host) => {
    expect((await get(path, { Host: host })).status).toBeOneOf([400, 403]);
  });

  test.each([
    "http://localhost:3000",
    "https://localhost",
    "http://127.0.0.1",
    "http://[::1]:5173",
    "https://crm.example.com",
  ])("takes a page of %s for one of this machine", async (origin) => {
    expect((await get(path, { Host: "localhost", Origin: origin })).status).toBe(passed);
  });

  test.each([
    "http://evil.example",
    "https://localhost.evil.example",
    "http://evil.example:8787",
    "http://localhost@evil.example",
    "http://evil.example#localhost",
    "http://evil.example/localhost",
    "http://localhost.",
    "http://127.0.0.1.nip.io",
    "http://crm.example.com.evil.example",
    "null",
    "file://",
    "chrome-extension://localhost",
    "localhost",
    "//localhost",
    "javascript://localhost/%0aalert(1)",
    "",
    " ",
    "http://localhost, http://evil.example",
  ])("refuses a page of %j although the Host is right", async (origin) => {
    const answer = await get(path, { Host: "localhost", Origin: origin });

    expect(answer.status).toBe(403);
    expect(answer.text).toContain("ORIGIN_NOT_ALLOWED");
    expect(answer.text).not.toContain("evil");
  });

  test("refuses the Host that DNS rebinding brings, although page and Host agree", async () => {
    const answer = await get(path, { Host: "evil.example", Origin: "http://evil.example" });

    expect(answer.status).toBe(403);
    expect(answer.text).toContain("HOST_NOT_ALLOWED");
  });

  test("refuses an address in full that names another host, although the Host is right", async () => {
    const own = await get(`http://localhost${path}`, { Host: "localhost" });
    const foreign = await get(`http://evil.example${path}`, { Host: "localhost" });
    const reversed = await get(`http://localhost${path}`, { Host: "evil.example" });

    expect(own.status).toBe(passed);
    expect([foreign.status, reversed.status]).toEqual([403, 403]);
  });

  test.each(["no-cors", "cors", "websocket"])(
    "refuses what a page of another site loads without saying its Origin (%s)",
    async (mode) => {
      const foreign = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode };

      expect((await get(path, { Host: "localhost", ...foreign })).status).toBe(403);
    },
  );

  test("answers a link that a person follows, and pages of its own", async () => {
    const link = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" };
    const own = { "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors" };

    expect((await get(path, { Host: "localhost", ...link })).status).toBe(passed);
    expect((await get(path, { Host: "localhost", ...own })).status).toBe(passed);
  });

  test("lets no page ask beforehand whether it may: a preflight gets no permission", async () => {
    const asked = await exchange(
      doors.http.port,
      request(`OPTIONS ${path}`, {
        Host: "localhost",
        Origin: "http://localhost:3000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
      }),
    );

    expect(asked.status).not.toBe(204);
    expect(asked.text.toLowerCase()).not.toContain("access-control-allow");
  });
});

test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])(
  "a form of a page (%s) starts nothing, even one of this machine",
  async (type) => {
    const body = '{"object":"contacts"}';
    const headers = {
      Host: "localhost",
      Origin: "http://localhost:3000",
      "Content-Type": type,
      "Content-Length": String(body.length),
    };

    const { status } = await exchange(
      doors.http.port,
      request("POST /api/sync/hubspot", headers, body),
    );

    expect(status).toBe(415);
    expect(await services.services.jobs.list(10)).toEqual([]);
  },
);

test("the address for notifications asks for a signature, not for a Host, an Origin or a token", async () => {
  const rig = await webhookRig({ apiToken: "0123456789abcdef0123456789abcdef" });
  const port = Number(new URL(rig.url).port);
  const body = "[]";
  const headers = { Host: "evil.example", "Content-Length": String(body.length) };

  const unsigned = await exchange(port, request("POST /webhooks/hubspot", headers, body));
  const signed = await rig.send(body);
  const elsewhere = await exchange(port, request("GET /api/health", { Host: "localhost" }));

  expect(unsigned.status).toBe(401);
  expect(signed.status).toBe(200);
  expect(elsewhere.status).toBe(401);
});
