/** All stand-ins listen, are logged, and can be steered over the control port. */
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { startSimulator } from "../../mcp-server/simulator/simulator.ts";

const simulator = await startSimulator({ logBodies: true });
const contacts = `${simulator.hubspotUrl}/crm/v3/objects/contacts`;
const authorized = { authorization: `Bearer ${simulator.hubspotToken}` };

afterAll(() => simulator.close());
beforeEach(async () => {
  expect((await control("POST", "/reset")).status).toBe(204);
});

async function control(method: string, path: string, body?: unknown) {
  const response = await fetch(`${simulator.controlUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

test("every service listens on loopback under its own port", () => {
  const urls = [
    simulator.hubspotUrl,
    simulator.lemlistUrl,
    simulator.exploriumUrl,
    simulator.anthropicUrl,
    simulator.controlUrl,
  ];

  expect(new Set(urls.map((url) => new URL(url).port)).size).toBe(5);
  expect(urls.every((url) => new URL(url).hostname === "127.0.0.1")).toBe(true);
  expect(simulator.lemlistUrl).toMatch(/\/api$/);
  expect(simulator.exploriumUrl).toMatch(/\/v1$/);
});

test("every service takes its demo key", async () => {
  const lemlist = await fetch(`${simulator.lemlistUrl}/team`, {
    headers: { authorization: `Basic ${btoa(`:${simulator.lemlistKey}`)}` },
  });
  const explorium = await fetch(`${simulator.exploriumUrl}/credits`, {
    headers: { api_key: simulator.exploriumKey },
  });
  const anthropic = await fetch(`${simulator.anthropicUrl}/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": simulator.anthropicKey, "anthropic-version": "2023-06-01" },
    body: "{}",
  });

  expect([lemlist.status, explorium.status]).not.toContain(401);
  expect(anthropic.status).toBe(400);
});

test("a taken port rejects, and leaves nothing listening", async () => {
  const port = Number(new URL(simulator.exploriumUrl).port);

  await expect(startSimulator({ ports: { explorium: port } })).rejects.toThrow(/EADDRINUSE/);
});

describe("the request log", () => {
  test("tells what was asked and answered", async () => {
    await fetch(`${contacts}/batch/upsert?x=1`, {
      method: "POST",
      headers: authorized,
      body: JSON.stringify({
        inputs: [{ id: "a@example.com", idProperty: "email", properties: { city: "x" } }],
      }),
    });

    const { body } = await control("GET", "/requests?service=hubspot&path=/batch/");

    expect(body.total).toBe(1);
    expect(body.requests[0]).toEqual({
      id: expect.any(Number),
      service: "hubspot",
      at: expect.any(Number),
      method: "POST",
      path: "/crm/v3/objects/contacts/batch/upsert",
      query: "?x=1",
      status: 200,
      durationMs: expect.any(Number),
      requestBytes: expect.any(Number),
      inputs: 1,
      properties: ["city"],
      fault: null,
      body: expect.stringContaining("a@example.com"),
    });
  });

  test("selects by service, path and time, and can be emptied", async () => {
    await fetch(contacts, { headers: authorized });
    const [entry] = simulator.requests.list();

    expect((await control("GET", "/requests?service=lemlist")).body.total).toBe(0);
    expect((await control("GET", "/requests?path=/companies")).body.total).toBe(0);
    expect((await control("GET", `/requests?since=${entry?.at}`)).body.total).toBe(1);
    expect((await control("GET", `/requests?since=${(entry?.at ?? 0) + 60_000}`)).body.total).toBe(
      0,
    );
    expect((await control("DELETE", "/requests")).status).toBe(204);
    expect((await control("GET", "/requests")).body.total).toBe(0);
  });

  test("names the properties that a body sets, never their values, bodies kept or not", async () => {
    const quiet = await startSimulator();
    const url = `${quiet.hubspotUrl}/crm/v3/objects/companies`;
    const send = (path: string, body: unknown) =>
      fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body) });

    await send("/batch/update", {
      inputs: [
        { id: "1", properties: { phone: "secret" } },
        { id: "2", properties: { city: "x", phone: "" } },
      ],
    });
    await send("", { properties: { name: "Acme" } });
    await send("/batch/read", { inputs: [{ id: "1" }], properties: ["city"] });
    await send("/search", { filterGroups: [] });

    const entries = quiet.requests.list();
    expect(entries.map(({ inputs }) => inputs)).toEqual([2, null, 1, null]);
    expect(entries.map(({ properties }) => properties)).toEqual([
      ["city", "phone"],
      ["name"],
      null,
      null,
    ]);
    expect(JSON.stringify(entries)).not.toContain("secret");
    await quiet.close();
  });

  test("keeps no bodies unless asked", async () => {
    const quiet = await startSimulator();
    await fetch(`${quiet.hubspotUrl}/crm/v3/objects/contacts`, { method: "POST", body: "{}" });

    expect(quiet.requests.list()[0]).not.toHaveProperty("body");
    await quiet.close();
  });
});

describe("the control port", () => {
  test("orders, lists and clears faults", async () => {
    const ordered = await control("POST", "/faults", {
      service: "hubspot",
      name: "http-503",
      times: 3,
    });

    expect(ordered.status).toBe(201);
    expect((await fetch(contacts, { headers: authorized })).status).toBe(503);
    expect((await control("GET", "/faults")).body.faults).toMatchObject([
      { name: "http-503", times: 2 },
    ]);
    await control("DELETE", "/faults");
    expect((await fetch(contacts, { headers: authorized })).status).toBe(200);
  });

  test("seeds HubSpot and shows what it holds", async () => {
    const { body } = await control("POST", "/seed/hubspot", {
      contacts: [{ email: "ada@example.com" }],
      companies: [{ domain: "acme.com" }],
    });

    expect((await control("GET", "/state/hubspot")).body.counts).toMatchObject({
      contacts: 1,
      companies: 1,
    });
    expect((await control("GET", "/state/hubspot/contacts")).body.records).toHaveLength(1);
    const one = await control("GET", `/state/hubspot/contacts/${body.contacts[0]}`);
    expect(one.body.properties.email).toBe("ada@example.com");
    expect(
      (await control("GET", "/state/hubspot/contacts/ada@example.com/associations/companies")).body,
    ).toEqual({
      associations: [],
    });
  });

  test("loads the demo data", async () => {
    await control("POST", "/seed/hubspot", { demo: true });
    await control("POST", "/seed/lemlist", { demo: true });

    const { counts } = (await control("GET", "/state/hubspot")).body;
    expect(counts).toMatchObject({ contacts: 120, companies: 60 });
    expect((await control("GET", "/state/lemlist")).body.campaigns.length).toBeGreaterThan(0);
    const people = simulator.hubspot.all("contacts");
    expect(people.filter(({ properties }) => properties["hs_additional_emails"])).not.toHaveLength(
      0,
    );
    expect(
      people.filter(({ properties }) => properties["associatedcompanyid"]).length,
    ).toBeGreaterThan(100);
    expect(new Set(people.map(({ properties }) => properties["email"])).size).toBe(120);
  });

  test("changes settings, HubSpot's at the top and others under their name", async () => {
    const { status, body } = await control("PATCH", "/settings", {
      searchLagMs: 0,
      burstLimit: 1,
      lemlist: { ignoreOffset: true },
    });

    expect(status).toBe(200);
    expect(body.hubspot).toMatchObject({ searchLagMs: 0, burstLimit: 1, dailyLimit: 250_000 });
    expect(body.lemlist.ignoreOffset).toBe(true);
    expect((await fetch(contacts, { headers: authorized })).status).toBe(200);
    expect((await fetch(contacts, { headers: authorized })).status).toBe(429);
  });

  test("says what is wrong with an order", async () => {
    const { status, body } = await control("PATCH", "/settings", { burstLimt: 1 });

    expect(status).toBe(400);
    expect(body.error).toContain("burstLimt");
  });

  test("resets everything", async () => {
    await control("POST", "/seed/hubspot", { demo: true });
    await control("PATCH", "/settings", { burstLimit: 1 });
    await control("POST", "/faults", { service: "hubspot", name: "http-500" });

    await control("POST", "/reset");

    expect(simulator.hubspot.counts()["contacts"]).toBe(0);
    expect(simulator.hubspot.settings().burstLimit).toBe(100);
    expect((await control("GET", "/faults")).body.faults).toEqual([]);
    expect((await control("GET", "/healthz")).body).toEqual({ status: "ok" });
  });
});
