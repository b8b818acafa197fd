/** What a webhook subscription hears and what it does not. HubSpot docs, webhooks, read 2026-10. */
import { beforeEach, expect, test } from "vitest";
import { COMPANIES, openPortal } from "./portal.ts";

const portal = await openPortal();
const { webhooks } = portal.hubspot;
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

function kinds() {
  return raised().map(({ subscriptionType }) => subscriptionType);
}

test("a subscription hears only what it asked for", async () => {
  webhooks.subscribe({
    targetUrl: TARGET,
    subscriptionTypes: ["contact.propertyChange"],
    propertyNames: ["city"],
  });
  const id = await portal.contact({ email: "ada@example.com" });
  await portal.company({ name: "Acme" });

  portal.hubspot.editAsUser("contacts", id, { city: "Oslo", country: "NO" });

  expect(raised().map(({ propertyName }) => propertyName)).toEqual(["city"]);
});

test("a subscription has an id for each kind and property", () => {
  const [id = ""] = portal.hubspot.seedContacts([{ email: "ada@example.com" }]);

  portal.hubspot.editAsUser("contacts", id, { city: "Oslo", country: "NO" });
  portal.hubspot.editAsUser("contacts", id, { city: "Rome" });

  const [city, country, again] = raised().map(({ subscriptionId }) => subscriptionId);
  expect(city).toBe(again);
  expect(city).not.toBe(country);
});

test("without a subscription nothing is raised, and ending one forgets what waits", async () => {
  await portal.contact({ email: "ada@example.com" });
  webhooks.unsubscribe();
  await portal.contact({ email: "bob@example.com" });

  expect(webhooks.pending()).toEqual([]);
  await expect(webhooks.deliver()).rejects.toThrow(/subscribed/);
});

test("a subscription of the generic kind names object types, also those without events of their own", async () => {
  webhooks.subscribe({ targetUrl: TARGET, generic: true });
  const [id = ""] = portal.hubspot.seedContacts([{ email: "ada@example.com" }]);
  portal.hubspot.editAsUser("contacts", id, { city: "Oslo" });
  portal.hubspot.associateAsUser(
    ["contacts", id],
    ["companies", portal.hubspot.seedCompanies([{ name: "Acme" }])[0] ?? ""],
  );
  await portal.post("/crm/objects/2026-09/notes", {
    properties: { hs_timestamp: "1700000000000", hs_note_body: "x" },
  });

  const [change, association, , note] = raised();
  expect(change).toMatchObject({
    subscriptionType: "object.propertyChange",
    objectTypeId: "0-1",
    isSensitive: false,
  });
  expect(association).toMatchObject({
    subscriptionType: "object.associationChange",
    fromObjectTypeId: "0-1",
    toObjectTypeId: "0-2",
    associationTypeId: 279,
  });
  expect(note).toMatchObject({ subscriptionType: "object.creation", objectTypeId: "0-46" });
});

test("a subscription tells privacy deletions in the old form even if generic", () => {
  webhooks.subscribe({ targetUrl: TARGET, generic: true });
  const [id = ""] = portal.hubspot.seedContacts([{ email: "ada@example.com" }]);

  portal.hubspot.eraseAsUser("contacts", id);

  expect(kinds().sort()).toEqual(["contact.privacyDeletion", "object.deletion"]);
});

test("a subscription of the old kind says nothing of notes", async () => {
  await portal.post("/crm/objects/2026-09/notes", {
    properties: { hs_timestamp: "1700000000000", hs_note_body: "x" },
  });

  expect(kinds()).toEqual([]);
});

test("a subscription hears every row of a batch", async () => {
  await portal.post(`${COMPANIES}/batch/create`, {
    inputs: [{ properties: { name: "A" } }, { properties: { name: "B" } }],
  });

  expect(kinds()).toEqual(["company.creation", "company.creation"]);
});

test("a subscription hears nothing of test data", () => {
  portal.hubspot.seedDemo();
  portal.hubspot.seedContacts([{ email: "x@example.com" }]);

  expect(kinds()).toEqual([]);
});

test("a subscription hears a new record's values too where the account is set so", async () => {
  portal.hubspot.configure({ creationRaisesPropertyChanges: true });

  await portal.contact({ email: "ada@example.com", city: "Oslo" });

  expect(raised().map(({ propertyName }) => propertyName)).toEqual([undefined, "email", "city"]);
});

test("a subscription gives the same events for the same seed and changes", async () => {
  const once = async () => {
    portal.hubspot.reset();
    webhooks.subscribe({ targetUrl: TARGET });
    await portal.contact({ email: "ada@example.com" });
    portal.hubspot.editAsUser("contacts", "ada@example.com", { city: "Oslo" });
    return raised();
  };

  expect(await once()).toEqual(await once());
});

test("a subscription does not change what the API answers", async () => {
  const created = async (isListening: boolean) => {
    portal.hubspot.reset();
    if (isListening) webhooks.subscribe({ targetUrl: TARGET });
    return [await portal.contact({ email: "a@example.com" }), await portal.company({ name: "A" })];
  };

  expect(await created(true)).toEqual(await created(false));
});
