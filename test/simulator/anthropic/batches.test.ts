/** Message batches of the Anthropic stand-in, asked through the official client over real HTTP. */

import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { insightOf, insightParams, serveAnthropic } from "./serve-anthropic.ts";

const NOON = Date.UTC(2026, 10, 2, 12);
const DAY_MS = 24 * 3_600_000;
const requests = (...ids: string[]) =>
  ids.map((custom_id) => ({ custom_id, params: insightParams() }));

async function serveAtNoon(batchDelayMs = 60_000) {
  const clock = { now: NOON };
  const served = await serveAnthropic({ now: () => clock.now, batchDelayMs });
  return { ...served, clock, batches: served.client.messages.batches };
}

async function collect(batches: Anthropic["messages"]["batches"], id: string) {
  const lines = [];
  for await (const line of await batches.results(id)) lines.push(line);
  return lines;
}

// Anthropic docs, batch processing: counts stay under processing until the whole batch has ended.
test("processes until its delay is over, then has results at an absolute address", async () => {
  const { batches, clock, url } = await serveAtNoon();

  const created = await batches.create({ requests: requests("c_a", "c_b") });
  clock.now += 60_000;
  const ended = await batches.retrieve(created.id);

  expect(created).toMatchObject({
    type: "message_batch",
    processing_status: "in_progress",
    request_counts: { processing: 2, succeeded: 0 },
    created_at: "2026-11-02T12:00:00.000Z",
    expires_at: "2026-11-03T12:00:00.000Z",
    ended_at: null,
    results_url: null,
  });
  expect(ended).toMatchObject({
    processing_status: "ended",
    request_counts: { processing: 0, succeeded: 2, errored: 0, canceled: 0, expired: 0 },
    results_url: `${url}/v1/messages/batches/${created.id}/results`,
  });
});

// Anthropic docs, batch processing: results are JSON lines without the requests' order.
test("gives one result per request, in an order of its own", async () => {
  const { batches, clock } = await serveAtNoon();
  const ids = Array.from({ length: 12 }, (_, index) => `c_${index}`);
  const { id } = await batches.create({ requests: requests(...ids) });
  clock.now += 60_000;

  const lines = await collect(batches, id);

  const answered = lines.map(({ custom_id }) => custom_id);
  expect(answered).not.toEqual(ids);
  expect(answered.toSorted()).toEqual(ids.toSorted());
  for (const { result } of lines) {
    if (result.type !== "succeeded") throw new Error(`unexpected ${result.type}`);
    expect(insightOf(result.message).contacts).toHaveLength(2);
    expect(result.message.usage.service_tier).toBe("batch");
  }
});

// Anthropic docs, batch processing: parameters are validated later, each request by itself.
test("reports bad parameters as an errored result", async () => {
  const { batches, clock } = await serveAtNoon();
  const bad = { custom_id: "bad", params: { ...insightParams(), model: "claude-none" } };
  const { id } = await batches.create({ requests: [...requests("good"), bad] });
  clock.now += 60_000;

  const lines = await collect(batches, id);

  const result = lines.find(({ custom_id }) => custom_id === "bad")?.result;
  expect(result).toMatchObject({
    type: "errored",
    error: { type: "error", error: { type: "not_found_error" } },
  });
  expect((await batches.retrieve(id)).request_counts).toMatchObject({ succeeded: 1, errored: 1 });
});

test("applies a behaviour to the requests it fits", async () => {
  const { batches, clock, anthropic } = await serveAtNoon();
  anthropic.behave({ name: "refuse", match: "Nordlicht" });
  const other = insightParams({ company: { name: "Nordlicht" }, facts: [], contacts: [] });
  const { id } = await batches.create({
    requests: [...requests("acme"), { custom_id: "nordlicht", params: other }],
  });
  clock.now += 60_000;

  const lines = await collect(batches, id);

  const reasons = Object.fromEntries(
    lines.map(({ custom_id, result }) => [
      custom_id,
      result.type === "succeeded" ? result.message.stop_reason : result.type,
    ]),
  );
  expect(reasons).toEqual({ acme: "end_turn", nordlicht: "refusal" });
});

describe("custom ids", () => {
  // Seen at the API: longer than 64 characters is a synchronous 400 with this sentence.
  test("of 65 characters are refused in the API's words", async () => {
    const { call } = await serveAnthropic();

    const answer = await call("/v1/messages/batches", { requests: requests("x".repeat(65)) });

    expect(answer.status).toBe(400);
    expect(answer.body.error).toEqual({
      type: "invalid_request_error",
      message: "requests.0.custom_id: String should have at most 64 characters",
    });
  });

  test.each([
    ["twice the same", ["a", "a"]],
    ["with an at-sign", ["ada@x.com"]],
    ["empty", [""]],
  ])("%s are refused", async (_what, ids) => {
    const { call } = await serveAnthropic();

    const answer = await call("/v1/messages/batches", { requests: requests(...ids) });

    expect([answer.status, answer.body.error.type]).toEqual([400, "invalid_request_error"]);
  });

  // Anthropic docs, batch processing: at most 100,000 requests.
  test("more than 100,000 are refused", async () => {
    const { call } = await serveAnthropic();
    const many = Array.from({ length: 100_001 }, (_, index) => ({
      custom_id: `${index}`,
      params: {},
    }));

    const answer = await call("/v1/messages/batches", { requests: many });

    expect(answer.status).toBe(400);
  });
});

describe("the end of a batch", () => {
  test("by cancelling: every request is canceled", async () => {
    const { batches, clock } = await serveAtNoon();
    const { id } = await batches.create({ requests: requests("a") });

    const canceling = await batches.cancel(id);
    clock.now += 60_000;

    expect(canceling.processing_status).toBe("canceling");
    expect(canceling.cancel_initiated_at).not.toBeNull();
    expect((await batches.retrieve(id)).request_counts.canceled).toBe(1);
    expect((await collect(batches, id))[0]?.result).toEqual({ type: "canceled" });
  });

  // Anthropic docs, batch processing: a batch expires after 24 hours; results are kept for 29 days.
  test("by expiring after 24 hours", async () => {
    const { batches, clock } = await serveAtNoon(2 * DAY_MS);
    const { id } = await batches.create({ requests: requests("a") });
    clock.now += DAY_MS;

    expect((await batches.retrieve(id)).request_counts.expired).toBe(1);
    expect((await collect(batches, id))[0]?.result).toEqual({ type: "expired" });
    clock.now += 28 * DAY_MS;
    expect(await batches.retrieve(id)).toMatchObject({
      results_url: null,
      archived_at: expect.any(String),
    });
  });

  // Anthropic docs, batch deletion: any time after processing, not before.
  test("by deleting: only once it has ended", async () => {
    const { batches, clock } = await serveAtNoon();
    const { id } = await batches.create({ requests: requests("a") });

    await expect(batches.delete(id)).rejects.toMatchObject({ status: 400 });
    clock.now += 60_000;

    expect(await batches.delete(id)).toMatchObject({ id, type: "message_batch_deleted" });
    await expect(batches.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });
});

test("lists batches newest first, page by page", async () => {
  const { batches } = await serveAtNoon();
  const created = [];
  for (let i = 0; i < 5; i += 1) {
    created.push((await batches.create({ requests: requests("a") })).id);
  }

  const first = await batches.list({ limit: 2 });
  const all = [];
  for await (const batch of batches.list({ limit: 2 })) all.push(batch.id);

  expect(first).toMatchObject({ has_more: true, first_id: created[4], last_id: created[3] });
  expect(all).toEqual(created.toReversed());
});
