/** A refused batch wrote nothing, and a traced one names every bad row. */
import { expect, test } from "vitest";
import { CONTACTS, idsOf, NOTES, openPortal, START } from "./portal.ts";

const portal = await openPortal();
const PROPERTIES = "/crm/properties/2026-09/contacts";

const contacts = () => portal.hubspot.counts()["contacts"];

test("a traced update names each missing row by its trace id", async () => {
  const id = await portal.contact({ email: "ada@example.com" });
  const row = (name: string) => ({
    id: name,
    properties: { city: "London" },
    objectWriteTraceId: `t-${name}`,
  });

  const { status, body } = await portal.post(`${CONTACTS}/batch/update`, {
    inputs: [row(id), row("77"), row("78")],
  });

  // HubSpot docs, error handling: with trace ids, one error for each bad row with its trace id.
  expect(status).toBe(207);
  expect(idsOf(body.results)).toEqual([id]);
  expect(body.numErrors).toBe(2);
  expect(body.errors.map((entry: { context: unknown }) => entry.context)).toEqual([
    { ids: ["77"], objectWriteTraceId: ["t-77"] },
    { ids: ["78"], objectWriteTraceId: ["t-78"] },
  ]);
});

test("one untraced input takes the trace ids off the missing rows too", async () => {
  const id = await portal.contact({ email: "ada@example.com" });

  const { body } = await portal.post(`${CONTACTS}/batch/update`, {
    inputs: [
      { id, properties: { city: "London" } },
      { id: "77", properties: { city: "London" }, objectWriteTraceId: "t" },
    ],
  });

  expect(body.errors[0].context).toEqual({ ids: ["77"] });
});

test("a row that does not parse keeps traced rows before it from being written", async () => {
  const { status } = await portal.post(`${CONTACTS}/batch/create`, {
    inputs: [
      { properties: { email: "ada@example.com" }, objectWriteTraceId: "a" },
      { objectWriteTraceId: "b" },
    ],
  });

  expect(status).toBe(400);
  expect(contacts()).toBe(0);
});

test("an archive with an input that lacks its id archives nothing", async () => {
  const id = await portal.contact({ email: "ada@example.com" });

  const { status } = await portal.post(`${CONTACTS}/batch/archive`, { inputs: [{ id }, {}] });

  expect(status).toBe(400);
  expect(contacts()).toBe(1);
});

test("two rows of a batch with one unique value are a conflicting unique value", async () => {
  await portal.post(PROPERTIES, {
    name: "external_id",
    label: "External id",
    type: "string",
    fieldType: "text",
    groupName: "contactinformation",
    hasUniqueValue: true,
  });
  const row = { properties: { firstname: "Ada", external_id: "x1" } };

  const { status, body } = await portal.post(`${CONTACTS}/batch/create`, { inputs: [row, row] });

  // Issue threads: CONFLICTING_UNIQUE_VALUE is a 400, unlike an e-mail that is taken.
  expect(status).toBe(400);
  expect(body.errors[0].code).toBe("CONFLICTING_UNIQUE_VALUE");
  expect(body.errors[0].message).toMatch(/already has that value\.$/);
  expect(contacts()).toBe(0);
});

test("an inline association needs its category", async () => {
  const id = await portal.contact({ email: "ada@example.com" });
  const note = (type: Record<string, unknown>) => ({
    properties: { hs_timestamp: "2026-11-20T10:00:00Z" },
    associations: [{ to: { id }, types: [type] }],
  });

  const without = await portal.post(NOTES, note({ associationTypeId: 202 }));
  const wrong = await portal.post(
    NOTES,
    note({ associationCategory: "MINE", associationTypeId: 202 }),
  );

  // Specification: AssociationSpec requires both, and the category is an enumeration.
  expect(without.status).toBe(400);
  expect(without.body.message).toMatch(
    /Cannot build AssociationSpec, some of required attributes are not set \[associationCategory\]$/,
  );
  expect(wrong.status).toBe(400);
  expect(portal.hubspot.counts()["notes"]).toBe(0);
});

test("taking the unlabeled type off a note takes it out of the contact's count", async () => {
  const contact = await portal.contact({ email: "ada@example.com" });
  const types = [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 202 }];
  const { body: note } = await portal.post(NOTES, {
    properties: { hs_timestamp: "2026-11-20T10:00:00Z" },
    associations: [{ to: { id: contact }, types }],
  });

  await portal.post("/crm/v4/associations/notes/contacts/batch/labels/archive", {
    inputs: [{ from: { id: note.id }, to: { id: contact }, types }],
  });

  // HubSpot docs, associate records guide: removing the unlabeled type removes everything.
  expect(portal.hubspot.associations("contacts", contact, "notes")).toEqual([]);
  expect(portal.hubspot.find("contacts", contact)?.properties["num_notes"]).toBe("0");
});

test.each([
  ["partial", 207, 1],
  ["whole", 400, 0],
])("an upsert by e-mail with trace ids can be %s: %i", async (emailUpserts, status, written) => {
  portal.hubspot.configure({ emailUpserts });
  const row = (id: string, properties: Record<string, string>) => ({
    id,
    idProperty: "email",
    properties,
    objectWriteTraceId: id,
  });

  const answer = await portal.post(`${CONTACTS}/batch/upsert`, {
    inputs: [row("ada@example.com", { city: "London" }), row("bob@example.com", { nope: "1" })],
  });

  // The docs deny partial upserts by e-mail, one integration saw them in 2026: unsettled.
  expect(answer.status).toBe(status);
  expect(contacts()).toBe(written);
});

test.each([
  [false, 0],
  [true, 5_000],
])("a write that changes nothing bumps the date only if set (%s)", async (isSet, later) => {
  portal.hubspot.configure({ unchangedWritesBump: isSet });
  const id = await portal.contact({ email: "ada@example.com", city: "London" });
  portal.advance(5_000);

  const { body } = await portal.patch(`${CONTACTS}/${id}`, { properties: { city: "London" } });

  // Recorded response of a repeated batch update, 2025-11: the date was two days old.
  expect(Date.parse(body.updatedAt) - START).toBe(later);
});
