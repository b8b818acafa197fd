import { describe, expect, test } from "vitest";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import { ban, email, mistake, refusal, refusalOf, segment, tier } from "./field-map-refusal.ts";

test("reports every mistake at once, each with its field: those of shape, of meaning and of the whole", () => {
  const lines = refusalOf({
    contacts: {
      email: { hubspot_property: "email", warp_field: "email", sync_direction: "BOTH" },
      fav: { hubspot_property: "fav", warp_field: "fav", sync_direction: "WARP_TO_HUBSPOT" },
    },
    customers: {
      tier: { ...tier, conflict_resolution: "NEWEST_WINS", colour: "red" },
      status: { ...tier, warp_field: "status", sync_direction: "BIDIRECTIONAL" },
      terms: { ...tier, warp_field: "payment_terms" },
    },
  });

  expect(lines).toEqual([
    expect.stringMatching(/^contacts\.email: sync_direction .*WARP_TO_HUBSPOT/),
    expect.stringMatching(/^customers\.tier: conflict_resolution .*LATEST_WINS/),
    expect.stringMatching(/^customers\.tier: colour is no key/),
    expect.stringMatching(/^customers\.status: .*conflict_resolution/),
    expect.stringMatching(/^contacts\.fav: contacts have no fav/),
    expect.stringMatching(/^customers\.terms: warp_tier is already mapped by status/),
    expect.stringMatching(/^customers: .*ban.*warp_ban/),
  ]);
});

describe("a key that is wrong names what may stand there", () => {
  test.each([
    ["sync_direction", "BOTH", /sync_direction .*BIDIRECTIONAL/],
    ["conflict_resolution", "NEWEST", /conflict_resolution .*LATEST_WINS/],
    ["type", "money", /type .*number/],
    ["transform", "double", /transform .*hubspot_value_in_cents_to_dollars/],
    ["update_frequency", "hourly", /update_frequency .*real-time, batch/],
    ["enum_values", "A,B", /enum_values .*array/],
    ["propagate_clear", "yes", /propagate_clear .*boolean/],
    ["warp_field_path", "tier.name", /warp_field_path .*column->>'key'/],
    ["hubspot_property", "Tier Name", /hubspot_property .*lower-case/],
    ["hubspot_propery", "x", /hubspot_propery is no key.*hubspot_property/],
    [
      "create_property",
      { label: "T", type: "string", field_type: "text", colour: 1 },
      /colour is no key.*label, type/,
    ],
    ["sub_mappings", { a: "x.y" }, /sub_mappings\.a .*column->>'key'/],
  ])("%s", (key, value, expected) => {
    expect(mistake({ ...tier, [key]: value })).toMatch(expected);
  });

  test("a missing one is named, too", () => {
    const { hubspot_property: _, ...without } = tier;
    expect(mistake(without)).toBe("customers.mine: hubspot_property is missing; add it");
  });
});

describe("a field that cannot work is refused with the mend", () => {
  test.each([
    [
      "two ways without a strategy",
      { ...tier, sync_direction: "BIDIRECTIONAL" },
      /conflict_resolution; add one of WARP_WINS/,
    ],
    [
      "two ways through a one-way transform",
      { ...email, transform: "lowercase" },
      /lowercase works one way.*HUBSPOT_TO_WARP/,
    ],
    [
      "outward through a one-way transform",
      { ...tier, sync_direction: "WARP_TO_HUBSPOT", transform: "uppercase" },
      /uppercase works one way/,
    ],
    [
      "a transform of numbers on text",
      { ...tier, type: "text", transform: "hubspot_value_in_cents_to_dollars" },
      /does not fit type text; use type number/,
    ],
    [
      "a column that customers lack",
      { ...tier, warp_field: "teir" },
      /customers have no teir; use one of .*tier/,
    ],
    [
      "a JSON column without a key",
      { ...tier, warp_field: "contact" },
      /contact holds JSON; .*say which key/,
    ],
    [
      "a key of a plain column",
      { ...tier, warp_field_path: "tier->>'x'" },
      /tier is a plain column without keys/,
    ],
    [
      "a path into another column",
      { ...email, warp_field: "address" },
      /warp_field is address.*same/,
    ],
    [
      "a value pulled into a column that is only read",
      { ...tier, warp_field: "updated_at" },
      /cannot be stored in updated_at.*WARP_TO_HUBSPOT/,
    ],
    [
      "text in a column of numbers",
      { ...tier, warp_field: "credit_limit", type: "text" },
      /credit_limit holds numbers/,
    ],
    [
      "a transform of numbers on a column of text, whose type is left out",
      { ...tier, transform: "hubspot_value_in_cents_to_dollars" },
      /does not fit type text; use type number/,
    ],
    ["no listed values", { ...tier, enum_values: [] }, /enum_values is empty/],
    ["one value listed twice", { ...tier, enum_values: ["A", "b", "a"] }, /one value twice/],
    ["a listed value with a separator", { ...tier, enum_values: ["a;b"] }, /has ;/],
    [
      "listed values of a type that cannot have them",
      { ...email, type: "date", enum_values: ["x"] },
      /cannot be used on type date/,
    ],
    [
      "a push into HubSpot's own id",
      { ...email, hubspot_property: "hs_object_id" },
      /hs_object_id is read-only in HubSpot/,
    ],
    [
      "a push into a calculated value",
      { ...email, hubspot_property: "hs_analytics_num_visits" },
      /read-only in HubSpot; use HUBSPOT_TO_WARP/,
    ],
    [
      "a complex field without parts",
      { ...tier, is_complex: true },
      /sub_mappings with at least one part/,
    ],
    [
      "parts of a plain field",
      { ...email, warp_field_path: undefined, sub_mappings: { city: "address->>'city'" } },
      /is_complex: true/,
    ],
    [
      "one type for several parts",
      { ...email, is_complex: true, sub_mappings: { city: "address->>'city'" } },
      /warp_field_path cannot be said of several parts/,
    ],
    ["a second key", { ...tier, warp_field: "ban" }, /comes from here; use WARP_TO_HUBSPOT/],
  ])("%s", (_, field, expected) => {
    expect(mistake(field)).toMatch(/^customers\.mine: /);
    expect(mistake(field)).toMatch(expected);
  });

  test("a part that cannot be called as a property is", () => {
    const lines = refusalOf({
      customers: {
        ban,
        place: {
          ...email,
          warp_field_path: undefined,
          is_complex: true,
          sub_mappings: { "Zip Code": "address->>'zip'" },
        },
      },
    });
    expect(lines).toEqual([expect.stringMatching(/^customers\.place\.Zip Code: .*cannot be one/)]);
  });
});

test.each([
  [{}],
  [{ $schema: "./field-map.schema.json" }],
  [{ contacts: {} }],
  [{ contacts: {}, customers: {} }],
])("refuses %j, which maps nothing", (file) => {
  expect(refusalOf(file)).toEqual([
    expect.stringMatching(/^no field is mapped; add .*contacts.*customers/),
  ]);
});

test.each(["", " \n", "\uFEFF"])("refuses %j as a file that is empty", (text) => {
  expect(() => parseFieldMap(text, "map.json")).toThrow(
    /^map\.json must be a JSON object .*contacts and customers.*it is empty/,
  );
});

test("warns when contacts flow without their e-mail, which is how they are matched", () => {
  const { warnings } = parseFieldMap(JSON.stringify({ contacts: { segment } }), "map.json");

  expect(warnings).toEqual([expect.stringMatching(/^contacts: no field sends the column email/)]);
});

test("refuses another column in HubSpot's email, which contacts are matched by", () => {
  const other = { ...segment, hubspot_property: "email", sync_direction: "WARP_TO_HUBSPOT" };
  expect(refusalOf({ contacts: { other } })).toEqual([
    expect.stringMatching(/^contacts\.other: HubSpot matches contacts by email/),
  ]);
});

test("refuses two properties that fill one column", () => {
  const again = { ...segment, hubspot_property: "segment_2" };
  expect(refusalOf({ contacts: { segment, again } })).toEqual([
    expect.stringMatching(/^contacts\.again: custom\.Segment is already filled by segment/),
  ]);
});

test("refuses a key that stands twice, of which JSON would drop one without a word", () => {
  const text = JSON.stringify({ customers: { ban } }).replace(
    '"warp_field"',
    '"warp_field":"x","warp_field"',
  );
  expect(refusal(text)).toEqual([
    expect.stringMatching(/^customers\.ban\.warp_field: stands there twice/),
  ]);
});

test("refuses sections that it does not know, such as fields without one", () => {
  expect(refusalOf({ ban })).toEqual([
    expect.stringMatching(/^ban: is no section; the sections are contacts and customers/),
  ]);
});

test.each([
  [{ contacts: [] }],
  [{ contacts: null }],
  [{ contacts: { "__proto__ x": 1 } }],
  [{ customers: { mine: 5 } }],
])("refuses %j with the place that is wrong", (file) => {
  expect(refusalOf(file)[0]).toMatch(/^(?:contacts|customers)/);
});

test.each(["", "{", "[]", "null", '"contacts"'])(
  "refuses the text %j, which is no JSON object",
  (text) => {
    expect(() => parseFieldMap(text, "map.json")).toThrow(
      /^map\.json (?:is not valid JSON|must be a JSON object)/,
    );
  },
);

test("names as long as the file are shortened, and place and mend stay", () => {
  const long = "x".repeat(9_000);
  const parts = { is_complex: true, sub_mappings: { [long]: "address->>'city'" } };
  const address = { hubspot_property: "address", warp_field: "address", ...parts };

  const lines = refusalOf({
    contacts: { [long]: { ...email, [long]: 1 } },
    customers: { address: { ...address, sync_direction: "WARP_TO_HUBSPOT" } },
  });

  expect(lines).toEqual([
    expect.stringMatching(/^contacts\.x{90}…: a field's name is up to 64 /),
    expect.stringMatching(/^contacts\.x{90}…: x{98} … x+ is no key of a field; the keys are /),
    expect.stringMatching(/^customers\.address\.x{81}…: the part goes .* … x+ cannot be one; use /),
    expect.stringMatching(/^customers: .*ban/),
  ]);
  for (const line of lines) expect(line.length).toBeLessThan(700);
});
