import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import {
  comparedProperties,
  differsFromBase,
  mergedInto,
} from "../../mcp-server/src/core/poll-difference.ts";

const maps = parseFieldMap(readFileSync("data/field-map.json", "utf8"), "field-map.json");
const { contacts, customers } = maps;

const base = {
  email: "ada@example.com",
  first_name: "Ada",
  phone: "+442079460000",
  "@company": "77",
};
const remote = {
  email: "Ada@Example.com",
  firstname: "Ada",
  lastname: null,
  phone: "+44 20 7946 0000",
  associatedcompanyid: "77",
  lastmodifieddate: "2026-06-01T08:00:00Z",
};

describe("a record that HubSpot modified", () => {
  test("is as it was when it holds the base in another spelling", () => {
    expect(differsFromBase(contacts, base, remote)).toBe(false);
  });

  test.each([
    ["a field has another value", { firstname: "Augusta" }],
    ["a field was emptied", { firstname: null }],
    ["a field is filled that nobody agreed on", { lastname: "Lovelace" }],
    ["a field of ours alone was overwritten", { sync_engagement_state: "replied" }],
    ["it belongs to another company", { associatedcompanyid: "78" }],
    ["it belongs to no company any more", { associatedcompanyid: "" }],
  ])("differs when %s", (_name, edit) => {
    expect(differsFromBase(contacts, base, { ...remote, ...edit })).toBe(true);
  });

  test("is as it was when only properties changed that are not mapped", () => {
    expect(differsFromBase(contacts, base, { ...remote, hs_lead_status: "OPEN" })).toBe(false);
  });

  test("says nothing by what HubSpot leaves out", () => {
    expect(differsFromBase(contacts, base, { email: "ada@example.com" })).toBe(false);
  });

  test("differs when nothing was ever agreed", () => {
    expect(differsFromBase(contacts, null, {})).toBe(true);
  });

  test("holds the base when it only comes back through a transform", () => {
    expect(
      differsFromBase(customers, { credit_limit: "100" }, { warp_credit_limit: "10000" }),
    ).toBe(false);
  });
});

test("asks for what is compared, once each, and not for what is only tracked", () => {
  const asked = comparedProperties(customers);

  expect(new Set(asked).size).toBe(asked.length);
  expect(asked).toContain("hs_merged_object_ids");
  expect(asked).not.toContain("hs_object_id");
  expect(comparedProperties(contacts)).toContain("associatedcompanyid");
});

test("names the records that were merged into one", () => {
  expect(mergedInto({ hs_merged_object_ids: "5; 6;" })).toEqual(["5", "6"]);
  expect(mergedInto({ hs_merged_object_ids: null })).toEqual([]);
});
