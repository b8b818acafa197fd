/** Failures are told by what caused them, whatever record they befell. */
import { expect, test } from "vitest";
import { causeOf, groupByCause } from "../../mcp-server/src/core/failure-causes.ts";

test.each([
  [
    "HubSpot holds this contact and the local contact 17 as a single record (one is its second e-mail).",
    "HubSpot holds this contact and the local contact … as a single record (one is its second e-mail).",
  ],
  ["The limit is used up until 2026-06-01T00:00:00.000Z.", "The limit is used up until …."],
  ["It is tried again in 12 min, and goes on.", "It is tried again in … min, and goes on."],
  ["Somebody else has ada.b@example.co.uk already.", "Somebody else has … already."],
  ["No room for 1,234.50 or +15551234567, sorry", "No room for … or …, sorry"],
])("what differs from record to record is left out of a cause: %s", (error, cause) => {
  expect(causeOf(error)).toBe(cause);
});

test.each([
  "HubSpot is not available now (HTTP 503).",
  'HubSpot refused property "address_2" of this record: the value is not a number.',
  "Blocked: line2: the value is not one of the property's options",
  "INVALID_EMAIL: the e-mail address is not valid.",
])("what belongs to the cause stays: %s", (error) => {
  expect(causeOf(error)).toBe(error);
});

test("the same text keeps its own words, however often it was logged", () => {
  const logged = {
    error: "Contact 7 is full.",
    object: "contacts",
    local_id: 7,
    count: 9,
    last_id: 1,
  };

  expect(groupByCause([logged], 5)).toEqual([
    { error: "Contact 7 is full.", count: 9, examples: [{ object: "contacts", local_id: 7 }] },
  ]);
});
