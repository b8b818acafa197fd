/** The door for HubSpot's notifications: who is let in, and what a 200 promises. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { changes, openRequest, secret, v3, webhookRig } from "./webhook-rig.ts";

describe("what is signed rightly", () => {
  test.each(["/webhooks/hubspot", "/webhooks/hubspot/", "/v1/webhooks/hubspot/company"])(
    "is in the database before %s answers 200",
    async (path) => {
      const rig = await webhookRig();

      const response = await rig.send(changes(10), { path });

      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ accepted: 10, quarantined: 0 });
      expect(await rig.waiting()).toMatchObject(
        Array.from({ length: 10 }, (_, n) => ({
          event_id: String(n + 1),
          subscription_type: "contact.propertyChange",
          object: "contacts",
          object_id: "101",
          received_at: rig.clock.iso(),
          error: null,
        })),
      );
    },
  );

  test("may be a single notification, as document B shows it", async () => {
    const rig = await webhookRig();
    const single = {
      eventId: "12345",
      subscriptionType: "company.propertyChange",
      portalId: 123456,
      objectId: 789,
      propertyName: "warp_credit_limit",
      propertyValue: "10000",
      changeSource: "CRM",
      occurredAt: 1705503600000,
    };

    const response = await rig.send(JSON.stringify(single), {
      path: "/v1/webhooks/hubspot/company",
    });

    expect(response.status).toBe(200);
    const [event] = await rig.waiting();
    expect(event).toMatchObject({ object: "companies", object_id: "789" });
    expect(JSON.parse(event?.payload ?? "")).toEqual(single);
  });

  test("is taken again when it is sent again: events are reasons to look", async () => {
    const rig = await webhookRig();

    const first = await rig.send(changes(3));
    const second = await rig.send(changes(3));

    expect([first.status, second.status]).toEqual([200, 200]);
    expect(await rig.waiting()).toHaveLength(6);
  });

  test("needs neither token nor a host name that is known here", async () => {
    const rig = await webhookRig({ apiToken: "a token of the API" });
    const body = changes(1);
    const called = "https://tunnel.example.com/webhooks/hubspot";
    const { sent, answer } = openRequest(rig, {
      host: "tunnel.example.com",
      origin: "https://elsewhere.example.com",
      "x-forwarded-proto": "https",
      ...v3(Buffer.from(body), called, rig.clock.now()),
    });

    sent.end(body);

    expect(await answer).toBe(200);
    expect((await fetch(`${rig.url}/api/health`)).status).toBe(401);
  });

  test("may be empty", async () => {
    const rig = await webhookRig();

    expect(await (await rig.send("[]")).json()).toEqual({ accepted: 0, quarantined: 0 });
  });

  test("may hold bytes that are no text: the record is named all the same", async () => {
    const rig = await webhookRig();
    const [before = "", after = ""] = changes(1).split("Title");
    const body = Buffer.concat([
      Buffer.from(before),
      Buffer.from([0xff, 0xc3]),
      Buffer.from(after),
    ]);

    const response = await rig.send(body);

    expect(response.status).toBe(200);
    expect(await rig.waiting()).toMatchObject([{ object_id: "101", error: null }]);
  });
});

describe("the address that is signed", () => {
  test("is PUBLIC_URL with the path and query that arrive, whatever the Host header says", async () => {
    const rig = await webhookRig({ publicUrl: "https://sync.example.com/crm/" });
    const path = "/webhooks/hubspot?team=a%20b%2Fc";

    const right = await rig.send(changes(1), {
      path,
      signedUri: "https://sync.example.com/crm/webhooks/hubspot?team=a%20b/c",
    });
    const local = await rig.send(changes(1), { path });

    expect(right.status).toBe(200);
    expect(local.status).toBe(401);
  });
});

describe("who is refused", () => {
  test.each([
    [-300_001, 401],
    [-300_000, 200],
    [300_000, 200],
    [300_001, 401],
  ])("a signature of %s ms from now: %s", async (offset, status) => {
    const rig = await webhookRig();

    const response = await rig.send(changes(1), { timestamp: rig.clock.now() + offset });

    expect(response.status).toBe(status);
  });

  test("learns nothing of why, and nothing is kept", async () => {
    const rig = await webhookRig();

    const unsigned = await rig.send(changes(1), { headers: {} });
    const wrong = await rig.send(changes(1), { signedUri: "https://elsewhere.example.com/" });

    expect([unsigned.status, wrong.status]).toEqual([401, 401]);
    expect(await unsigned.text()).toBe(await wrong.text());
    expect(unsigned.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(unsigned.headers.get("cache-control")).toBe("no-store");
    expect(await rig.waiting()).toEqual([]);
  });

  test("is told of in the log once a minute, with the mend and without what was sent", async () => {
    const rig = await webhookRig();
    const path = "/webhooks/hubspot?email=ada@example.com";

    for (let n = 0; n < 20; n += 1) await rig.send(changes(1), { headers: {}, path });
    const first = rig.lines.length;
    rig.clock.advance(60_000);
    await rig.send(changes(1), { headers: {}, path });

    expect(first).toBe(1);
    expect(rig.lines).toHaveLength(2);
    expect(rig.lines[1]).toMatchObject({
      fields: { code: "WEBHOOK_SIGNATURE_REFUSED", times: 20 },
      message: expect.stringContaining("HUBSPOT_CLIENT_SECRET"),
    });
    expect(JSON.stringify(rig.lines)).not.toMatch(/ada@example|Title|yyyy/);
  });

  test("without a client secret everybody is, with one line that says the mend", async () => {
    const rig = await webhookRig({ isConfigured: false });

    const responses = [await rig.send(changes(1)), await rig.send(changes(1), { headers: {} })];

    expect(responses.map(({ status }) => status)).toEqual([503, 503]);
    expect(rig.lines).toHaveLength(1);
    expect(rig.lines[0]?.message).toContain("set HUBSPOT_CLIENT_SECRET");
    expect(await rig.waiting()).toEqual([]);
  });

  test("other methods get 405", async () => {
    const rig = await webhookRig();

    const response = await fetch(`${rig.url}/webhooks/hubspot`);

    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });
});

test("a v1 signature counts only where it is switched on", async () => {
  const digest = createHash("sha256").update(secret).update(changes(1)).digest("hex");
  const headers = { "x-hubspot-signature": `sha256=${digest}` };
  const strict = await webhookRig();
  const lenient = await webhookRig({ versions: "v3,v1" });

  expect((await strict.send(changes(1), { headers })).status).toBe(401);
  expect((await lenient.send(changes(1), { headers })).status).toBe(200);
});

describe("what is no batch", () => {
  test.each([
    ["no JSON", "{"],
    ["", ""],
    ["a number", "7"],
    ["a text", '"x"'],
    ["null", "null"],
  ])("%s is 400", async (_what, body) => {
    const rig = await webhookRig();

    expect((await rig.send(body)).status).toBe(400);
  });

  test("more than 100 notifications are 400, and none is kept", async () => {
    const rig = await webhookRig();

    expect((await rig.send(changes(101))).status).toBe(400);
    expect((await rig.send(changes(100))).status).toBe(200);
    expect(await rig.waiting()).toHaveLength(100);
  });
});

describe("what cannot be used", () => {
  test("is put aside one by one, and the rest of the batch taken", async () => {
    const rig = await webhookRig();
    const [good] = JSON.parse(changes(1));
    const batch = [7, good, null, { ...good, objectId: "nobody" }, [good], good];

    const response = await rig.send(JSON.stringify(batch));

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ accepted: 2, quarantined: 4 });
    expect(await rig.waiting()).toHaveLength(2);
    expect(await rig.store.inbox.outcomesSince("2026-11-21")).toEqual({ quarantined: 4 });
  });

  test("is what another app sends, when one is configured", async () => {
    const rig = await webhookRig({ appId: "1" });

    const response = await rig.send(changes(2));

    expect(await response.json()).toEqual({ accepted: 0, quarantined: 2 });
    expect(rig.lines[0]).toMatchObject({ fields: { reason: expect.stringContaining("9318066") } });
  });

  test("unknown kinds and objects are taken as they are", async () => {
    const rig = await webhookRig();
    const batch = [
      { subscriptionType: "deal.creation", objectId: 1 },
      { subscriptionType: "contact.somethingNew", objectId: 2 },
    ];

    const response = await rig.send(JSON.stringify(batch));

    expect(await response.json()).toEqual({ accepted: 2, quarantined: 0 });
  });
});
