import { describe, expect, test } from "vitest";
import { ban, mistake, refusalOf, tier } from "./field-map-refusal.ts";

describe("a property that could not be created is refused with the mend", () => {
  const created = (create_property: object, field: object = {}) => ({
    ...tier,
    ...field,
    create_property: { label: "Mine", ...create_property },
  });
  const ab = [
    { label: "A", value: "a" },
    { label: "B", value: "b" },
  ];

  test.each([
    [
      "a form field that HubSpot does not have",
      created({ type: "string", field_type: "dropdown" }),
      /field_type dropdown does not go with type string; use text, textarea/,
    ],
    [
      "a form field of another type",
      created({ type: "number", field_type: "text" }, { type: "number" }),
      /field_type text does not go with type number; use number/,
    ],
    [
      "a time with a form field of its own",
      created({ type: "datetime", field_type: "datetime" }, { type: "datetime" }),
      /field_type datetime does not go with type datetime; use date$/,
    ],
    [
      "an enumeration without options",
      created({ type: "enumeration", field_type: "select" }),
      /enumeration without options; list them in enum_values/,
    ],
    [
      "an enumeration with no options at all",
      created({ type: "enumeration", field_type: "select", options: [] }),
      /enumeration without options/,
    ],
    [
      "options that lack a listed value",
      created(
        { type: "enumeration", field_type: "select", options: ab },
        { enum_values: ["A", "c"] },
      ),
      /options lack c; add it/,
    ],
    [
      "options that spell a listed value otherwise than it is sent",
      created(
        { type: "enumeration", field_type: "select", options: ab },
        { enum_values: ["A"], sync_direction: "WARP_TO_HUBSPOT" },
      ),
      /options lack A; add it/,
    ],
    [
      "text in a property of numbers",
      created({ type: "number", field_type: "number" }),
      /of type number, which does not fit type text; use type number/,
    ],
    [
      "a number in a property of days",
      created({ type: "date", field_type: "date" }, { warp_field: "credit_limit" }),
      /of type date, which does not fit type number/,
    ],
    [
      "a set in a property of one value",
      created({ type: "enumeration", field_type: "select", options: ab }, { type: "set" }),
      /field_type select holds one value, and a set several; use checkbox/,
    ],
  ])("%s", (_, field, expected) => {
    expect(mistake(field)).toMatch(/^customers\.mine: create_property: /);
    expect(mistake(field)).toMatch(expected);
  });

  test("the key of customers as anything but text", () => {
    const create_property = { label: "Ban", type: "number", field_type: "number" };
    expect(refusalOf({ customers: { ban: { ...ban, create_property } } })).toEqual([
      expect.stringMatching(/^customers\.ban: create_property: .*does not fit type text/),
    ]);
    const options = [{ label: "1", value: "1" }];
    const listed = { label: "Ban", type: "enumeration", field_type: "select", options };
    expect(refusalOf({ customers: { ban: { ...ban, create_property: listed } } })).toEqual([
      expect.stringMatching(/^customers\.ban: .*must be of type string/),
    ]);
  });
});
