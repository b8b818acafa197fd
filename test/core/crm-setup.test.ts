import { describe, expect, test } from "vitest";
import { mapProblems } from "../../mcp-server/src/core/crm-fit.ts";
import {
  changedFields,
  type ExistingProperty,
  mapSignature,
  neededProperties,
  propertyGroup,
} from "../../mcp-server/src/core/crm-setup.ts";
import { type FieldMap, parseFieldMap } from "../../mcp-server/src/core/field-map.ts";

const ban = { hubspot_property: "warp_ban", warp_field: "ban", sync_direction: "WARP_TO_HUBSPOT" };
const tier = {
  hubspot_property: "warp_tier",
  warp_field: "tier",
  sync_direction: "HUBSPOT_TO_WARP",
  enum_values: ["STANDARD", "PREMIUM"],
};
const status = {
  ...tier,
  hubspot_property: "warp_status",
  warp_field: "status",
  sync_direction: "WARP_TO_HUBSPOT",
};
const balance = {
  hubspot_property: "warp_balance",
  warp_field: "current_balance",
  sync_direction: "WARP_TO_HUBSPOT",
};

function customers(fields: Readonly<Record<string, unknown>>): FieldMap {
  return parseFieldMap(JSON.stringify({ customers: { ban, ...fields } }), "map.json").customers;
}

function property(name: string, given: Partial<ExistingProperty> = {}): ExistingProperty {
  return {
    name,
    label: name,
    type: "string",
    fieldType: "text",
    groupName: "companyinformation",
    readOnly: false,
    calculated: false,
    ...given,
  };
}

const keyProperty = property("warp_ban", { hasUniqueValue: true });
const options = (...values: string[]) => values.map((value) => ({ label: value, value }));

describe("the properties that a map needs", () => {
  test("are those of every field that flows and that HubSpot does not have by itself", () => {
    const map = customers({
      balance,
      name: { ...ban, hubspot_property: "name", warp_field: "company_name" },
      noted: {
        ...ban,
        hubspot_property: "noted",
        warp_field: "legal_name",
        sync_direction: "NONE",
      },
    });

    expect(neededProperties(map)).toEqual([
      {
        name: "warp_ban",
        label: "Warp ban",
        type: "string",
        fieldType: "text",
        groupName: propertyGroup.name,
        hasUniqueValue: true,
      },
      {
        name: "warp_balance",
        label: "Warp balance",
        type: "number",
        fieldType: "number",
        groupName: propertyGroup.name,
      },
    ]);
  });

  test("take the listed values as options", () => {
    const needed = neededProperties(customers({ tier }));

    expect(needed.find(({ name }) => name === "warp_tier")).toMatchObject({
      type: "enumeration",
      fieldType: "select",
      options: options("STANDARD", "PREMIUM"),
    });
  });
});

describe("a map fits HubSpot", () => {
  test("when what is missing can be created", () => {
    expect(mapProblems(customers({ tier, status, balance }), [])).toEqual([]);
  });

  test("when a number is kept as text there", () => {
    expect(mapProblems(customers({ balance }), [keyProperty, property("warp_balance")])).toEqual(
      [],
    );
  });

  test("when the options are kept elsewhere, or are not told", () => {
    for (const given of [{ externalOptions: true, options: options("1") }, { options: [] }, {}]) {
      const existing = property("warp_status", { type: "enumeration", ...given });
      expect(mapProblems(customers({ status }), [keyProperty, existing])).toEqual([]);
    }
  });

  test("when a field that is only pulled has options in another case, or more of them", () => {
    const existing = property("warp_tier", {
      type: "enumeration",
      options: options("standard", "Premium", "GOLD"),
    });
    expect(mapProblems(customers({ tier }), [keyProperty, existing])).toEqual([]);
  });

  test("when a field that is only noted is on nothing at all", () => {
    const noted = { ...balance, hubspot_property: "hs_nothing", sync_direction: "NONE" };
    expect(mapProblems(customers({ noted }), [keyProperty])).toEqual([]);
  });
});

test("tells all that does not fit at once, each with its field and the mend", () => {
  const map = customers({
    status,
    tier,
    balance,
    score: { ...ban, hubspot_property: "hs_score", warp_field: "company_name" },
    legal: { ...ban, hubspot_property: "legal", warp_field: "legal_name" },
    terms: { ...ban, hubspot_property: "terms", warp_field: "payment_terms" },
  });

  const problems = mapProblems(map, [
    property("warp_ban"),
    property("warp_status", { type: "enumeration", options: options("standard", "PREMIUM") }),
    property("warp_tier", { type: "enumeration", options: options("GOLD", "premium") }),
    property("warp_balance", { type: "date" }),
    property("legal", { calculated: true, readOnly: true }),
    property("terms", { type: "number" }),
  ]);

  expect(problems).toEqual([
    expect.stringMatching(
      /^customers\.ban: warp_ban exists .*without unique values.*another property name/,
    ),
    expect.stringMatching(
      /^customers\.status: warp_status lacks the option\(s\) STANDARD in HubSpot; add them/,
    ),
    expect.stringMatching(/^customers\.tier: warp_tier lacks the option\(s\) STANDARD/),
    expect.stringMatching(/^customers\.balance: warp_balance is of type date.*type number/),
    expect.stringMatching(/^customers\.score: HubSpot has no property hs_score/),
    expect.stringMatching(/^customers\.legal: legal is calculated by HubSpot; use HUBSPOT_TO_WARP/),
    expect.stringMatching(/^customers\.terms: terms is of type number.*does not fit type text/),
  ]);
});

test("a read-only property may be pulled", () => {
  const pulled = { ...tier, hubspot_property: "hs_num_child_companies", enum_values: undefined };
  const existing = property("hs_num_child_companies", { type: "number", readOnly: true });

  expect(mapProblems(customers({ pulled }), [keyProperty, existing])).toEqual([]);
});

describe("between two maps", () => {
  const before = mapSignature(customers({ tier, balance }));
  const change = (fields: Readonly<Record<string, unknown>>) =>
    changedFields(before, customers(fields));

  test("nothing is different when only words, order or urgency are", () => {
    expect(
      change({
        balance: { ...balance, update_frequency: "real-time" },
        tier: { ...tier, description: "x", enum_values: ["PREMIUM", "STANDARD"] },
      }),
    ).toEqual({ added: [], altered: [] });
  });

  test.each([
    ["property", { ...tier, hubspot_property: "tier_2" }],
    ["column", { ...tier, warp_field: "payment_terms" }],
    ["type", { ...tier, type: "set" }],
    ["transform", { ...tier, transform: "uppercase" }],
    ["listed values", { ...tier, enum_values: ["STANDARD"] }],
  ])("a field on another %s is altered: its base says nothing any more", (_, field) => {
    expect(change({ tier: field, balance })).toEqual({ added: [], altered: ["tier"] });
  });

  test.each([
    ["direction", { ...tier, sync_direction: "BIDIRECTIONAL", conflict_resolution: "MANUAL" }],
    ["clearing", { ...tier, propagate_clear: true }],
  ])("a field of another %s counts as added: its base still holds", (_, field) => {
    expect(change({ tier: field, balance })).toEqual({ added: ["tier"], altered: [] });
  });

  test("a field that begins to flow is added, one that ends is no news", () => {
    expect(change({ tier, balance, status })).toEqual({ added: ["status"], altered: [] });
    expect(change({ tier: { ...tier, sync_direction: "NONE" } })).toEqual({
      added: [],
      altered: [],
    });
    const silent = mapSignature(customers({ tier: { ...tier, sync_direction: "NONE" } }));
    expect(changedFields(silent, customers({ tier })).added).toEqual(["tier"]);
  });

  test("everything is added to no map", () => {
    expect(changedFields({}, customers({ tier })).added).toEqual(["ban", "tier"]);
  });
});
