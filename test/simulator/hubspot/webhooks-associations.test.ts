/** Events of associations. HubSpot docs, webhooks, read 2026-10. */
import { beforeEach, expect, test } from "vitest";
import { openPortal } from "./portal.ts";

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

const acme = () => portal.hubspot.seedCompanies([{ name: "Acme" }])[0] ?? "";
const ada = () => portal.hubspot.seedContacts([{ email: "ada@example.com" }])[0] ?? "";

test("association events come from either side, for the primary one too, and no modified date moves", () => {
  const [contact, company] = [ada(), acme()];
  const before = portal.hubspot.find("contacts", contact)?.updatedAt;

  portal.hubspot.associateAsUser(["contacts", contact], ["companies", company], {
    primary: true,
  });

  const [from, to] = [Number(contact), Number(company)];
  const side = { fromObjectId: from, toObjectId: to, associationType: "CONTACT_TO_COMPANY" };
  const other = { fromObjectId: to, toObjectId: from, associationType: "COMPANY_TO_CONTACT" };
  const events = raised();
  expect(events).toHaveLength(4);
  for (const isPrimaryAssociation of [true, false]) {
    const flags = { associationRemoved: false, isPrimaryAssociation, changeSource: "CRM_UI" };
    expect(events).toContainEqual(
      expect.objectContaining({
        subscriptionType: "contact.associationChange",
        ...side,
        ...flags,
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({
        subscriptionType: "company.associationChange",
        ...other,
        ...flags,
      }),
    );
  }
  expect(portal.hubspot.find("contacts", contact)?.updatedAt).toBe(before);
});

test("association events tell what was taken away, and nothing where nothing changed", () => {
  const [contact, company] = [ada(), acme()];
  portal.hubspot.associate(["contacts", contact], ["companies", company]);

  portal.hubspot.associateAsUser(["contacts", contact], ["companies", company]);
  expect(raised()).toEqual([]);
  portal.hubspot.dissociateAsUser(["contacts", contact], ["companies", company]);

  expect(raised().map(({ associationRemoved }) => associationRemoved)).toEqual([true, true]);
  expect(portal.hubspot.associations("contacts", contact, "companies")).toEqual([]);
});

test("a new primary company tells that the former is primary no more", () => {
  const [contact, former, next] = [ada(), acme(), acme()];
  portal.hubspot.associate(["contacts", contact], ["companies", former], [1]);

  portal.hubspot.associateAsUser(["contacts", contact], ["companies", next], { primary: true });

  expect(raised()).toContainEqual(
    expect.objectContaining({
      subscriptionType: "contact.associationChange",
      toObjectId: Number(former),
      associationRemoved: true,
      isPrimaryAssociation: true,
    }),
  );
});

test("association events of API calls are the app's own echo, and replaced labels tell the difference", async () => {
  const [contact, company] = [ada(), acme()];
  const path = `/crm/v4/objects/contacts/${contact}/associations/companies/${company}`;
  const spec = (associationTypeId: number) => ({
    associationCategory: "HUBSPOT_DEFINED",
    associationTypeId,
  });
  await portal.call("PUT", path, [spec(279)]);
  const first = raised();
  await portal.call("PUT", path, [spec(279), spec(1)]);
  const second = raised();

  expect(first).toHaveLength(2);
  expect(first[0]).toMatchObject({ changeSource: "INTEGRATION", sourceId: String(APP_ID) });
  expect(second.map(({ isPrimaryAssociation }) => isPrimaryAssociation)).toEqual([true, true]);
});
