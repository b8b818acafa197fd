/** A field's story tells who set it, what HubSpot last held, what was decided, and what the next sync does. */
import { describe, expect, test } from "vitest";
import type { StoryDecision } from "../../mcp-server/src/core/field-history.ts";
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
      hubspot_id: {
        hubspot_property: "hs_object_id",
        warp_field: "external_ids",
        warp_field_path: "external_ids->>'hubspot_company_id'",
        sync_direction: "NONE",
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
  lines: new Map(),
  link: null,
};

function storyOf(
  field: string,
  record: Readonly<Record<string, unknown>>,
  facts: Partial<StoryFacts> = {},
) {
  const subject = {
    record,
    said: () => IMPORTED,
    tellsOf: (writer: string) => writer === "import",
  };
  const stories = fieldStories(subject, rules, { ...nothing, ...facts }, ["legal_name"]);
  return stories.find((story) => story.field === field);
}

/** The log of one field, newest first. */
function logged(...lines: readonly Partial<StoryDecision>[]): Pick<StoryFacts, "lines"> {
  const whole = lines.map((line) => ({
    at: "2026-11-05T00:00:00.000Z",
    action: "update",
    outcome: "done",
    rule: "only local moved",
    before: "Old",
    after: "Acme",
    ...line,
  }));
  return { lines: new Map([["company_name", whole]]) };
}

const trackedBy = (id: string) => ({ external_ids: { hubspot_company_id: id } });
const pulled = { action: "pull", rule: "only HubSpot moved" };
const bySql = { local_at: "2026-11-04T00:00:00.000Z", local_by: "sql" };

describe("who set a field", () => {
  const changes = new Map([["company_name", { source: "sql", at: "2026-11-06T00:00:00.000Z" }]]);
  const earlier = new Map([["company_name", { source: "sql", at: "2026-10-06T00:00:00.000Z" }]]);
  const byUs = new Map([["company_name", { source: "import", at: "2026-11-06T00:00:00.000Z" }]]);

  test.each([
    ["the record's own word where nothing else is known", {}, "csv", IMPORTED.at],
    [
      "HubSpot, when a sync took its value over",
      logged(pulled),
      "hubspot",
      "2026-11-05T00:00:00.000Z",
    ],
    [
      "HubSpot at the time that it told",
      logged({ ...pulled, hubspot_at: "2026-10-31T00:00:00.000Z" }),
      "hubspot",
      "2026-10-31T00:00:00.000Z",
    ],
    [
      "whoever changed it after that",
      { ...logged(pulled), changes },
      "sql",
      "2026-11-06T00:00:00.000Z",
    ],
    ["not HubSpot, when its value was refused", logged({ ...pulled, outcome: "rejected" }), "csv"],
    ["not HubSpot, when it holds another value by now", logged({ ...pulled, after: "?" }), "csv"],
    ["who had set what was sent", logged(bySql), "sql", bySql.local_at],
    [
      "who had set it, whatever HubSpot answered",
      logged({ ...bySql, action: "create", outcome: "unknown" }),
      "sql",
    ],
    [
      "not who had set it once before",
      logged({ rule: "fills HubSpot" }, { ...bySql, after: "Acme" }),
      "csv",
    ],
    [
      "the record's own word again where it is newer",
      logged({ ...bySql, local_at: "2026-10-04T00:00:00.000Z" }),
      "csv",
    ],
    ["the record's own word over a change that is older", { changes: earlier }, "csv"],
    ["the record's own word about its own writers", { changes: byUs }, "csv", IMPORTED.at],
  ])("is %s", (_what, facts, source, at = expect.any(String)) => {
    expect(storyOf("company_name", { company_name: "Acme" }, facts)).toMatchObject({
      source,
      at,
      why: expect.stringContaining(`Value from ${source}`),
    });
  });

  test("is the sync itself of HubSpot's id that it keeps, and nobody's of another id there", () => {
    const link = { hubspotId: "901", at: "2026-11-05T00:00:00.000Z" };

    expect(storyOf("hubspot_id", trackedBy("901"), { link })).toMatchObject({
      source: "hubspot-sync",
      at: link.at,
      why: expect.stringContaining("HubSpot's id"),
    });
    expect(storyOf("hubspot_id", trackedBy("902"), { link })?.source).toBe("csv");
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

  test.each([
    ["both_changed", "HubSpot changed it too"],
    ["loop", "to and fro"],
  ] as const)(
    "is a conflict while one is open because of %s, with both values and what to name when resolving it",
    (reason, why) => {
      const sides = { local_at: IMPORTED.at, local_by: "sql", hubspot_at: null, hubspot_by: null };
      const values = { base: "Old", local: "Acme", hubspot: "ACME Inc", reason } as const;
      const conflict = { conflict_id: "7", version: 2, ...values, ...sides };
      const conflicts = new Map([["company_name", conflict]]);

      expect(storyOf("company_name", { company_name: "Acme" }, { conflicts })).toMatchObject({
        state: "conflict",
        conflict,
        why: expect.stringMatching(new RegExp(`${why}.*resolve-conflict`)),
      });
    },
  );

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

    expect(
      storyOf("company_name", { company_name: "Acme" }, logged(decision, pulled))?.last_decision,
    ).toEqual(decision);
  });
});

describe("the last decision", () => {
  const decided = {
    action: "resolve",
    rule: "keep_local by stdio: as said",
    before: "ACME Inc",
    lost: "ACME Inc",
  };
  const cut = { outcome: "unknown" };

  test.each([
    ["is a person's while the syncs since then only carried it out", [{}, cut, decided]],
    [
      "is a person's who kept HubSpot's value, too",
      [pulled, { ...decided, rule: "keep_hubspot by stdio" }],
    ],
  ])("%s", (_what, lines) => {
    const story = storyOf("company_name", { company_name: "Acme" }, logged(...lines));

    expect(story?.last_decision).toMatchObject({ action: "resolve", lost: "ACME Inc" });
  });

  test.each([
    ["another value was sent since", [{ after: "Beta" }, {}, decided]],
    ["it went to another value and back", [{}, { after: "Beta" }, {}, decided]],
    ["HubSpot refused what was decided", [{ outcome: "rejected" }, decided]],
    ["both sides had moved again", [{ rule: "LATEST_WINS: local is newer" }, decided]],
    ["no person was asked", [{}, pulled]],
  ])("is the newest when %s", (_what, lines) => {
    const story = storyOf("company_name", { company_name: "Acme" }, logged(...lines));

    expect(story?.last_decision).toMatchObject({
      action: "update",
      rule: expect.any(String),
      ...lines[0],
    });
  });
});

test("tells fields that the map leaves out, once, and leaves empty ones out", () => {
  const subject = {
    record: { ban: "B-1", legal_name: "Acme AG" },
    said: () => IMPORTED,
    tellsOf: () => false,
  };
  const stories = fieldStories(subject, rules, nothing, ["legal_name", "ban", "payment_terms"]);

  expect(stories.map((story) => [story.field, story.state])).toEqual([
    ["ban", "never-synced"],
    ["legal_name", "local"],
  ]);
});
