/** Laws of reading notifications: nothing that is sent breaks it, and storing changes nothing. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { readNotification, signalsOf } from "../../mcp-server/src/core/webhook-event.ts";

const receipt = { at: "2026-11-21T10:00:00.000Z", appId: null };
const loose = fc.oneof(fc.jsonValue(), fc.integer(), fc.bigInt().map(String));
const names = [
  ...["eventId", "occurredAt", "appId", "objectId", "objectTypeId", "primaryObjectId"],
  ...["mergedObjectIds", "newObjectId", "associationType", "fromObjectId", "toObjectId"],
];
const types = ["contact.merge", "company.deletion", "contact.associationChange", "deal.creation"];
const notification = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...names), loose),
    fc.oneof(fc.constantFrom(...types), loose),
  )
  .map(([members, subscriptionType]) => ({ ...members, subscriptionType }));

test("whatever JSON is sent is kept whole, in words that every database stores", () => {
  fc.assert(
    fc.property(fc.oneof(notification, fc.jsonValue()), (raw) => {
      const event = readNotification(raw, receipt);

      expect(JSON.parse(event.payload)).toEqual(JSON.parse(JSON.stringify(raw)));
      expect(`${event.event_id}${event.subscription_type}${event.object}`).toMatch(/^[\w.:-]*$/);
      expect(event.object_id).toMatch(/^\d{0,19}$/);
      expect(event.occurred_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }),
  );
});

test("signals name contacts and companies by whole ids, each once, and none when it cannot be used", () => {
  fc.assert(
    fc.property(notification, (raw) => {
      const event = readNotification(raw, receipt);
      const signals = signalsOf(event);

      if (event.error !== null) expect(signals).toEqual([]);
      for (const { hubspotId } of signals) expect(hubspotId).toMatch(/^[1-9]\d{0,18}$/);
      const keys = signals.map(({ object, hubspotId }) => `${object} ${hubspotId}`);
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});
