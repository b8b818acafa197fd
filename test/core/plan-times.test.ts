/** When each side changed: who is asked, what decides, and what the log and a conflict tell of it. */
import { describe, expect, test } from "vitest";
import type { FieldRule } from "../../mcp-server/src/core/field-map.ts";
import { planRecord, type RecordView } from "../../mcp-server/src/core/plan.ts";
import { logLines } from "../../mcp-server/src/core/sync-log-rows.ts";
import { ruleOf } from "./model/rule.ts";

const EARLY = { at: "2026-06-01T08:00:00.000Z", by: "sql" };
const LATE = { at: "2026-06-01T09:00:00.000Z", by: "CRM_UI (user 17)" };

function planOf(rule: FieldRule, given: Partial<RecordView> = {}) {
  const view: RecordView = {
    local: { field: "ours" },
    remote: { property: "theirs" },
    base: { field: "before" },
    localAt: () => EARLY,
    remoteAt: null,
    ...given,
  };
  return planRecord([rule], view, "both");
}

const latest = ruleOf({ strategy: "LATEST_WINS" });
const manual = ruleOf({ strategy: "MANUAL" });

describe("HubSpot's times", () => {
  test.each([latest, manual])("are asked for where both sides moved ($strategy)", (rule) => {
    const plan = planOf(rule);

    expect(plan.needsTimes).toEqual(["property"]);
    expect([plan.push, plan.pull]).toEqual([{}, {}]);
  });

  test.each([
    ["one side moved", latest, { remote: { property: "before" } }],
    ["the sides agree", latest, { remote: { property: "ours" } }],
    ["the strategy does not ask who was later", ruleOf({ strategy: "HUBSPOT_WINS" }), {}],
    ["the field is one-way", ruleOf({ direction: "WARP_TO_HUBSPOT" }), {}],
  ])("are not asked for where %s", (_case, rule, given) => {
    expect(planOf(rule, given).needsTimes).toEqual([]);
  });
});

test("the later edit of the two wins, field by field", () => {
  const hubspotLater = planOf(latest, { remoteAt: { property: LATE } });
  const localLater = planOf(latest, { localAt: () => LATE, remoteAt: { property: EARLY } });

  expect(hubspotLater.pull).toEqual({ field: "theirs" });
  expect(localLater.push).toEqual({ property: "ours" });
});

test("a conflict tells who changed either side when, as far as HubSpot says", () => {
  const told = planOf(manual, { remoteAt: { property: LATE } });
  const silent = planOf(manual, { remoteAt: {} });

  expect(told.fields[0]).toMatchObject({
    decision: { kind: "conflict", rule: "MANUAL" },
    local: "ours",
    remote: "theirs",
    localAt: EARLY,
    remoteAt: LATE,
  });
  expect(silent.fields[0]).toMatchObject({ decision: { kind: "conflict" }, remoteAt: null });
});

describe("the log", () => {
  test("keeps the loser of an automatic decision with both times", () => {
    const plan = planOf(latest, { remoteAt: { property: LATE } });

    expect(logLines(plan.fields, "pull")).toEqual([
      {
        field: "field",
        before: "ours",
        after: "theirs",
        rule: "LATEST_WINS: HubSpot is newer or equal",
        lost: "ours",
        local_at: EARLY.at,
        hubspot_at: LATE.at,
      },
    ]);
  });

  test("keeps what a one-way field overwrites", () => {
    const plan = planOf(ruleOf({ direction: "WARP_TO_HUBSPOT" }));

    expect(logLines(plan.fields, "push")).toEqual([
      {
        field: "field",
        before: "theirs",
        after: "ours",
        rule: "one way",
        lost: "theirs",
        local_at: EARLY.at,
        local_by: "sql",
        hubspot_at: null,
      },
    ]);
  });

  const moved = { field: "field", before: "before", after: "ours", rule: "only local moved" };
  const onlyLocal = { remote: { property: "before" } };

  test.each(["sql", "person", "import"])(
    "keeps when %s set what is sent, which nothing else remembers",
    (by) => {
      const plan = planOf(latest, { ...onlyLocal, localAt: () => ({ at: EARLY.at, by }) });

      expect(logLines(plan.fields, "push")).toEqual([
        { ...moved, local_at: EARLY.at, local_by: by },
      ]);
    },
  );

  test.each(["csv", "enrich", null])("says no times where only %s moved", (by) => {
    const plan = planOf(latest, { ...onlyLocal, localAt: () => ({ at: EARLY.at, by }) });

    expect(logLines(plan.fields, "push")).toEqual([moved]);
  });

  test("says no times of what an import brings and HubSpot does not have", () => {
    const localAt = () => ({ at: EARLY.at, by: "import" });
    const plan = planOf(latest, { remote: { property: null }, base: {}, localAt });

    expect(logLines(plan.fields, "push")).toEqual([
      { field: "field", before: null, after: "ours", rule: "fills HubSpot" },
    ]);
  });

  test("says no times of HubSpot's value where only HubSpot moved", () => {
    const plan = planOf(latest, { local: { field: "before" } });

    expect(logLines(plan.fields, "pull")).toEqual([
      { field: "field", before: "before", after: "theirs", rule: "only HubSpot moved" },
    ]);
  });

  test("shows both values of a conflict with their times", () => {
    const plan = planOf(manual, { remoteAt: { property: LATE } });

    expect(logLines(plan.fields, "conflict")).toEqual([
      {
        field: "field",
        before: "ours",
        after: "theirs",
        rule: "MANUAL",
        local_at: EARLY.at,
        hubspot_at: LATE.at,
      },
    ]);
  });

  test("shows what stays and what may not arrive of a blocked field", () => {
    const plan = planOf(ruleOf(), { local: { field: null }, remote: { property: "before" } });

    expect(logLines(plan.fields, "blocked")).toEqual([
      { field: "field", before: "before", after: null, rule: "clearing does not travel" },
    ]);
    expect(logLines(plan.fields, "push")).toEqual([]);
  });
});
