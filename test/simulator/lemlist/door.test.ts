/** Who may enter the Lemlist stand-in and how often, asked over real HTTP. */

import { describe, expect, test } from "vitest";
import { basic, serveLemlist } from "./serve-lemlist.ts";

const REAL_LIMIT = { rateLimit: { requests: 20, windowMs: 2_000 } };

describe("the door", () => {
  // Lemlist docs, authentication: Basic with an empty user and the API key as the password; Bearer is not accepted.
  test("opens to Basic auth with an empty user", async () => {
    const { get } = await serveLemlist();

    const answer = await get("/team?version=v2");

    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      _id: expect.stringMatching(/^tea_\w{17}$/),
      users: [{ role: "admin" }],
    });
  });

  test.each([
    ["a wrong key", basic(":wrong")],
    ["a user name before the key", basic("me:lemlist-demo-key")],
    ["a bearer token", "Bearer lemlist-demo-key"],
  ])("answers 401 as plain text to %s", async (_what, authorization) => {
    const { get } = await serveLemlist();

    const answer = await get("/team", authorization);

    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await answer.text()).toBe("The authentication you supplied is incorrect");
  });

  test("answers 400 as plain text when no key is sent", async () => {
    const { url } = await serveLemlist();

    const answer = await fetch(`${url}/campaigns`);

    expect(answer.status).toBe(400);
    expect(await answer.text()).toBe("No API key provided");
  });

  // Lemlist spec, GET /fields: this route's 401 is JSON while the others are text.
  test("answers 401 as JSON on the fields route", async () => {
    const { get } = await serveLemlist();

    const answer = await get("/fields", basic(":wrong"));

    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ error: "Unauthorized" });
  });
});

describe("the rate limit", () => {
  // Lemlist docs, rate limit: 20 requests per 2 seconds and key over all routes; four headers on every response.
  test("refuses the 21st request within two seconds and opens again after them", async () => {
    let now = Date.UTC(2026, 10, 2, 9, 0, 0);
    const { get } = await serveLemlist({ ...REAL_LIMIT, now: () => now });
    for (let i = 0; i < 19; i += 1) await get(i % 2 === 0 ? "/team" : "/team/credits");

    const last = await get("/team");
    const refused = await get("/team/credits");
    now += 2_000;
    const later = await get("/team");

    expect([last.status, last.headers.get("x-ratelimit-remaining")]).toEqual([200, "0"]);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "2"]);
    expect([later.status, later.headers.get("x-ratelimit-remaining")]).toEqual([200, "19"]);
  });

  // Lemlist docs, rate limit: X-RateLimit-Reset is a human date string such as
  // "Tue Feb 16 2021 09:02:42 GMT+0100 (Central European Standard Time)".
  test("writes the reset as a human date, never as a number", async () => {
    const now = Date.UTC(2026, 10, 2, 9, 0, 0);
    const { get } = await serveLemlist({ ...REAL_LIMIT, now: () => now });

    const answer = await get("/team");

    const reset = answer.headers.get("x-ratelimit-reset") ?? "";
    expect(reset).toMatch(/^[A-Z][a-z]{2} [A-Z][a-z]{2} \d{2} \d{4} [\d:]{8} GMT[+-]\d{4} \(.+\)$/);
    expect(Date.parse(reset)).toBe(now + 2_000);
    expect(answer.headers.get("x-ratelimit-limit")).toBe("20");
    expect(answer.headers.get("retry-after")).toBe("2");
  });
});
