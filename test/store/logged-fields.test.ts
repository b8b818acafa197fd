/** What the sync log packs it unpacks again, whatever the values are. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LoggedField } from "../../mcp-server/src/ports/sync-store.ts";
import { packFields, unpackFields } from "../../mcp-server/src/store/logged-fields.ts";

const value = fc.oneof(fc.constant(null), fc.string({ unit: "grapheme" }));
const logged: fc.Arbitrary<LoggedField> = fc.record(
  {
    field: fc.stringMatching(/^[a-z][\w.-]{0,3}$/u),
    before: value,
    after: value,
    rule: fc.constantFrom("fills HubSpot", "LATEST_WINS", ""),
    lost: value,
    local_at: value,
    local_by: fc.constantFrom("sql", "person"),
    hubspot_at: value,
  },
  { requiredKeys: ["field", "before", "after", "rule"], noNullPrototype: true },
);

test("unpacking gives back every field, in order, with what was known of it and no more", () => {
  fc.assert(
    fc.property(fc.array(logged), (fields) => {
      expect(unpackFields(packFields(fields))).toStrictEqual(fields);
    }),
  );
});

test("names a rule once for the fields that follow one another under it", () => {
  const fills = { before: null, rule: "fills HubSpot" };

  const text = packFields([
    { ...fills, field: "email", after: "a@example.com" },
    { ...fills, field: "phone", after: "+1" },
    { field: "city", before: "Rome", after: null, rule: "one way" },
    { field: "tier", before: "A", after: "B", rule: "LATEST_WINS", lost: "A" },
  ]);

  expect(JSON.parse(text)).toEqual([
    ["fills HubSpot", { email: "a@example.com", phone: "+1" }],
    ["one way", { city: ["Rome", null] }],
    ["LATEST_WINS", { tier: ["A", "B", { lost: "A" }] }],
  ]);
});

test("reads the rows of the first version, which held the fields as they are", () => {
  const fields = [{ field: "phone", before: null, after: "+1", rule: "push", lost: "+2" }];

  expect(unpackFields(JSON.stringify(fields))).toEqual(fields);
});
