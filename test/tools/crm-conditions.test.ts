/** HubSpot import filters: HubSpot's own conditions, and simple forms of them. */
import { describe, expect, test } from "vitest";
import { crmConditionsSchema } from "../../mcp-server/src/core/crm-conditions.ts";

const lead = [{ property: "lifecyclestage", operator: "EQ", value: "lead" }];

describe("crmConditionsSchema", () => {
  test.each([
    [[{ property: "lifecyclestage", value: "lead" }], lead],
    [{ property: "lifecyclestage", value: "lead" }, lead],
    [{ filters: lead }, lead],
    [{ lifecyclestage: "lead" }, lead],
    [
      { country: ["Germany", "Austria"] },
      [{ property: "country", operator: "IN", values: ["Germany", "Austria"] }],
    ],
    [{ job_title: "Head" }, [{ property: "jobtitle", operator: "CONTAINS_TOKEN", value: "Head" }]],
    [
      { updated_since: "2026-11-01T00:00:00Z" },
      [{ property: "lastmodifieddate", operator: "GTE", value: "2026-11-01T00:00:00Z" }],
    ],
    [
      [{ property: "first_name", operator: "HAS_PROPERTY" }],
      [{ property: "firstname", operator: "HAS_PROPERTY" }],
    ],
  ])("understands %j", (said, meant) => {
    expect(crmConditionsSchema.parse(said)).toEqual(meant);
  });

  test.each([
    [[{ property: "lifecyclestage", operator: "IN", value: "lead" }]],
    [[{ property: "email", operator: "EQ" }]],
    [[{ property: "email", operator: "HAS_PROPERTY", value: "x" }]],
    [[{ property: "Robert'); DROP", value: "x" }]],
    [[{ property: "email", operator: "LIKE", value: "x" }]],
    [Array.from({ length: 6 }, () => lead[0])],
    ["lead"],
    [7],
  ])("refuses %j", (said) => {
    expect(crmConditionsSchema.safeParse(said).success).toBe(false);
  });
});
