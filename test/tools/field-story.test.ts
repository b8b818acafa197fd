/** A field's story tells who set it, what HubSpot last held, what was decided, and what the next sync does. */
import { describe, expect, test } from "vitest";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import { fieldStories, type StoryFacts } from "../../mcp-server/src/core/field-story.ts";

const IMPORTED = { source: "csv", at: "2026-11-01T00:00:00.000Z" };

const { rules } = parseFieldMap(
  JSON.stringify({
    customers: {
      ban: { hubspot_property: "warp_ban", warp_field: "ban", sync_direction: "WARP_TO_HUBSPOT" },
      company_name: {
        hubspot_property: "name",
        warp_field: "company_name",
        sync_direction: "BIDIRECTIONAL",
        conflict_resolution: "LATEST_WINS",
      },
      status: {
        hubspot_property: "warp_status",
        warp_field: "status",
        sync_direction: "WARP_TO_HUBSPOT",
        enum_values: ["ACTIVE", "CLOSED"],
      },
      tier: {
        hubspot_property: "warp_tier",
        warp_field: "tier",
        sync_direction: "HUBSPOT_TO_WARP",
      },
    },
  }),
  "test map",
).customers;

const nothing: StoryFacts = {
  base: {},
  changes: new Map(),
  conflicts: new Map(),
  decisions: new Map(),
};

function storyOf(
  field: string,
  record: Readonly<Record<string, unknown>>,
  facts: Partial<StoryFacts> = {},
) {
  const subject = { record, said: () => IMPORTED };
  const stories = fieldStories(subject, rules, { ...nothing, ...facts }, ["legal_name"]);
  return stories.find((story) => story.field === field);
}

describe("who set a field", () => {
  const pulled = {
    at: "2026-11-05T00:00:00.000Z",
    action: "pull",
    outcome: "done",
    rule: "HUBSPOT_WINS",
    before: "Old",
    after: "Acme",
  };
  const changes = new Map([["company_name", { source: "sql", at: "2026-11-06T00:00:00.000Z" }]]);

  test.each([
    ["the record's own word where nothing else is known", {}, "csv"],
    [
      "HubSpot, when a sync took its value over",
      { decisions: new Map([["company_name", pulled]]) },
      "hubspot",
    ],
    [
      "whoever changed it after that",
      { decisions: new Map([["company_name", pulled]]), changes },
      "sql",
    ],
    [
      "not HubSpot, when its value was refused",
      { decisions: new Map([["company_name", { ...pulled, outcome: "rejected" }]]) },
      "csv",
    ],
  ])("is %s", (_what, facts, source) => {
    expect(storyOf("company_name", { company_name: "Acme" }, facts)).toMatchObject({
      source,
      why: expect.stringContaining(`Value from ${source}`),
    });
  });
});

describe("how a field stands", () => {
  test.each([
    ["Acme", { company_name: "Acme" }, "equal"],
    ["Acme", { company_name: "ACME", "company_name@sent": "Acme" }, "equal"],
    ["Acme", { company_name: "Old" }, "changed"],
    ["Acme", {}, "never-synced"],
    [null, { company_name: "Old" }, "blocked"],
  ])("%j over %j is %s", (company_name, base, state) => {
    expect(storyOf("company_name", { company_name }, { base })?.state).toBe(state);
  });

  test("is blocked by what the map does not list, and says what it lists", () => {
    expect(storyOf("status", { status: "ASLEEP" }, { base: { status: "ACTIVE" } })).toMatchObject({
      state: "blocked",
      why: expect.stringContaining("ACTIVE, CLOSED"),
    });
  });

  test("is blocked as the last sync noted, until the value is another one", () => {
    const note = JSON.stringify(["HubSpot's value is none of enum_values", "Acme", "?"]);
    const base = { company_name: "Acme", "company_name@blocked": note };

    expect(storyOf("company_name", { company_name: "Acme" }, { base })).toMatchObject({
      state: "blocked",
      why: expect.stringContaining("none of enum_values"),
    });
    expect(storyOf("company_name", { company_name: "Beta" }, { base })?.state).toBe("changed");
  });

  test("is a conflict while one is open, with both values and what to name when resolving it", () => {
    const sides = { local_at: IMPORTED.at, local_by: "sql", hubspot_at: null, hubspot_by: null };
    const values = { base: "Old", local: "Acme", hubspot: "ACME Inc" };
    const conflict = { conflict_id: "7", version: 2, ...values, ...sides };
    const conflicts = new Map([["company_name", conflict]]);

    expect(storyOf("company_name", { company_name: "Acme" }, { conflicts })).toMatchObject({
      state: "conflict",
      conflict,
      why: expect.stringContaining("resolve-conflict"),
    });
  });

  test("says that HubSpot owns a field that only flows from there", () => {
    expect(storyOf("tier", { tier: "GOLD" }, { base: { tier: "BASIC" } })?.why).toContain(
      "takes HubSpot's value",
    );
  });

  test("keeps the value that gave way, and both times that were compared", () => {
    const decision = {
      at: "2026-11-05T00:00:00.000Z",
      action: "update",
      outcome: "done",
      rule: "LATEST_WINS: local is newer",
      before: "ACME Inc",
      after: "Acme",
      lost: "ACME Inc",
      local_at: "2026-11-04T00:00:00.000Z",
      hubspot_at: "2026-11-03T00:00:00.000Z",
    };
    const decisions = new Map([["company_name", decision]]);

    expect(storyOf("company_name", { company_name: "Acme" }, { decisions })?.last_decision).toEqual(
      decision,
    );
  });
});

test("tells fields that the map leaves out, once, and leaves empty ones out", () => {
  const subject = { record: { ban: "B-1", legal_name: "Acme AG" }, said: () => IMPORTED };
  const stories = fieldStories(subject, rules, nothing, ["legal_name", "ban", "payment_terms"]);

  expect(stories.map((story) => [story.field, story.state])).toEqual([
    ["ban", "never-synced"],
    ["legal_name", "local"],
  ]);
});
