/** Webhooks that are sent by themselves, and the control port's part in them. */
import { afterAll, beforeEach, expect, test } from "vitest";
import { startSimulator } from "../../../mcp-server/simulator/simulator.ts";
import { openReceiver } from "./receiver.ts";

const simulator = await startSimulator();
const receiver = await openReceiver();
const { hubspot } = simulator;
const { webhooks } = hubspot;

afterAll(() => simulator.close());
beforeEach(() => {
  hubspot.reset();
  webhooks.subscribe({ targetUrl: receiver.url, auto: true });
});

function contacts(count: number): string[] {
  const rows = Array.from({ length: count }, (_, index) => ({ email: `c${index}@example.com` }));
  return hubspot.seedContacts(rows);
}

async function control(method: string, path: string, body?: unknown) {
  const response = await fetch(`${simulator.controlUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

test("a change arrives without anybody asking, changes of one moment together", async () => {
  const ids = contacts(30);

  for (const id of ids) hubspot.editAsUser("contacts", id, { city: "Oslo" });
  await webhooks.idle();

  expect(receiver.requests.map(({ events }) => events.length)).toEqual([30]);
  expect(webhooks.totals()).toEqual({ delivered: 30, failed: 0, lost: 0 });
});

test("at most ten requests are open at a time, and nothing is forgotten meanwhile", async () => {
  hubspot.configure({ webhookMaxBatch: 1 });
  const ids = contacts(40);
  const gate = Promise.withResolvers<void>();
  receiver.gate = gate.promise;

  for (const id of ids) hubspot.editAsUser("contacts", id, { city: "Oslo" });
  while (receiver.open.now < 10) await new Promise((resolve) => setImmediate(resolve));
  gate.resolve();
  await webhooks.idle();

  // HubSpot docs, webhooks, read 2026-10: concurrency 10 by default.
  expect(receiver.open.most).toBe(10);
  expect(receiver.events()).toHaveLength(40);
});

test("a refused request is sent again by itself", async () => {
  hubspot.configure({ webhookRetryScale: 0.0001 });
  const [id = ""] = contacts(1);
  receiver.answers = [503, 500];

  hubspot.editAsUser("contacts", id, { city: "Oslo" });
  await webhooks.idle();

  expect(receiver.events().map(({ attemptNumber }) => attemptNumber)).toEqual([0, 1, 2]);
  expect(webhooks.attempts().map(({ status }) => status)).toEqual([503, 500, 200]);
});

test("what was under way when the subscription moved is sent to the new place", async () => {
  const [id = ""] = contacts(1);
  receiver.answers = ["hang"];
  hubspot.editAsUser("contacts", id, { city: "Oslo" });
  while (receiver.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));

  webhooks.subscribe({ targetUrl: `${receiver.url}?second`, auto: true });
  await webhooks.idle();

  expect(receiver.requests).toHaveLength(2);
  expect(receiver.requests[1]?.events).toEqual(receiver.requests[0]?.events);
});

test("another process subscribes, orders changes and delivers over the control port", async () => {
  const subscribed = await control("POST", "/webhooks/hubspot", {
    targetUrl: receiver.url,
    subscriptionTypes: ["contact.deletion", "contact.restore", "contact.associationChange"],
  });
  const [contact = "", other = ""] = contacts(2);
  const [company = ""] = hubspot.seedCompanies([{ name: "Acme" }]);
  const type = "contacts";
  const pair = { from: { type, id: contact }, to: { type: "companies", id: company } };

  const statuses = [
    await control("POST", "/associate/hubspot", { ...pair, primary: true }),
    await control("POST", "/dissociate/hubspot", pair),
    await control("POST", "/archive/hubspot", { type, id: contact }),
    await control("POST", "/restore/hubspot", { type, id: contact }),
    await control("POST", "/erase/hubspot", { type, id: other }),
  ].map(({ status }) => status);
  const pending = await control("GET", "/webhooks/hubspot/pending");
  const delivered = await control("POST", "/webhooks/hubspot/deliver");

  expect(subscribed.status).toBe(201);
  expect(JSON.stringify(subscribed.body)).not.toContain(simulator.hubspotClientSecret);
  expect(statuses).toEqual([204, 204, 204, 204, 204]);
  expect(pending.body.events).toHaveLength(7);
  expect(delivered.body).toMatchObject({ delivered: 7, waiting: 0 });
  expect((await control("GET", "/webhooks/hubspot")).body).toMatchObject({ delivered: 7 });
  expect((await control("GET", "/webhooks/hubspot/attempts")).body.attempts).toHaveLength(1);
  expect((await control("DELETE", "/webhooks/hubspot")).status).toBe(204);
  expect((await control("POST", "/webhooks/hubspot/deliver")).status).toBe(400);
  expect((await control("POST", "/webhooks/hubspot", { targetUrl: "nowhere" })).status).toBe(400);
});

test("a mass edit over the control port changes each record at the same moment", async () => {
  const ids = contacts(3);
  const at = Date.now() - 1_000;

  const { body } = await control("POST", "/bulk-edit/hubspot", {
    type: "contacts",
    ids,
    properties: { city: "Oslo" },
    at,
  });

  expect(body).toEqual({ changed: 3 });
  expect(hubspot.all("contacts").map(({ updatedAt }) => updatedAt)).toEqual([at, at, at]);
  expect((await control("POST", "/webhooks/hubspot/idle")).body).toMatchObject({ delivered: 3 });
});
