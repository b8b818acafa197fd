/** Faults of network and service: what is tried again, what is not, and what is known afterwards. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import type { HubspotCrm } from "../../mcp-server/src/hubspot/hubspot-crm.ts";
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

const FAULTS = [
  "timeout-before-commit",
  "timeout-after-commit",
  "reset-before-commit",
  "reset-after-commit",
  "drop-mid-body",
  "http-500",
  "http-502",
  "http-503",
  "http-504",
] as const;

describe("reads", () => {
  test.each([...FAULTS, "http-429"] as const)("are tried again after %s", async (name) => {
    const [id = ""] = hubspot.seedContacts([{ email: "ada@example.com" }]);
    portal.fault({ name, times: 2 });
    const crm = portal.crm(impatient(name));

    const { found } = await crm.read("contacts", { ids: [id], properties: ["email"] });

    expect(found).toMatchObject([{ id, properties: { email: "ada@example.com" } }]);
    expect(portal.requests("/batch/read")).toHaveLength(3);
  });

  test("say so after three tries in all", async () => {
    portal.fault({ name: "reset-before-commit", times: 3 });

    const reading = portal.crm().read("contacts", { ids: ["1"], properties: [] });

    await expect(reading).rejects.toMatchObject({ kind: "unavailable" });
    expect(portal.requests("/batch/read")).toHaveLength(3);
  });

  test("wait for a slow answer within the deadline", async () => {
    portal.fault({ name: "slow", delayMs: 900 });

    await portal.crm().read("contacts", { ids: ["1"], properties: [] });

    expect(portal.requests("/batch/read")).toHaveLength(1);
  });
});

describe("writes of every kind", () => {
  const pair = { ref: "p", fromId: "1", toId: "2", typeId: 279 };
  type Sent = readonly { readonly kind?: string; readonly error?: AppError | null }[];
  const writes: readonly (readonly [
    string,
    string,
    (crm: HubspotCrm, id: string) => Promise<Sent>,
  ])[] = [
    ["an upsert", "/batch/upsert", (crm) => crm.upsert("contacts", "email", upsertRows(3))],
    ["a create", "/batch/create", (crm) => crm.create("contacts", createRows)],
    [
      "an update",
      "/batch/update",
      (crm, id) => crm.update("contacts", [{ ref: "u", id, properties: { firstname: "Ada" } }]),
    ],
    ["an association", "/associations/", (crm) => crm.associate("contacts", "companies", [pair])],
    [
      "the end of an association",
      "/labels/archive",
      (crm) => crm.dissociate("contacts", "companies", [pair]),
    ],
  ];
  const cases = writes.flatMap(([what, path, write]) =>
    [...FAULTS, "empty-2xx" as const].map((name) => [what, name, path, write] as const),
  );

  // Between a lost answer and a second write a person may edit the record: what was written must be read back first.
  test.each(cases)("%s is never sent twice after %s: its outcome is unknown", async (...given) => {
    const [, name, path, write] = given;
    const [id = ""] = hubspot.seedContacts([{ email: "ada@example.com" }]);
    portal.fault({ name, path });

    const outcomes = await write(portal.crm(impatient(name)), id);

    for (const { kind = "unknown", error } of outcomes)
      expect({ kind, error }).toMatchObject({
        kind: "unknown",
        error: { kind: "unknown-outcome" },
      });
    expect(outcomes.length).toBeGreaterThan(0);
    expect(portal.requests(path)).toHaveLength(1);
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
    const refused = { kind: "auth", code: "HUBSPOT_TOKEN_REFUSED" };
    const wrong = { accessToken: "pat-wrong" };

    await expect(portal.crm(wrong).account()).rejects.toMatchObject(refused);
    const writing = portal.crm(wrong).upsert("contacts", "email", upsertRows(1));
    await expect(writing).rejects.toMatchObject(refused);
    expect(portal.requests("")).toHaveLength(2);
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
  ])("%s, for writes, too: nothing was done", async (_, status, headers, leastMs) => {
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

  test("a gateway's fault a few seconds", async () => {
    portal.fault({ name: "http-503" });
    const startedAt = portal.clock.now();

    await portal.crm().read("contacts", { ids: ["1"], properties: [] });

    expect(portal.clock.now() - startedAt).toBeGreaterThanOrEqual(3_000);
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

describe("the log", () => {
  test("names methods and paths, never the token or a contact", async () => {
    hubspot.seedContacts([{ email: "ada@example.com" }]);
    portal.fault({ name: "http-500", path: "/batch/read" });
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
