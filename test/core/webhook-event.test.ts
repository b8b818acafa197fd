/** Reading HubSpot's notifications: what each is about and whom it is a reason to look at. */
import { describe, expect, test } from "vitest";
import {
  parseNotifications,
  readNotification,
  signalsOf,
} from "../../mcp-server/src/core/webhook-event.ts";

const receipt = { at: "2026-11-21T10:00:00.000Z", appId: null };

// HubSpot docs, webhooks guide: members of a notification (read 2026-11).
const propertyChange = {
  eventId: 3944863254,
  subscriptionId: 3327050,
  portalId: 49532047,
  appId: 9318066,
  occurredAt: 1742175136625,
  subscriptionType: "contact.propertyChange",
  attemptNumber: 0,
  objectId: 106500991877,
  propertyName: "jobtitle",
  propertyValue: "CTO",
  changeSource: "CRM_UI",
};

const { propertyValue: _, ...withoutValue } = propertyChange;

function read(raw: unknown) {
  return readNotification(raw, receipt);
}

function signals(raw: unknown) {
  return signalsOf(read(raw));
}

describe("what is kept of a notification", () => {
  test("its names, its record, its time and all of its members but a contact's value", () => {
    const event = read(propertyChange);

    expect(event).toEqual({
      event_id: "3944863254",
      subscription_type: "contact.propertyChange",
      object: "contacts",
      object_id: "106500991877",
      occurred_at: "2025-03-17T01:32:16.625Z",
      payload: JSON.stringify(withoutValue),
      error: null,
    });
  });

  test("of a company the value as well", () => {
    const raw = { ...propertyChange, subscriptionType: "company.propertyChange" };

    expect(JSON.parse(read(raw).payload)).toEqual(raw);
  });

  test("ids in text and the documentation's eventType are read alike", () => {
    const event = read({ eventId: "12345", eventType: "company.creation", objectId: "789" });

    expect(event).toMatchObject({
      event_id: "12345",
      subscription_type: "company.creation",
      object: "companies",
      object_id: "789",
      error: null,
    });
  });

  test.each([[undefined], ["yesterday"], [-1], [Number.MAX_SAFE_INTEGER]])(
    "the time it came stands in for an occurredAt of %s",
    (occurredAt) => {
      expect(read({ ...propertyChange, occurredAt }).occurred_at).toBe(receipt.at);
    },
  );

  test("times without milliseconds have the form of all others", () => {
    expect(read({ ...propertyChange, occurredAt: 1742175136000 }).occurred_at).toBe(
      "2025-03-17T01:32:16.000Z",
    );
  });

  test("other objects keep HubSpot's own word", () => {
    expect(read({ ...propertyChange, subscriptionType: "deal.creation" }).object).toBe("deal");
    expect(
      read({ ...propertyChange, subscriptionType: "object.creation", objectTypeId: "2-77" }).object,
    ).toBe("2-77");
  });

  test("an id of more digits than a number can hold keeps every one of them", () => {
    const [event] = [
      parseNotifications('[{"subscriptionType":"contact.creation","objectId":9007199254740993}]'),
    ].flat();

    expect(read(event)).toMatchObject({ object_id: "9007199254740993", error: null });
    expect(signals(event)).toEqual([
      { object: "contacts", hubspotId: "9007199254740993", kind: "changed" },
    ]);
  });
});

describe("what cannot be used says why, and tells nothing", () => {
  test.each([
    ["null", null],
    ["a number", 7],
    ["a text", "contact.creation"],
    ["a list", [propertyChange]],
    ["no type", { objectId: 1 }],
    ["a type that is no word", { subscriptionType: "contact.creation\u0000", objectId: 1 }],
    ["no id", { subscriptionType: "contact.creation" }],
    ["an id of zero", { subscriptionType: "contact.creation", objectId: 0 }],
    ["a negative id", { subscriptionType: "contact.creation", objectId: -5 }],
    ["a broken number as id", { subscriptionType: "contact.creation", objectId: 1.5 }],
    ["words as id", { subscriptionType: "contact.creation", objectId: "1; drop table contacts" }],
    ["an id longer than any", { subscriptionType: "contact.creation", objectId: "9".repeat(30) }],
  ])("%s", (_case, raw) => {
    const event = read(raw);

    expect(event.error).toMatch(/^It .+\.$/);
    expect(JSON.parse(event.payload)).toEqual(raw);
    expect(signalsOf(event)).toEqual([]);
  });

  test("a number too large to be one", () => {
    const raw = parseNotifications(
      '{"subscriptionType":"contact.creation","objectId":1e400,"x":12345678901234567890}',
    );

    expect(read(raw)).toMatchObject({ object_id: "", error: expect.any(String) });
  });

  test("a notification of another app than the configured one", () => {
    const other = readNotification(propertyChange, { ...receipt, appId: "1" });
    const same = readNotification(propertyChange, { ...receipt, appId: "9318066" });
    const silent = readNotification(
      { subscriptionType: "contact.creation", objectId: 1 },
      { ...receipt, appId: "1" },
    );

    expect(other.error).toContain("HUBSPOT_APP_ID");
    expect(same.error).toBeNull();
    expect(silent.error).toBeNull();
  });

  test("text that another program left in the table", () => {
    expect(signalsOf({ payload: "{", error: null })).toEqual([]);
  });
});

describe("whom it is a reason to look at", () => {
  test.each([
    ["contact.propertyChange", "contacts", "changed"],
    ["contact.creation", "contacts", "changed"],
    ["contact.restore", "contacts", "changed"],
    ["contact.deletion", "contacts", "deleted"],
    ["contact.privacyDeletion", "contacts", "erased"],
    ["company.propertyChange", "companies", "changed"],
    ["company.creation", "companies", "changed"],
    ["company.restore", "companies", "changed"],
    ["company.deletion", "companies", "deleted"],
  ])("%s", (subscriptionType, object, kind) => {
    expect(signals({ subscriptionType, objectId: 5 })).toEqual([{ object, hubspotId: "5", kind }]);
  });

  test.each([
    ["0-1", "contacts"],
    ["0-2", "companies"],
  ])("generic notifications about type %s", (objectTypeId, object) => {
    expect(
      signals({ subscriptionType: "object.propertyChange", objectTypeId, objectId: 5 }),
    ).toEqual([{ object, hubspotId: "5", kind: "changed" }]);
  });

  test("every id that a merge names, each once", () => {
    const merge = {
      subscriptionType: "contact.merge",
      objectId: 9,
      primaryObjectId: 7,
      mergedObjectIds: [8, 7, "6", null],
      newObjectId: 9,
      numberOfPropertiesMoved: 3,
    };

    expect(signals(merge).map(({ hubspotId }) => hubspotId)).toEqual(["9", "7", "8", "6"]);
    expect(read({ ...merge, objectId: undefined })).toMatchObject({ object_id: "9", error: null });
  });

  test.each([
    [{ associationType: "CONTACT_TO_COMPANY" }, ["contacts 1", "companies 2"]],
    [{ associationType: "COMPANY_TO_CONTACT" }, ["companies 1", "contacts 2"]],
    [{ associationType: "PRIMARY_CONTACT_TO_COMPANY" }, ["contacts 1", "companies 2"]],
    [{ associationType: "CONTACT_TO_DEAL" }, ["contacts 1"]],
    [{ associationType: "DEAL_TO_COMPANY" }, ["companies 2"]],
    [{ fromObjectTypeId: "0-2", toObjectTypeId: "0-1" }, ["companies 1", "contacts 2"]],
    [{}, ["contacts 1"]],
  ])("both ends of an association where they are ours: %j", (ends, expected) => {
    const found = signals({
      subscriptionType: "contact.associationChange",
      fromObjectId: 1,
      toObjectId: 2,
      associationRemoved: false,
      ...ends,
    });

    expect(found.map(({ object, hubspotId }) => `${object} ${hubspotId}`)).toEqual(expected);
    expect(found.every(({ kind }) => kind === "changed")).toBe(true);
  });

  test.each([
    ["deal.propertyChange"],
    ["object.creation"],
    ["contact.somethingNew"],
    ["contact"],
    ["constructor.creation"],
  ])("nobody for %s, which is kept all the same", (subscriptionType) => {
    const raw = { subscriptionType, objectId: 5 };

    expect(read(raw).error).toBeNull();
    expect(signals(raw)).toEqual([]);
  });
});
