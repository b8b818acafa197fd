/** Notes: created with their associations, counted on the contact. */
import { expect, test } from "vitest";
import { CONTACTS, NOTES, openPortal } from "./portal.ts";

const portal = await openPortal();

function note(contact: string, more: Record<string, unknown> = {}) {
  return {
    properties: {
      hs_timestamp: "2026-11-20T10:00:00Z",
      hs_note_body: "<p>Enriched &amp; synced</p>",
    },
    associations: [
      {
        to: { id: contact },
        types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 202 }],
      },
    ],
    ...more,
  };
}

test("a create takes inline associations", async () => {
  const contact = await portal.contact({ email: "ada@example.com" });

  const { status, body } = await portal.post(NOTES, note(contact));

  // HubSpot docs, notes guide: type 202 leads from a note to a contact.
  expect(status).toBe(201);
  expect(portal.hubspot.associations("contacts", contact, "notes")).toEqual([
    { id: body.id, typeIds: [201] },
  ]);
});

test("a batch creates notes of several contacts, row by row with trace ids", async () => {
  const ada = await portal.contact({ email: "ada@example.com" });
  const bob = await portal.contact({ email: "bob@example.com" });

  const { status, body } = await portal.post(`${NOTES}/batch/create`, {
    inputs: [
      note(ada, { objectWriteTraceId: "1" }),
      note(bob, { objectWriteTraceId: "2" }),
      note("77", { objectWriteTraceId: "3" }),
    ],
  });

  expect(status).toBe(207);
  expect(body.results).toHaveLength(2);
  expect(body.errors[0]).toMatchObject({
    category: "OBJECT_NOT_FOUND",
    context: { objectWriteTraceId: ["3"] },
  });
});

test("a note raises the contact's count and modified date", async () => {
  const contact = await portal.contact({ email: "ada@example.com" });
  portal.advance(60_000);

  await portal.post(NOTES, note(contact));

  // Activities feed a contact's roll-up fields, so the contact changes as well.
  const { body } = await portal.get(
    `${CONTACTS}/${contact}?properties=num_notes,notes_last_updated&propertiesWithHistory=num_notes`,
  );
  expect(body.properties).toMatchObject({
    num_notes: "1",
    notes_last_updated: "2026-11-20T10:00:00Z",
  });
  expect(Date.parse(body.updatedAt)).toBe(portal.now());
  expect(body.propertiesWithHistory.num_notes[0].sourceType).toBe("CALCULATED");
});

test("the count can be switched off", async () => {
  portal.hubspot.configure({ noteRollups: false });
  const contact = await portal.contact({ email: "ada@example.com" });
  portal.advance(60_000);

  await portal.post(NOTES, note(contact));

  expect(portal.hubspot.find("contacts", contact)?.updatedAt).toBe(portal.now() - 60_000);
});

test("an archived note is not counted and not listed as associated", async () => {
  const contact = await portal.contact({ email: "ada@example.com" });
  const { body } = await portal.post(NOTES, note(contact));

  await portal.call("DELETE", `${NOTES}/${body.id}`);

  expect(portal.hubspot.find("contacts", contact)?.properties["num_notes"]).toBe("0");
  const read = await portal.post("/crm/v4/associations/contacts/notes/batch/read", {
    inputs: [{ id: contact }],
  });
  expect(read.body.errors[0].subCategory).toBe("crm.associations.NO_ASSOCIATIONS_FOUND");
});

test("the body keeps its HTML and gets a plain preview", async () => {
  const contact = await portal.contact({ email: "ada@example.com" });

  const { body } = await portal.post(NOTES, note(contact));

  expect(body.properties.hs_note_body).toBe("<p>Enriched &amp; synced</p>");
  expect(body.properties.hs_body_preview).toBe("Enriched &amp; synced");
});

test.each(["tasks", "calls", "meetings", "emails"])("%s work by the same rules", async (type) => {
  const path = `/crm/v3/objects/${type}`;

  const refused = await portal.post(path, { properties: {} });
  const created = await portal.post(path, {
    properties: {
      hs_timestamp: "2026-11-20T10:00:00Z",
      ...(type === "emails" ? { hs_email_direction: "EMAIL" } : {}),
    },
  });

  // HubSpot docs: activities require hs_timestamp, e-mails a direction as well.
  expect(refused.status).toBe(400);
  expect(created.status).toBe(201);
});
