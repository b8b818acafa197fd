/** Who may read /metrics: whoever may read /api. */
import { expect, test } from "vitest";
import { watched } from "./scraped.ts";

const TOKEN = "a-token-of-some-length";

test("asks for the token where there is one, and says nothing without it", async () => {
  const { url } = await watched({ API_TOKEN: TOKEN });
  const status = async (headers: Readonly<Record<string, string>>) =>
    (await fetch(`${url}/metrics`, { headers })).status;

  expect(await status({})).toBe(401);
  expect(await status({ authorization: "Bearer something-else-entirely" })).toBe(401);
  expect(await status({ authorization: `Bearer ${TOKEN}` })).toBe(200);
});

test("answers no page of another site", async () => {
  const { url } = await watched();

  const answer = await fetch(`${url}/metrics`, { headers: { origin: "https://evil.example" } });

  expect(answer.status).toBe(403);
});

test("answers in Prometheus' text format, and to nothing but GET", async () => {
  const { url } = await watched();

  const read = await fetch(`${url}/metrics`);
  const posted = await fetch(`${url}/metrics`, { method: "POST" });

  expect(read.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await read.text()).toContain("# TYPE hubspot_sync_looks_total counter");
  expect(posted.status).toBe(405);
});
