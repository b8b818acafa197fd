import { describe, expect, test } from "vitest";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import { ban, refusalOf, tier } from "./field-map-refusal.ts";

describe("the key of customers", () => {
  test.each([
    ["is pulled", { ...ban, sync_direction: "HUBSPOT_TO_WARP" }, /use WARP_TO_HUBSPOT/],
    [
      "goes to a property that is not unique",
      { ...ban, hubspot_property: "name" },
      /name is not unique.*warp_ban/,
    ],
    ["is transformed", { ...ban, enum_values: ["1"] }, /travels as it is/],
  ])("is refused when it %s", (_, field, expected) => {
    expect(refusalOf({ customers: { ban: field } })).toEqual([expect.stringMatching(expected)]);
  });

  test.each([
    ["a direction that is none", { ...ban, sync_direction: "BOTH" }],
    ["no column", { ...ban, warp_field: undefined }],
    ["a column that is none", { ...ban, warp_field: "bann" }],
    ["a path that is none", { ...ban, warp_field_path: "tier->>'x'" }],
    ["no object", 5],
  ])("is not called missing when its entry has a mistake: %s", (_, field) => {
    const lines = refusalOf({ customers: { tier, ban: field } });

    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^customers\.ban/);
  });

  test("is not called missing either when the entry has another name", () => {
    const account = { ...ban, sync_direction: "BOTH" };
    expect(refusalOf({ customers: { tier, account } })).toEqual([
      expect.stringMatching(/^customers\.account: sync_direction/),
    ]);
  });

  test("must flow when anything else does", () => {
    expect(refusalOf({ customers: { tier, ban: { ...ban, sync_direction: "NONE" } } })).toEqual([
      expect.stringMatching(/^customers: no field sends the column ban/),
    ]);
  });

  test("need not be mapped when nothing flows", () => {
    const maps = parseFieldMap(
      JSON.stringify({ customers: { tier: { ...tier, sync_direction: "NONE" } } }),
      "map.json",
    );
    expect(maps.customers.rules).toHaveLength(1);
  });
});
