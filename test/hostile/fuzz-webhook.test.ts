/** The door for notifications: nothing unsigned ever reaches the inbox, and what is signed is kept or put aside, however odd. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changes, secret, v3, type WebhookRig, webhookRig } from "../doors/webhook-rig.ts";
import { fuzz, inTime, testTimeout } from "./fuzz-rounds.ts";
import { expectNoLeak, watchForAccidents } from "./laws.ts";
import { type Json, nastyText, nastyValue, nested, spoiled, spoilings } from "./nasty.ts";

watchForAccidents();

/** An answer of the door, that tells nothing. */
async function told(answer: Promise<Response>): Promise<{ status: number; body: Json }> {
  const response = await inTime(answer, "a notification");
  const text = await response.text();
  expectNoLeak(text);
  expect(text).not.toContain(secret);
  expect(response.status === 503 || response.status < 500).toBe(true);
  return { status: response.status, body: JSON.parse(text) };
}

const depth = async (rig: WebhookRig): Promise<number> => (await rig.waiting()).length;

const eventOf = (given: object): Json => [
  {
    eventId: 1,
    subscriptionType: "contact.propertyChange",
    objectId: 101,
    propertyName: "jobtitle",
    propertyValue: "CTO",
    occurredAt: 1_795_000_000_000,
    appId: 9_318_066,
    ...given,
  },
];

describe("what is not signed rightly", () => {
  test(
    "never reaches the inbox, whatever is changed of a request that is signed",
    async () => {
      const rig = await webhookRig();
      const body = changes(3);
      const target = `${rig.url}/webhooks/hubspot`;
      const headerText = nastyText.map((text) =>
        text
          .replaceAll(/[^\x20-\x7e]/g, "")
          .slice(0, 500)
          .trim(),
      );
      const change = fc.oneof(
        fc.record({
          kind: fc.constant("byte"),
          at: fc.nat(body.length - 1),
          by: fc.integer({ min: 1, max: 255 }),
        }),
        fc.record({ kind: fc.constant("signature"), text: headerText }),
        fc.record({ kind: fc.constant("cut"), to: fc.nat(43) }),
        fc.record({ kind: fc.constant("timestamp"), text: headerText }),
        fc.record({ kind: fc.constant("later"), ms: fc.integer({ min: 1, max: 2 ** 45 }) }),
        fc.record({ kind: fc.constant("uri"), text: headerText }),
        fc.record({ kind: fc.constant("old-version"), version: fc.constantFrom("v1", "v2") }),
        fc.record({ kind: fc.constant("none") }),
      );
      await fuzz(
        change,
        async (how) => {
          const bytes = Buffer.from(body);
          const signed = v3(bytes, target, rig.clock.now());
          let headers: Record<string, string> = signed;
          if (how.kind === "byte") bytes[how.at] = (bytes[how.at] ?? 0) ^ how.by;
          if (how.kind === "signature") headers = { ...signed, "x-hubspot-signature-v3": how.text };
          if (how.kind === "cut")
            headers = {
              ...signed,
              "x-hubspot-signature-v3": signed["x-hubspot-signature-v3"]?.slice(0, how.to) ?? "",
            };
          if (how.kind === "timestamp") {
            if (how.text === signed["x-hubspot-request-timestamp"]) return;
            headers = { ...signed, "x-hubspot-request-timestamp": how.text };
          }
          if (how.kind === "later")
            headers = {
              ...signed,
              "x-hubspot-request-timestamp": String(rig.clock.now() + how.ms),
            };
          if (how.kind === "uri") headers = v3(bytes, `${target}?${how.text}x`, rig.clock.now());
          if (how.kind === "old-version") headers = oldSignature(body, how.version);
          if (how.kind === "none") headers = {};

          const { status } = await told(rig.send(bytes, { headers }));

          expect(status).toBe(401);
          expect(await depth(rig)).toBe(0);
        },
        { runs: 120, shortMs: 3_000 },
      );
      expect((await told(rig.send(body))).status).toBe(200);
      expect(await depth(rig)).toBe(3);
    },
    testTimeout,
  );

  test.each([
    ["from the past", -10 * 60_000],
    ["from the future", 10 * 60_000],
    ["of the year 200,000", 2 ** 52],
    ["before all time", -(2 ** 52)],
  ])("a timestamp %s, although it is signed, is refused", async (_, ms) => {
    const rig = await webhookRig();

    const { status } = await told(rig.send(changes(1), { timestamp: rig.clock.now() + ms }));

    expect(status).toBe(401);
    expect(await depth(rig)).toBe(0);
  });
});

describe("what is signed", () => {
  test(
    "is kept, put aside or refused, with notifications spoiled in any way",
    async () => {
      const rig = await webhookRig();
      const odd = fc.oneof(
        spoilings.map((how) => spoiled(JSON.parse(changes(2)), how)),
        nastyValue,
        nastyValue.map((objectId) => eventOf({ objectId })),
        nastyValue.map((occurredAt) => eventOf({ occurredAt })),
        nastyValue.map((subscriptionType) => eventOf({ subscriptionType })),
        nastyValue.map((propertyName) => eventOf({ propertyName })),
      );
      await fuzz(
        odd,
        async (value) => {
          const before = await depth(rig);
          const { status, body } = await told(rig.send(JSON.stringify(value)));
          expect([200, 400, 413]).toContain(status);
          if (status !== 200) expect(await depth(rig)).toBe(before);
          else
            expect(body).toMatchObject({
              accepted: expect.any(Number),
              quarantined: expect.any(Number),
            });
        },
        { runs: 120, shortMs: 3_000 },
      );
      for (const event of await rig.waiting()) {
        const { object_id } = event as { object_id?: string | null };
        if (object_id !== undefined && object_id !== null) expect(object_id).toMatch(/^\d{1,20}$/);
      }
    },
    testTimeout,
  );

  // Ids outgrow what a double holds: HubSpot's are 64 bits, and a digit lost is another customer's record.
  test.each(["9007199254740993", "9223372036854775807", "12345678901234567"])(
    "keeps every digit of the id %s",
    async (id) => {
      const rig = await webhookRig();
      const body = changes(1).replace('"objectId":101', `"objectId":${id}`);

      await told(rig.send(body));

      expect(JSON.stringify(await rig.waiting())).toContain(`"${id}"`);
    },
  );

  test.each([
    ["10,000 notifications", `[${Array.from({ length: 10_000 }, () => "{}").join(",")}]`],
    ["100,000 lists in one another", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["100,000 lists that do not end", "[".repeat(100_000)],
    ["a deep notification", JSON.stringify(eventOf({ more: nested(3_000) }))],
    ["keys of a prototype", '[{"__proto__":{"objectId":5},"constructor":{}}]'],
    ["duplicate keys", '[{"objectId":1,"objectId":2,"subscriptionType":"contact.deletion"}]'],
    [
      "numbers beyond numbers",
      '[{"objectId":1e999,"occurredAt":1e999,"subscriptionType":"contact.deletion"}]',
    ],
    ["no JSON", "objectId=5"],
    ["nothing", ""],
    [
      "an id of 100,000 digits",
      `[{"objectId":${"9".repeat(100_000)},"subscriptionType":"contact.creation"}]`,
    ],
  ])("a body of %s harms nothing", async (_, body) => {
    const rig = await webhookRig();

    const { status } = await told(rig.send(body));
    const after = await told(rig.send(changes(1)));

    expect([200, 400]).toContain(status);
    expect(after.status).toBe(200);
  });
});

/** HubSpot's older signatures, which are refused unless the settings ask for them. */
function oldSignature(body: string, version: string): Record<string, string> {
  const text = version === "v1" ? secret + body : `${secret}POST/webhooks/hubspot${body}`;
  return {
    "x-hubspot-signature": createHash("sha256").update(text).digest("hex"),
    "x-hubspot-signature-version": version,
  };
}
