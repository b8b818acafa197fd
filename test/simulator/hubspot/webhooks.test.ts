/** Which events a change raises, and what they say. HubSpot docs, webhooks, read 2026-10. */
import { beforeEach, describe, expect, test } from "vitest";
import { CONTACTS, openPortal, PORTAL_ID } from "./portal.ts";

const portal = await openPortal();
const { webhooks } = portal.hubspot;
const APP_ID = portal.hubspot.appId;
const TARGET = "http://127.0.0.1:9/webhooks/hubspot";

beforeEach(() => {
  webhooks.subscribe({ targetUrl: TARGET });
});

/** What was raised since the last look. */
function raised() {
  const events = webhooks.pending();
  webhooks.clear();
  return events;
}

describe("an event", () => {
  test("of a contact created through the API is the app's own echo", async () => {
    const id = await portal.contact({ email: "ada@example.com", city: "London" });

    // A recorded echo of 2025-03 has exactly these fields: source INTEGRATION, id that of the app.
    expect(raised()).toEqual([
      {
        eventId: expect.any(Number),
        subscriptionId: expect.any(Number),
        portalId: PORTAL_ID,
        appId: APP_ID,
        occurredAt: portal.now(),
        subscriptionType: "contact.creation",
        attemptNumber: 0,
        objectId: Number(id),
        changeFlag: "CREATED",
        changeSource: "INTEGRATION",
        sourceId: String(APP_ID),
      },
    ]);
  });

  test("comes for each property that really changed, with its stored value", async () => {
    const id = await portal.contact({ email: "ada@example.com", city: "London" });
    raised();

    await portal.patch(`${CONTACTS}/${id}`, {
      properties: { email: "ADA@new.example.com", city: "London", country: "UK" },
    });

    const changes = raised();
    expect(changes.map(({ propertyName, propertyValue }) => [propertyName, propertyValue])).toEqual(
      expect.arrayContaining([
        ["email", "ada@new.example.com"],
        ["country", "UK"],
      ]),
    );
    const names = changes.map(({ propertyName }) => propertyName);
    expect(names).not.toContain("city");
    // HubSpot docs: the modified date tells no change.
    expect(names).not.toContain("lastmodifieddate");
    expect(new Set(changes.map(({ subscriptionType }) => subscriptionType))).toEqual(
      new Set(["contact.propertyChange"]),
    );
    expect(changes.find(({ propertyName }) => propertyName === "country")).toMatchObject({
      objectId: Number(id),
      changeSource: "INTEGRATION",
      sourceId: String(APP_ID),
    });
    expect(changes.find(({ propertyName }) => propertyName === "hs_email_domain")).toMatchObject({
      changeSource: "CALCULATED",
    });
  });

  test("of a person's edit names the user and when it was made", () => {
    const [id = ""] = portal.hubspot.seedCompanies([{ name: "Acme" }]);
    const at = portal.now() - 60_000;

    portal.hubspot.editAsUser("companies", id, { phone: "" }, { at });
    portal.hubspot.editAsUser("companies", id, { phone: "+47 1" }, { userId: 76_070_033, at });

    expect(raised()).toMatchObject([
      {
        subscriptionType: "company.propertyChange",
        objectId: Number(id),
        propertyName: "phone",
        propertyValue: "+47 1",
        changeSource: "CRM_UI",
        sourceId: "userId:76070033",
        occurredAt: at,
      },
    ]);
  });

  test("of a cleared property has an empty value", () => {
    const [id = ""] = portal.hubspot.seedContacts([{ email: "ada@example.com", city: "Oslo" }]);

    portal.hubspot.editAsUser("contacts", id, { city: "" });

    expect(raised()).toMatchObject([{ propertyName: "city", propertyValue: "" }]);
  });

  test("hides a sensitive value", async () => {
    portal.hubspot.defineProperty("contacts", {
      name: "diagnosis",
      label: "Diagnosis",
      type: "string",
      fieldType: "text",
      groupName: "contactinformation",
      dataSensitivity: "sensitive",
    });
    const [id = ""] = portal.hubspot.seedContacts([{ email: "ada@example.com" }]);

    portal.hubspot.editAsUser("contacts", id, { diagnosis: "private" });

    expect(raised()).toMatchObject([{ propertyName: "diagnosis", propertyValue: "REDACTED" }]);
  });
});

describe("events of a record's life", () => {
  test("an archive tells a deletion, once, by whichever way", async () => {
    const ids = portal.hubspot.seedContacts([
      { email: "a@example.com" },
      { email: "b@example.com" },
    ]);

    await portal.call("DELETE", `${CONTACTS}/${ids[0]}`);
    await portal.call("DELETE", `${CONTACTS}/${ids[0]}`);
    portal.hubspot.archiveAsUser("contacts", ids[1] ?? "");

    expect(raised()).toMatchObject([
      {
        subscriptionType: "contact.deletion",
        objectId: Number(ids[0]),
        changeFlag: "DELETED",
        changeSource: "INTEGRATION",
      },
      { subscriptionType: "contact.deletion", objectId: Number(ids[1]), changeSource: "CRM_UI" },
    ]);
  });

  test("a privacy deletion tells a deletion as well", async () => {
    const [a = ""] = portal.hubspot.seedContacts([{ email: "a@example.com" }]);
    const [b = ""] = portal.hubspot.seedContacts([{ email: "b@example.com" }]);

    await portal.post(`${CONTACTS}/gdpr-delete`, { objectId: a });
    portal.hubspot.eraseAsUser("contacts", b);

    const events = raised();
    for (const id of [a, b]) {
      const own = events.filter(({ objectId }) => objectId === Number(id));
      expect(own.map(({ subscriptionType }) => subscriptionType).sort()).toEqual([
        "contact.deletion",
        "contact.privacyDeletion",
      ]);
    }
  });

  test("a restore tells just that", () => {
    const [id = ""] = portal.hubspot.seedContacts([{ email: "a@example.com" }]);
    portal.hubspot.archiveAsUser("contacts", id);
    raised();

    portal.hubspot.restoreAsUser("contacts", id);

    expect(raised()).toMatchObject([
      { subscriptionType: "contact.restore", objectId: Number(id), changeSource: "CRM_UI" },
    ]);
  });

  test("a merge tells who became whom, and no property changes", async () => {
    const [a = "", b = ""] = portal.hubspot.seedContacts([
      { email: "a@example.com", city: "Oslo" },
      { email: "b@example.com", phone: "1", country: "NO" },
    ]);
    portal.hubspot.seedCompanies([{ name: "Acme", domain: "acme.com" }]);

    const { body } = await portal.post(`${CONTACTS}/merge`, {
      primaryObjectId: a,
      objectIdToMerge: b,
    });

    expect(raised()).toMatchObject([
      {
        subscriptionType: "contact.merge",
        primaryObjectId: Number(a),
        mergedObjectIds: [Number(b)],
        newObjectId: Number(body.id),
        numberOfPropertiesMoved: 2,
        changeSource: "INTEGRATION",
        sourceId: String(APP_ID),
      },
    ]);
  });
});
