/** The REST door: bodies, queries, paths, methods, types and encodings that no program in its senses would send. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toolRoutes } from "../../mcp-server/src/http/routes.ts";
import { inputSchemaOf } from "../../mcp-server/src/tools/advertised.ts";
import { type Doors, openDoors, openServices, type Services } from "../doors/stack.ts";
import { fuzz, inTime, testTimeout } from "./fuzz-rounds.ts";
import { canaries, expectNoLeak, watchForAccidents } from "./laws.ts";
import { nastyText } from "./nasty.ts";
import { rawRequest, requestText } from "./raw-http.ts";
import { argumentsFor } from "./schema-values.ts";
import { nobody } from "./tools-rig.ts";

watchForAccidents();
let open: Services;
let doors: Doors;
beforeAll(async () => {
  open = await openServices();
  doors = await openDoors(open, { apiToken: canaries.apiToken });
  await open.tools
    .find(({ name }) => name === "import")
    ?.run({ source: "records", records: [{ email: "ada@example.com" }], wait_seconds: 5 }, nobody);
});
afterAll(async () => {
  await doors.close();
  await open.close();
});

const bearer = { authorization: `Bearer ${canaries.apiToken}` };
const json = { ...bearer, "content-type": "application/json" };

/** The law of this file: an answer of ours, in time, that tells nothing, whatever was sent. */
async function lawful(path: string, init: RequestInit): Promise<Response> {
  const answer = await inTime(
    fetch(`${doors.http.url}${path}`, { redirect: "manual", ...init }),
    path,
  );
  const text = await answer.text();
  expectNoLeak(text);
  expect([500, 501, 502], `${path}: ${text}`).not.toContain(answer.status);
  // Addresses and headers beyond 16 KB together never become a request: the server's parser refuses them itself.
  if (answer.status === 431) {
    expect(path.length).toBeGreaterThan(15_000);
    expect(text).toBe("");
    return answer;
  }
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  if (answer.status >= 400) {
    expect(answer.headers.get("content-type")).toMatch(/^application\/(problem\+)?json/);
    const { code = null, refused } = JSON.parse(text);
    // A refused decision says why for each conflict.
    expect(code ?? refused?.[0]?.code).toMatch(/^[A-Z0-9_]+$/);
  } else expect(answer.status).toBeLessThan(300);
  return answer;
}

async function stillServes(): Promise<void> {
  const health = await fetch(`${doors.http.url}/api/health`, { headers: bearer });
  expect(health.status).toBe(200);
  await health.body?.cancel();
}

const encoded = nastyText.map((text) => encodeURIComponent(text.toWellFormed().slice(0, 3_000)));

describe("REST", () => {
  test.each(toolRoutes.filter(({ method }) => method === "post"))(
    "$path with bodies from in order to absurd",
    async (route) => {
      const tool = open.tools.find(({ name }) => name === route.tool);
      if (!tool) throw new Error(route.tool);
      const path = route.path.replaceAll(/\{\w+\}/g, "1");
      await fuzz(
        argumentsFor(inputSchemaOf(tool)).map((value) => JSON.stringify(value)),
        async (body) => {
          const quick = body.replaceAll(/"wait_seconds":[^,}]*/g, '"wait_seconds":0');
          await lawful(path, { method: "POST", headers: json, body: quick });
        },
        { runs: 25, shortMs: 900 },
      );
      await stillServes();
    },
    testTimeout,
  );

  test(
    "queries and paths",
    async () => {
      const paths = toolRoutes.filter(({ method }) => method === "get").map(({ path }) => path);
      const more = [
        "/api/jobs",
        "/api/jobs/{id}/rejects",
        "/api/jobs/{id}/rejects.csv",
        "/api/reconciliations/{id}",
        "/healthz",
      ];
      const names = fc.oneof(
        encoded,
        fc.constantFrom(
          "filter",
          "email",
          "limit",
          "cursor",
          "sort",
          "fields",
          "status",
          "wait_seconds",
          "__proto__",
          "company",
        ),
      );
      await fuzz(
        fc.record({
          path: fc.constantFrom(...paths, ...more),
          part: encoded,
          query: fc.array(fc.tuple(names, encoded), { maxLength: 4 }),
        }),
        async ({ path, part, query }) => {
          const address = path.replaceAll(/\{\w+\}/g, part === "" ? "x" : part);
          const asked = query
            .filter(([name]) => name !== "wait_seconds")
            .map(([name, value]) => `${name}=${value}`);
          await lawful(`${address}?${asked.join("&")}`, { headers: bearer });
        },
        { runs: 150, shortMs: 3_000 },
      );
      await stillServes();
    },
    testTimeout,
  );

  test.each([
    [
      "duplicate keys",
      '{"source":"csv","source":"records","records":[{"email":"a@b.co"}],"wait_seconds":0}',
    ],
    ["numbers beyond numbers", '{"filter":{"status":1e999},"limit":1e400}'],
    ["a text cut off", '{"source":"rec'],
    ["two values", "{}{}"],
    ["a list", "[]"],
    ["nothing", ""],
    ["null", "null"],
    ["a byte order mark", "\uFEFF{}"],
    [
      "400,000 lists in one another",
      `{"source":"records","records":[{"a":${"[".repeat(400_000)}${"]".repeat(400_000)}}]}`,
    ],
    ["400,000 lists that do not end", "[".repeat(400_000)],
    ["keys of a prototype", '{"__proto__":{"source":"csv"},"constructor":1}'],
    ["100,000 keys", `{${Array.from({ length: 60_000 }, (_, n) => `"k${n}":1`).join(",")}}`],
  ])("a body of %s", async (_, body) => {
    for (const path of ["/api/import/records", "/api/sync/hubspot", "/api/conflicts/resolve"]) {
      await lawful(path, { method: "POST", headers: json, body });
    }
    await stillServes();
  });

  test("bytes that are no text are not taken for one", async () => {
    const latin1 = Buffer.from(
      '{"records":[{"email":"jose@example.com","first_name":"Jos\xe9"}],"wait_seconds":5}',
      "latin1",
    );

    const answer = await lawful("/api/import/records", {
      method: "POST",
      headers: json,
      body: latin1,
    });

    expect(answer.status).toBe(400);
  });

  test.each([
    ["gzip", gzipSync(Buffer.alloc(50_000_000))],
    ["gzip", Buffer.from("{}")],
    ["br", Buffer.from("{}")],
    ["identity, gzip", Buffer.from("{}")],
    ["x".repeat(500), Buffer.from("{}")],
  ])("a body encoded as %s is not unpacked", async (encoding, body) => {
    const headers = { ...json, "content-encoding": encoding };

    await lawful("/api/import/records", { method: "POST", headers, body });
    await stillServes();
  });

  test.each([
    "",
    "text/plain",
    "application/xml",
    "application/json; charset=utf-16",
    "multipart/form-data; boundary=x",
    "a".repeat(2_000),
  ])("a body of type %s", async (type) => {
    const headers = { ...bearer, "content-type": type };

    await lawful("/api/import/records", {
      method: "POST",
      headers,
      body: '{"records":[{"email":"a@b.co"}]}',
    });
  });

  test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "LINK"])(
    "the method %s at every address",
    async (method) => {
      for (const { path } of toolRoutes) {
        const address = `${doors.http.url}${path.replaceAll(/\{\w+\}/g, "x")}`;
        const answer = await inTime(fetch(address, { method, headers: bearer }), path);
        expectNoLeak(await answer.text());
        expect(answer.status).toBeLessThan(500);
      }
    },
  );
});

const host = "Host: 127.0.0.1";
const start = requestText("POST /api/import/records HTTP/1.1", {
  Host: "127.0.0.1",
  Authorization: `Bearer ${canaries.apiToken}`,
  "Content-Type": "application/json",
}).replace(/\r\n\r\n$/, "");

describe("HTTP itself", () => {
  test.each<[string, string]>([
    ["a length that is longer than the body", `${start}\r\nContent-Length: 5000\r\n\r\n{}`],
    ["a length that is shorter than the body", `${start}\r\nContent-Length: 1\r\n\r\n{}{}{}`],
    ["two lengths", `${start}\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}`],
    ["a length below zero", `${start}\r\nContent-Length: -1\r\n\r\n{}`],
    ["a length beyond all numbers", `${start}\r\nContent-Length: 99999999999999999999\r\n\r\n{}`],
    [
      "a length and chunks",
      `${start}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ["chunks of no number", `${start}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    [
      "a chunk that is said to be huge",
      `${start}\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}`,
    ],
    ["chunks that break off", `${start}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a`],
    ["no host", "GET /healthz HTTP/1.1\r\n\r\n"],
    ["two hosts", `GET /healthz HTTP/1.1\r\n${host}\r\n${host}\r\n\r\n`],
    ["a host that is none", "GET /api/health HTTP/1.1\r\nHost: [::zz]:x/..\r\n\r\n"],
    ["NUL in a header", `GET /api/health HTTP/1.1\r\n${host}\r\nX: a\0b\r\n\r\n`],
    ["NUL in the path", `GET /api/health\0 HTTP/1.1\r\n${host}\r\n\r\n`],
    [
      "an address of another host",
      `GET http://evil.example/api/health HTTP/1.1\r\n${host}\r\n\r\n`,
    ],
    ["a path of 20 kB", `GET /${"a".repeat(20_000)} HTTP/1.1\r\n${host}\r\n\r\n`],
    ["20 kB of headers", `GET /healthz HTTP/1.1\r\n${host}\r\nX: ${"a".repeat(20_000)}\r\n\r\n`],
    ["3,000 headers", `GET /healthz HTTP/1.1\r\n${host}\r\n${"A: b\r\n".repeat(3_000)}\r\n`],
    [
      "a header that goes on in the next line",
      `GET /healthz HTTP/1.1\r\n${host}\r\nX: a\r\n b: c\r\n\r\n`,
    ],
    [
      "an upgrade",
      `GET /mcp HTTP/1.1\r\n${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    ],
    ["a tunnel", `CONNECT example.com:443 HTTP/1.1\r\n${host}\r\n\r\n`],
    ["an expectation", `${start}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`],
    ["a version of the future", `GET /healthz HTTP/9.9\r\n${host}\r\n\r\n`],
    ["no HTTP at all", "SSH-2.0-OpenSSH_9.7\r\n\r\n"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["dots that climb", `GET /api/../../etc/passwd HTTP/1.1\r\n${host}\r\n\r\n`],
    ["dots in disguise", `GET /api/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\r\n${host}\r\n\r\n`],
    [
      "broken percents",
      `GET /api/contacts/%zz%e9%ff HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${canaries.apiToken}\r\n\r\n`,
    ],
  ])("%s", async (_, bytes) => {
    const { status, text } = await inTime(
      rawRequest(doors.http.url, Buffer.from(bytes, "latin1")),
      "raw",
    );

    expectNoLeak(text);
    if (status !== null) expect(status).toBeLessThan(500);
    await stillServes();
  });
});
