/** Webhooks sent when a test says so: batches, retries, and trouble that repeats with the seed. */
import { beforeEach, expect, test } from "vitest";
import type { WebhookEvent } from "../../../mcp-server/simulator/hubspot/webhook-outbox.ts";
import { openPortal } from "./portal.ts";
import { openReceiver } from "./receiver.ts";

const portal = await openPortal();
const receiver = await openReceiver();
const { hubspot } = portal;
const { webhooks } = hubspot;
const DAY_MS = 86_400_000;

beforeEach(() => {
  webhooks.subscribe({ targetUrl: receiver.url });
});

/** One event for each city given to a contact. */
function edits(values: readonly string[]): void {
  const [id = ""] = hubspot.seedContacts([{ email: "ada@example.com" }]);
  for (const city of values) hubspot.editAsUser("contacts", id, { city });
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

function cities(events: readonly WebhookEvent[]): (string | undefined)[] {
  return events.map(({ propertyValue }) => propertyValue);
}

test("everything that waits is sent once, oldest first, at most 100 events a request", async () => {
  edits(numbered(250));

  const report = await webhooks.deliver();

  expect(receiver.requests.map(({ events }) => events.length)).toEqual([100, 100, 50]);
  expect(cities(receiver.events())).toEqual(numbered(250));
  expect(report).toMatchObject({ delivered: 250, failed: 0, lost: 0, waiting: 0 });
  expect(report.attempts.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await webhooks.deliver()).attempts).toEqual([]);
});

test("events can be held back, and sent newest first", async () => {
  edits(["a", "b", "c"]);

  await webhooks.deliver({ limit: 1 });
  await webhooks.deliver({ limit: 1, order: "newest" });

  expect(cities(receiver.events())).toEqual(["a", "c"]);
  expect(cities(webhooks.pending())).toEqual(["b"]);
});

test.each([500, 400, 301, 429])(
  "an answer %i is retried later with a higher attempt",
  async (bad) => {
    edits(["a"]);
    receiver.answers = [bad];

    const first = await webhooks.deliver();
    const tooEarly = await webhooks.deliver();
    portal.advance(5 * 60_000);
    const second = await webhooks.deliver();

    expect(first).toMatchObject({ delivered: 0, failed: 1, waiting: 1 });
    expect(tooEarly.attempts).toEqual([]);
    expect(second).toMatchObject({ delivered: 1, waiting: 0 });
    expect(receiver.events().map(({ attemptNumber }) => attemptNumber)).toEqual([0, 1]);
    expect(receiver.events()[0]?.eventId).toBe(receiver.events()[1]?.eventId);
  },
);

test("no answer within the time and a refused connection are retried too", async () => {
  hubspot.configure({ webhookTimeoutMs: 50 });
  edits(["a"]);
  receiver.answers = ["hang"];

  const late = await webhooks.deliver();
  webhooks.subscribe({ targetUrl: "http://127.0.0.1:1/" });
  const refused = await webhooks.deliver({ early: true });

  expect([...late.attempts, ...refused.attempts].map(({ status }) => status)).toEqual([null, null]);
  expect(webhooks.pending()).toMatchObject([{ attemptNumber: 2 }]);
});

test("after ten retries within about a day an event is lost", async () => {
  edits(["a"]);
  receiver.answers = Array.from({ length: 11 }, () => 503);
  const start = portal.now();

  const reports = [];
  while (webhooks.pending().length > 0) {
    reports.push(await webhooks.deliver());
    portal.advance(60_000);
  }

  // HubSpot docs, webhooks: up to 10 retries over the next 24 hours.
  expect(receiver.events().map(({ attemptNumber }) => attemptNumber)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
  expect(reports.at(-1)).toMatchObject({ lost: 1, failed: 0, waiting: 0 });
  expect(portal.now() - start).toBeGreaterThan(DAY_MS / 2);
  expect(portal.now() - start).toBeLessThan(1.25 * DAY_MS);
});

test("a new receiver gets at once what the former one refused", async () => {
  edits(["a"]);
  receiver.answers = [503];
  await webhooks.deliver();

  webhooks.subscribe({ targetUrl: receiver.url });

  expect(await webhooks.deliver()).toMatchObject({ delivered: 1 });
});

test("dropped events never arrive, doubled ones arrive twice with one id", async () => {
  hubspot.configure({ webhookDropShare: 0.3, webhookDuplicateShare: 0.3 });
  edits(numbered(400));

  const report = await webhooks.deliver();

  const came = receiver.events();
  const distinct = new Set(came.map(({ eventId }) => eventId));
  expect(report.lost).toBe(400 - distinct.size);
  expect(report.lost).toBeGreaterThan(80);
  expect(report.lost).toBeLessThan(160);
  expect(came.length - distinct.size).toBeGreaterThan(50);
  expect(report.delivered).toBe(came.length);
  expect(webhooks.totals()).toEqual({ delivered: came.length, failed: 0, lost: report.lost });
});

test("trouble repeats with the seed", async () => {
  const once = async () => {
    hubspot.reset();
    receiver.requests.length = 0;
    hubspot.configure({
      webhookDropShare: 0.2,
      webhookDuplicateShare: 0.2,
      webhookShuffle: true,
      webhookMaxBatch: 7,
    });
    webhooks.subscribe({ targetUrl: receiver.url });
    edits(numbered(60));
    await webhooks.deliver();
    return receiver.requests.map(({ body }) => body);
  };

  const first = await once();

  expect(await once()).toEqual(first);
});

test("shuffled events mix within and across requests", async () => {
  hubspot.configure({ webhookShuffle: true, webhookMaxBatch: 10 });
  edits(numbered(40));

  await webhooks.deliver();

  const order = cities(receiver.events());
  expect(order).not.toEqual(numbered(40));
  expect([...order].sort()).toEqual(numbered(40).sort());
  const firstTen = new Set(cities(receiver.requests[0]?.events ?? []));
  expect(numbered(10).every((city) => firstTen.has(city))).toBe(false);
});

test("delayed events wait for the account's clock, no real one", async () => {
  hubspot.configure({ webhookDelayMs: [60_000, 120_000] });
  edits(numbered(20));

  expect((await webhooks.deliver()).attempts).toEqual([]);
  portal.advance(90_000);
  const some = await webhooks.deliver();
  portal.advance(30_000);
  const rest = await webhooks.deliver();

  expect(some.delivered).toBeGreaterThan(0);
  expect(rest.delivered).toBeGreaterThan(0);
  expect(some.delivered + rest.delivered).toBe(20);
});

test.each([
  ["a share above 1", { webhookDropShare: 1.5 }],
  ["more than 100 events a request", { webhookMaxBatch: 101 }],
  ["a delay that ends before it begins", { webhookDelayMs: [5, 1] }],
])("%s is refused", (_, patch) => {
  expect(() => hubspot.configure(patch)).toThrow();
});
