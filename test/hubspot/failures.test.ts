/** Faults of network and service: what is tried again, what is not, and what is known afterwards. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { openGate } from "./gate.ts";
import { kinds, openPortal, outcomeOf, upsertRows } from "./portal.ts";

const portal = await openPortal();
const { hubspot } = portal.simulator;
const gate = await openGate(portal.simulator.hubspotUrl);

/** Where something listened a moment ago and nothing does now. */
async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

// Only some faults run into it: every other test is patient, so that a busy machine changes nothing.
const impatient = (name: string) => (name.startsWith("timeout") ? { timeoutMs: 700 } : {});

const createRows = [
  { ref: "a", properties: { email: "a@example.com" }, associations: [] },
  { ref: "b", properties: { email: "b@example.com" }, associations: [] },
];

describe("reads and repeatable writes", () => {
  test.each([
    "http-500",
    "http-502",
    "http-503",
    "http-504",
    "http-429",
    "timeout-before-commit",
    "timeout-after-commit",
    "reset-before-commit",
    "reset-after-commit",
    "drop-mid-body",
  ] as const)("are tried again after %s and end well", async (name) => {
    portal.fault({ name, times: 2 });
    const crm = portal.crm(impatient(name));

    const outcomes = await crm.upsert("contacts", "email", upsertRows(3));

    expect(kinds(outcomes)).toEqual({ written: 3 });
    expect(hubspot.all("contacts")).toHaveLength(3);
    expect(portal.requests("/batch/upsert")).toHaveLength(3);
  });

  test("three tries in all, then a read says so and a write is unknown", async () => {
    portal.fault({ name: "reset-before-commit", times: 6 });
    const crm = portal.crm();

    const reading = crm.read("contacts", { ids: ["1"], properties: [] });
    await expect(reading).rejects.toMatchObject({ kind: "unavailable" });
    const outcomes = await crm.upsert("contacts", "email", upsertRows(1));

    expect(kinds(outcomes)).toEqual({ unknown: 1 });
    expect(portal.requests("/batch/read")).toHaveLength(3);
    expect(portal.requests("/batch/upsert")).toHaveLength(3);
  });

  test("a slow answer within the deadline is waited for", async () => {
    portal.fault({ name: "slow", delayMs: 900 });

    const outcomes = await portal.crm().upsert("contacts", "email", upsertRows(1));

    expect(kinds(outcomes)).toEqual({ written: 1 });
    expect(portal.requests("/batch/upsert")).toHaveLength(1);
  });
});

describe("creates", () => {
  test.each([
    "timeout-before-commit",
    "timeout-after-commit",
    "reset-before-commit",
    "reset-after-commit",
    "drop-mid-body",
    "http-500",
    "http-502",
  ] as const)("are never sent twice after %s: the outcome is unknown", async (name) => {
    portal.fault({ name });

    const outcomes = await portal.crm(impatient(name)).create("contacts", createRows);

    expect(kinds(outcomes)).toEqual({ unknown: 2 });
    expect(portal.requests("/batch/create")).toHaveLength(1);
  });

  test("are sent again after a 429, which certainly did nothing", async () => {
    portal.fault({ name: "http-429", times: 2 });

    const outcomes = await portal.crm().create("contacts", createRows);

    expect(kinds(outcomes)).toEqual({ written: 2 });
    expect(hubspot.all("contacts")).toHaveLength(2);
  });

  test("certainly failed when nothing listens", async () => {
    const crm = portal.crm({ baseUrl: await closedUrl() });

    const outcomes = await crm.create("contacts", createRows);

    expect(kinds(outcomes)).toEqual({ failed: 2 });
    expect(outcomeOf(outcomes, "a")).toMatchObject({ error: { kind: "unavailable" } });
    expect(crm.stats().requests).toBe(3);
  });
});

describe("the token", () => {
  test("a refused token is an auth error at once, for reads and writes", async () => {
    const crm = portal.crm({ accessToken: "pat-wrong" });

    const account = crm.account();
    const writing = crm.upsert("contacts", "email", upsertRows(1));

    await expect(account).rejects.toMatchObject({ kind: "auth", code: "HUBSPOT_TOKEN_REFUSED" });
    await expect(writing).rejects.toMatchObject({ kind: "auth" });
    expect(crm.stats().requests).toBe(2);
  });

  test("missing scopes are listed", async () => {
    hubspot.configure({ scopes: ["crm.objects.contacts.read"] });

    const writing = portal.crm().upsert("contacts", "email", upsertRows(1));

    await expect(writing).rejects.toMatchObject({
      kind: "auth",
      code: "MISSING_SCOPES",
      details: { missingScopes: ["crm.objects.contacts.write"] },
      message: expect.stringContaining("crm.objects.contacts.write"),
    });
  });

  test("a damaged token is refused before anything quotes it", async () => {
    const crm = portal.crm({ accessToken: "pat-secret\nsecond line" });

    const error = await crm.account().catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: "HUBSPOT_TOKEN_UNREADABLE", cause: undefined });
  });

  test("the account tells the portal and its time zone", async () => {
    expect(await portal.crm().account()).toEqual({
      portalId: hubspot.portalId,
      timeZone: "US/Eastern",
    });
  });
});

describe("waiting as HubSpot asks", () => {
  test.each([
    ["423 at least 2 s", 423, {}, 2_000],
    ["477 as it says", 477, { "retry-after": "7" }, 7_000],
    ["429 as it says", 429, { "retry-after": "4" }, 4_000],
    ["503 a few seconds", 503, {}, 3_000],
  ])("%s", async (_, status, headers, leastMs) => {
    let isFirst = true;
    gate.answer(() => {
      const answer = isFirst ? { status, headers, body: { status: "error" } } : null;
      isFirst = false;
      return answer;
    });
    const startedAt = portal.clock.now();

    const outcomes = await portal
      .crm({ baseUrl: gate.url })
      .upsert("contacts", "email", upsertRows(1));

    expect(kinds(outcomes)).toEqual({ written: 1 });
    expect(portal.clock.now() - startedAt).toBeGreaterThanOrEqual(leastMs);
  });

  test("a wait of hours is handed back with its length", async () => {
    gate.answer(() => ({ status: 477, headers: { "retry-after": "86400" }, body: {} }));

    const outcomes = await portal
      .crm({ baseUrl: gate.url })
      .upsert("contacts", "email", upsertRows(1));

    expect(outcomeOf(outcomes, "r0")).toMatchObject({
      kind: "failed",
      error: { kind: "unavailable", retryAfterMs: 86_400_000 },
    });
    expect(gate.arrivals).toHaveLength(1);
  });
});

describe("stopping", () => {
  test("work that has not been sent fails as cancelled, what is in flight is finished", async () => {
    const stop = new AbortController();
    const crm = portal.crm({
      onRequest: () => stop.abort(new AppError("cancelled", "Cancelled.")),
    });

    const outcomes = await crm.upsert("contacts", "email", upsertRows(3_000), {
      signal: stop.signal,
    });

    const counts = kinds(outcomes);
    expect(outcomes).toHaveLength(3_000);
    expect(hubspot.all("contacts")).toHaveLength(counts["written"] ?? 0);
    expect(counts["written"]).toBeGreaterThanOrEqual(100);
    expect(counts["failed"]).toBeGreaterThanOrEqual(1_000);
    expect(counts["unknown"]).toBeUndefined();
    expect(outcomes.find(({ kind }) => kind === "failed")).toMatchObject({
      error: { kind: "cancelled" },
    });
  });
});

describe("the log", () => {
  test("names methods and paths, never the token or a contact", async () => {
    hubspot.seedContacts([{ email: "ada@example.com" }]);
    portal.fault({ name: "http-500" });
    portal.fault({ name: "empty-2xx", path: "/batch/read", times: 2 });
    const crm = portal.crm();

    await crm.read("contacts", { ids: ["ada@example.com"], idProperty: "email", properties: [] });
    await crm.upsert("contacts", "email", [
      { ref: "r", id: "ada@invalid", properties: { email: "ada@invalid" } },
    ]);

    const text = portal.log.lines.join("\n");
    expect(text).toContain("/crm/objects/2026-09/contacts/{id}");
    expect(text).toContain('"status":500');
    expect(text).not.toContain("ada");
    expect(text).not.toContain(portal.simulator.hubspotToken);
  });
});
