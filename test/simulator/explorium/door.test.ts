/** Key, validation, quota and credits of the Explorium stand-in, asked over real HTTP. */

import { describe, expect, test } from "vitest";
import { serveExplorium } from "./serve-explorium.ts";

const domains = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ domain: `firm${index}.com` }));
const matchBody = (count: number) => ({ businesses_to_match: domains(count) });

describe("the door", () => {
  // Explorium docs, error handling: a 401 carries `details` and a correlation id.
  test.each([
    ["a missing key", "", /^Partner ID is missing\. Please set it in one of these headers: /],
    ["a wrong key", "wrong", /^Partner ID is invalid/],
  ])("answers 401 to %s", async (_what, key, details) => {
    const { call } = await serveExplorium();

    const answer = await call("/businesses/match", matchBody(1), { api_key: key });

    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      details: expect.stringMatching(details),
      correlation_id: expect.stringMatching(/^[a-f0-9]{32}$/),
    });
  });

  // Explorium docs, getting an API key: printed as api_key and as API_KEY; header names have no case.
  test("takes the key whatever the case of the header's name", async () => {
    const { url } = await serveExplorium();

    const answer = await fetch(`${url}/credits`, { headers: { API_KEY: "explorium-demo-key" } });

    expect(answer.status).toBe(200);
  });
});

describe("validation", () => {
  const id = "8adce3ca1cef0c986b22310e369a0793";
  const ids = (count: number) =>
    Array.from({ length: count }, (_, index) => index.toString(16).padStart(32, "0"));

  // Explorium OpenAPI: bodies are closed, lists are bounded (50, events 40), ids have a pattern; all answer
  // 422 in FastAPI's shape.
  test.each<[string, string, object, object]>([
    [
      "51 businesses",
      "/businesses/match",
      matchBody(51),
      {
        loc: ["body", "businesses_to_match"],
        type: "value_error.list.max_items",
        ctx: { limit_value: 50 },
      },
    ],
    [
      "no businesses",
      "/businesses/match",
      { businesses_to_match: [] },
      { loc: ["body", "businesses_to_match"], type: "value_error.list.min_items" },
    ],
    [
      "a missing list",
      "/businesses/match",
      {},
      { loc: ["body", "businesses_to_match"], msg: "field required", type: "value_error.missing" },
    ],
    [
      "an unknown top-level key",
      "/businesses/match",
      { ...matchBody(1), tenant: "x" },
      { loc: ["body", "tenant"], msg: "extra fields not permitted", type: "value_error.extra" },
    ],
    [
      "a name of 257 characters",
      "/businesses/match",
      { businesses_to_match: [{ name: "x".repeat(257) }] },
      { loc: ["body", "businesses_to_match", 0, "name"] },
    ],
    [
      "a malformed business id",
      "/businesses/firmographics/bulk_enrich",
      { business_ids: [id, "ABC"] },
      { loc: ["body", "business_ids", 1], type: "value_error.str.regex" },
    ],
    [
      "51 business ids",
      "/businesses/firmographics/bulk_enrich",
      { business_ids: ids(51) },
      { ctx: { limit_value: 50 } },
    ],
    [
      "41 businesses of events",
      "/businesses/events",
      { business_ids: ids(41), event_types: ["new_product"] },
      { loc: ["body", "business_ids"], ctx: { limit_value: 40 } },
    ],
    [
      "an unknown event type",
      "/businesses/events",
      { business_ids: [id], event_types: ["party"] },
      { loc: ["body", "event_types", 0], type: "type_error.enum" },
    ],
    [
      "a business id as a prospect id",
      "/prospects/profiles/bulk_enrich",
      { prospect_ids: [id] },
      { loc: ["body", "prospect_ids", 0], ctx: { pattern: "^[a-f0-9]{40}$" } },
    ],
  ])("answers 422 to %s", async (_what, path, body, problem) => {
    const { call } = await serveExplorium();

    const answer = await call(path, body);

    expect(answer.status).toBe(422);
    expect(answer.body.detail[0]).toMatchObject(problem);
    expect(answer.body.detail[0]).toHaveProperty("msg");
  });

  // Explorium OpenAPI: only the top level is closed; items of a match may carry other fields.
  test("lets unknown fields inside a match item pass", async () => {
    const { match } = await serveExplorium();

    expect((await match({ domain: "acme-robotics.com", note: 1 }))[0].business_id).not.toBeNull();
  });
});

describe("the quota", () => {
  // Explorium rate-limit page: 200 a minute and key in a 60 s sliding window, counted per entity: a bulk call of
  // 50 takes 50. Limit, Remaining and Reset (unix seconds) on every response, Retry-After only on 429.
  test("counts entities and frees them after a minute", async () => {
    let now = Date.UTC(2026, 10, 2, 9, 0, 0);
    const { call } = await serveExplorium({ now: () => now });
    const first = await call("/businesses/match", matchBody(50));
    now += 20_000;
    for (let i = 0; i < 3; i += 1) await call("/businesses/match", matchBody(50));

    const refused = await call("/businesses/match", matchBody(10));
    now += 40_000;
    const later = await call("/businesses/match", matchBody(50));

    expect(first.headers.get("x-ratelimit-limit")).toBe("200");
    expect(first.headers.get("x-ratelimit-remaining")).toBe("150");
    expect(first.headers.get("retry-after")).toBeNull();
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("40");
    expect(Number(refused.headers.get("x-ratelimit-reset"))).toBe(now / 1000);
    expect(later.status).toBe(200);
  });

  // Explorium docs show two 429 bodies: one on the rate-limit page, one on the error page.
  test("sends both documented bodies in turn", async () => {
    const { call } = await serveExplorium({ quota: { limit: 1, windowMs: 60_000 }, now: () => 0 });

    const bodies = [];
    for (let i = 0; i < 3; i += 1) bodies.push((await call("/credits")).body);

    expect(bodies[1]).toEqual({
      error: "rate_limit_exceeded",
      message: "API rate limit exceeded. Please retry after 60 seconds.",
      retry_after: 60,
    });
    expect(bodies[2]).toEqual({
      code: 429,
      message: "Rate limit exceeded. Please retry after the specified time.",
      retry_after: 60,
    });
  });

  // The copy of the documentation from December 2025 counts requests instead of entities.
  test("can count requests instead", async () => {
    const { call } = await serveExplorium({ quotaUnit: "requests" });

    const answer = await call("/businesses/match", matchBody(50));

    expect(answer.headers.get("x-ratelimit-remaining")).toBe("199");
  });
});

describe("credits", () => {
  // Explorium docs: GET /v1/credits gives allocated and remaining; errors and empty results are not charged.
  test("are charged for results only", async () => {
    const { call } = await serveExplorium({ credits: 100 });
    await call("/businesses/match", {
      businesses_to_match: [{ domain: "acme-robotics.com" }, { domain: "nomatch.com" }],
    });
    await call("/businesses/match", {});

    const { body } = await call("/credits");

    expect(body).toMatchObject({ allocated_credits: 100, remaining_credits: 99 });
    expect(body.response_context.request_status).toBe("success");
  });

  // Explorium docs, per-call credit usage: an opt-in request header adds what the call cost.
  test("are reported per call when the header asks", async () => {
    const { call } = await serveExplorium();

    const asked = await call("/businesses/match", matchBody(3), { "credit-usage": "true" });
    const silent = await call("/businesses/match", matchBody(3));

    expect(asked.body.credit_usage).toEqual({ total_credits: 3, total_results: 3 });
    expect(silent.body).not.toHaveProperty("credit_usage");
  });

  // Explorium docs, error handling: out of credits is a 403 (not 402) with this sentence; the support page
  // shows the same sentence under `error`.
  test("end in a 403 in either documented body", async () => {
    const { call, explorium } = await serveExplorium({ credits: 5 });
    await call("/businesses/match", matchBody(5));

    const details = await call("/businesses/match", matchBody(1));
    explorium.configure({ outOfCreditsBody: "error" });
    const error = await call("/businesses/match", matchBody(1));

    const sentence =
      "You have insufficient credits to perform this operation. Please purchase additional credits.";
    expect([details.status, details.body.details]).toEqual([403, sentence]);
    expect([error.status, error.body]).toEqual([403, { error: sentence }]);
  });

  test("come back with a reset", async () => {
    const { call, explorium } = await serveExplorium({ credits: 5 });
    await call("/businesses/match", matchBody(5));

    explorium.reset();

    expect((await call("/businesses/match", matchBody(5))).status).toBe(200);
  });
});
