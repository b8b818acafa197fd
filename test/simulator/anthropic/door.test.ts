/** Keys, versions, refused parameters and limits of the Anthropic stand-in, asked over real HTTP. */

import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { insightParams, serveAnthropic } from "./serve-anthropic.ts";

describe("the door", () => {
  // Anthropic SDK 1.x sends the key as a bearer token; older clients send x-api-key. Both are accepted.
  test.each([
    ["a bearer token", {}],
    ["x-api-key", { authorization: null, "x-api-key": "anthropic-demo-key" }],
  ])("opens to %s", async (_what, headers) => {
    const { call } = await serveAnthropic();

    const answer = await call("/v1/messages", insightParams(), headers);

    expect(answer.status).toBe(200);
    expect(answer.headers.get("request-id")).toMatch(/^req_/);
  });

  // Anthropic docs, errors: an envelope with type, message and request id; the id is a header too.
  test.each([
    ["no key", { authorization: null }, 401, "authentication_error"],
    ["a wrong key", { authorization: "Bearer wrong" }, 401, "authentication_error"],
    ["no version", { "anthropic-version": null }, 400, "invalid_request_error"],
    ["an unknown version", { "anthropic-version": "2001-01-01" }, 400, "invalid_request_error"],
  ])("refuses %s in the documented envelope", async (_what, headers, status, type) => {
    const { call } = await serveAnthropic();

    const answer = await call("/v1/messages", insightParams(), headers);

    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      type: "error",
      error: { type, message: expect.any(String) },
      request_id: answer.headers.get("request-id"),
    });
  });
});

describe("refused parameters", () => {
  // Anthropic docs, migration to 2026-10-21: sampling parameters are refused; documents in assistant turns and
  // citations on user text are refused.
  test.each([["temperature"], ["top_p"], ["top_k"]])(
    "%s is a 400 from 2026-10-21 on",
    async (name) => {
      const { call } = await serveAnthropic();
      const body = { ...insightParams(), [name]: 1 };

      const now = await call("/v1/messages", body);
      const before = await call("/v1/messages", body, { "anthropic-version": "2023-06-01" });

      expect([now.status, now.body.error.type]).toEqual([400, "invalid_request_error"]);
      expect(now.body.error.message).toContain(name);
      expect(before.status).toBe(200);
    },
  );

  const schema = (node: object) => ({
    output_config: { format: { type: "json_schema", schema: node } },
  });
  const user = { role: "user", content: "hello" };
  test.each<[string, object, number]>([
    ["no max_tokens", { max_tokens: undefined }, 400],
    ["max_tokens of zero", { max_tokens: 0 }, 400],
    ["an unknown model", { model: "gpt-4" }, 404],
    ["an unknown parameter", { flavour: "mint" }, 400],
    ["no messages", { messages: [] }, 400],
    ["a prefilled answer", { messages: [user, { role: "assistant", content: "{" }] }, 400],
    ["disabled thinking at effort max", { output_config: { effort: "max" } }, 400],
    ["disabled thinking on a model that always thinks", { model: "claude-opus-5-5" }, 400],
    ["a schema with open objects", schema({ type: "object", properties: {} }), 400],
    ["a schema with number bounds", schema({ type: "number", minimum: 0 }), 400],
    ["a schema with length bounds", schema({ type: "string", maxLength: 9 }), 400],
    ["a schema with minItems 2", schema({ type: "array", minItems: 2, items: {} }), 400],
    ["an external reference", schema({ $ref: "https://example.com/s.json" }), 400],
    [
      "a recursive schema",
      schema({
        $ref: "#/$defs/a",
        $defs: {
          a: {
            type: "object",
            additionalProperties: false,
            properties: { a: { $ref: "#/$defs/a" } },
          },
        },
      }),
      400,
    ],
  ])("%s", async (_what, change, status) => {
    const { call } = await serveAnthropic();

    const answer = await call("/v1/messages", { ...insightParams(), ...change });

    expect(answer.status).toBe(status);
    expect(answer.body.type).toBe("error");
  });
});

describe("limits", () => {
  // Anthropic docs, rate limits: limit, remaining and reset (RFC 3339) for requests, tokens, input and output
  // tokens on answers; retry-after on a 429.
  test("are reported on answers and refuse when used up", async () => {
    let now = Date.UTC(2026, 10, 2, 9);
    const { call } = await serveAnthropic({
      now: () => now,
      rateLimits: { requests: 2, inputTokens: 100_000, outputTokens: 100_000 },
    });

    const first = await call("/v1/messages", insightParams());
    await call("/v1/messages", insightParams());
    const refused = await call("/v1/messages", insightParams());
    now += 30_000;
    const later = await call("/v1/messages", insightParams());

    expect(first.headers.get("anthropic-ratelimit-requests-limit")).toBe("2");
    expect(first.headers.get("anthropic-ratelimit-requests-remaining")).toBe("1");
    expect(first.headers.get("anthropic-ratelimit-requests-reset")).toBe("2026-11-02T09:00:30Z");
    for (const kind of ["tokens", "input-tokens", "output-tokens"]) {
      expect(Number(first.headers.get(`anthropic-ratelimit-${kind}-remaining`))).toBeGreaterThan(0);
    }
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "30"]);
    expect(later.status).toBe(200);
  });

  test("can be injected for some requests, or for those that mention a company", async () => {
    const { call, anthropic } = await serveAnthropic();
    anthropic.behave({ name: "rate-limit", times: 2 });
    anthropic.behave({ name: "overloaded", match: "Nordlicht", times: null });

    const statuses = [];
    for (let i = 0; i < 3; i += 1)
      statuses.push((await call("/v1/messages", insightParams())).status);
    const nordlicht = insightParams({ company: { name: "Nordlicht" }, facts: [], contacts: [] });
    const overloaded = await call("/v1/messages", nordlicht);

    expect(statuses).toEqual([429, 429, 200]);
    expect([overloaded.status, overloaded.body.error.type]).toEqual([529, "overloaded_error"]);
  });

  // Anthropic docs, errors: the spend cap of a tier is a 429 without retry-after; a user-set limit is a 400.
  test("of spending come without retry-after", async () => {
    const { call, anthropic } = await serveAnthropic();
    anthropic.behave({ name: "spend-cap" });
    anthropic.behave({ name: "spend-limit" });

    const cap = await call("/v1/messages", insightParams());
    const limit = await call("/v1/messages", insightParams());

    expect([cap.status, cap.headers.get("retry-after")]).toEqual([429, null]);
    expect(cap.headers.get("anthropic-ratelimit-requests-limit")).not.toBeNull();
    expect([limit.status, limit.body.error.type]).toEqual([400, "invalid_request_error"]);
  });

  test("become the official client's error classes", async () => {
    const { client, anthropic } = await serveAnthropic();
    anthropic.behave({ name: "rate-limit" });

    await expect(client.messages.create(insightParams())).rejects.toBeInstanceOf(
      Anthropic.RateLimitError,
    );
    await expect(
      client.messages.create({ ...insightParams(), model: "claude-none" }),
    ).rejects.toMatchObject({ status: 404, requestID: expect.stringMatching(/^req_/) });
  });

  // Seen with the client: it waits for retry-after and tries again by itself.
  test("are waited for by the official client", async () => {
    const { client, anthropic } = await serveAnthropic({ retryAfterSeconds: 0.2 });
    anthropic.behave({ name: "rate-limit" });

    const message = await client.messages.create(insightParams(), { maxRetries: 1 });

    expect(message.stop_reason).toBe("end_turn");
    expect(anthropic.state().behaviours).toEqual([]);
  });
});
