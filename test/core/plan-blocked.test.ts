/** Fields that cannot travel are blocked with a reason, and nothing else of the record waits for them. */
import { describe, expect, test } from "vitest";
import type { FieldRule } from "../../mcp-server/src/core/field-map.ts";
import { planRecord, type RecordView } from "../../mcp-server/src/core/plan.ts";
import { ruleOf } from "./model/rule.ts";

function planOf(rule: FieldRule, given: Partial<RecordView>) {
  const view: RecordView = {
    local: {},
    remote: null,
    base: {},
    localAt: () => null,
    remoteAt: {},
    ...given,
  };
  return planRecord([rule], view, "both");
}

const status = ruleOf({ enumValues: ["ACTIVE", "TRIAL"] });
const limit = ruleOf({
  direction: "HUBSPOT_TO_WARP",
  type: "number",
  transform: "hubspot_value_in_cents_to_dollars",
});

describe("a value that is not listed", () => {
  test("stays where it is, on either side, with the listed ones named", () => {
    const out = planOf(status, { local: { field: "PAUSED" }, remote: { property: null } });
    const back = planOf(status, { local: { field: null }, remote: { property: "PAUSED" } });

    expect(out.fields[0]?.decision).toMatchObject({ kind: "blocked", way: "push" });
    expect(back.fields[0]?.decision).toMatchObject({ kind: "blocked", way: "pull" });
    for (const plan of [out, back]) {
      expect(plan.fields[0]?.decision.rule).toMatch(/ACTIVE, TRIAL/);
      expect(plan.fields[0]?.decision.rule).not.toMatch(/PAUSED/);
      expect([plan.push, plan.pull, plan.base]).toEqual([{}, {}, {}]);
    }
  });

  test("blocks nothing where the other side's value is the one that travels", () => {
    const seen = { local: { field: "PAUSED" }, base: { field: "PAUSED" } };

    const plan = planOf(status, { ...seen, remote: { property: "active" } });

    expect(plan.pull).toEqual({ field: "ACTIVE" });
  });

  test("is no news in another spelling", () => {
    const plan = planOf(status, { local: { field: "active" }, remote: { property: "Active" } });

    expect(plan.fields).toEqual([]);
    expect(plan.base).toEqual({ field: "ACTIVE" });
  });
});

describe("a value with a conversion", () => {
  test("is planned, compared and remembered in the local side's form", () => {
    const plan = planOf(limit, { local: { field: "7" }, remote: { property: "123450" } });

    expect(plan.pull).toEqual({ field: "1234.5" });
    // The same digits are another amount.
    const same = { local: { field: "700" }, remote: { property: "700" }, base: { field: "700" } };
    expect(planOf(limit, same).pull).toEqual({ field: "7" });
  });

  test("is converted back on its way out", () => {
    const twoWay = { ...limit, direction: "BIDIRECTIONAL" } as const;

    const plan = planOf(twoWay, { local: { field: "1234.50" }, remote: { property: null } });

    expect(plan.push).toEqual({ property: "123450" });
  });

  test("is blocked when it cannot be converted", () => {
    const plan = planOf(limit, { local: { field: "7" }, remote: { property: "a lot" } });

    expect(plan.fields[0]?.decision).toMatchObject({ kind: "blocked", way: "pull" });
    expect(plan.pull).toEqual({});
  });
});

test.each([
  ["number", "1,5"],
  ["date", "31.12.2026"],
  ["datetime", "tomorrow"],
  ["boolean", "perhaps"],
] as const)("text that is no %s is not sent", (type, text) => {
  const plan = planOf(ruleOf({ type }), { local: { field: text }, remote: { property: null } });

  expect(plan.fields[0]?.decision).toMatchObject({ kind: "blocked", way: "push" });
  expect(plan.fields[0]?.decision.rule).not.toContain(text);
  expect(plan.push).toEqual({});
});

describe("JSON that no text stands for", () => {
  const huge: unknown = JSON.parse("1e400");

  test.each([
    ["an object", "text", { deep: 1 }, /JSON object/],
    ["an object as a list", "list", { deep: 1 }, /JSON object/],
    ["a number too large to be read", "text", huge, /too large/],
    ["a number too large to be read", "number", huge, /too large/],
    ["an array", "text", ["a", "b"], /JSON array; use type list or set/],
    ["an array", "number", [1], /JSON array/],
    ["a list of objects", "list", ["a", { deep: 1 }], /an item/],
    ["a set of lists", "set", [["a"]], /an item/],
    ["a list with a number too large", "list", [huge], /an item/],
  ] as const)("is not sent: %s as %s", (_, type, raw, expected) => {
    const rule = ruleOf({ type, path: ["contact", "leaf"] });

    const plan = planOf(rule, { local: { contact: { leaf: raw } }, remote: { property: null } });

    expect(plan.fields[0]?.decision).toMatchObject({ kind: "blocked", way: "push" });
    expect(plan.fields[0]?.decision.rule).toMatch(expected);
    expect(plan.push).toEqual({});
  });

  test.each([
    ["list", ["a", 1, true, null], "a\n1\ntrue"],
    ["set", ["b", "a"], "a;b"],
    ["text", 1.5, "1.5"],
    ["text", false, "false"],
  ] as const)("other JSON is: %s %j", (type, raw, expected) => {
    const plan = planOf(ruleOf({ type }), { local: { field: raw }, remote: { property: null } });

    expect(plan.push).toEqual({ property: expected });
  });
});

describe("an emptied value", () => {
  const emptied = { local: { field: null }, remote: { property: "a" }, base: { field: "a" } };

  test("is blocked where the field does not let clearing travel", () => {
    expect(planOf(ruleOf(), emptied).fields[0]?.decision).toEqual({
      kind: "blocked",
      way: "push",
      rule: "clearing does not travel",
    });
  });

  test("travels where it does", () => {
    expect(planOf(ruleOf({ clears: true }), emptied).push).toEqual({ property: "" });
  });
});

describe("a column that holds no JSON", () => {
  const city = ruleOf({ path: ["address", "city"] });

  test("keeps what HubSpot says waiting, and is not overwritten", () => {
    const seen = { local: { address: "oops" }, base: { field: "Bonn" } };

    const plan = planOf(city, { ...seen, remote: { property: "Köln" } });

    expect(plan.fields[0]?.decision).toMatchObject({ kind: "blocked", way: "pull" });
    expect(plan.pull).toEqual({});
  });

  test("is passed over while HubSpot says nothing new", () => {
    const seen = { local: {}, base: { field: "Bonn" } };

    expect(planOf(city, { ...seen, remote: { property: "Bonn" } }).fields).toEqual([]);
  });
});

describe("a property that HubSpot leaves out of its answer", () => {
  const created = ruleOf({
    clears: true,
    createProperty: { label: "Field", type: "string", field_type: "text" },
  });

  test("is empty as long as it is still to be created", () => {
    expect(planOf(created, { local: { field: "a" }, remote: {} }).push).toEqual({ property: "a" });
  });

  test("is not taken for emptied once it held something", () => {
    const seen = { local: { field: "a" }, base: { field: "a" }, remote: {} };

    const plan = planOf(created, seen);

    expect([plan.fields, plan.pull, plan.base]).toEqual([[], {}, {}]);
  });
});

test("a record that HubSpot does not have owes nothing to a base of one that it had", () => {
  const rule = ruleOf({ strategy: "MANUAL", clears: true });

  const plan = planOf(rule, { local: { field: "b" }, base: { field: "a" }, remoteAt: null });

  expect(plan.push).toEqual({ property: "b" });
  expect(plan.needsTimes).toEqual([]);
});

test("a field may be called like something that every object has", () => {
  const rule = ruleOf({ field: "constructor", path: ["constructor"] });
  const local = { constructor: "a" };

  expect(planOf(rule, { local, remote: { property: null } }).push).toEqual({ property: "a" });
});

test("what is blocked is listed whatever the run's direction", () => {
  const view: RecordView = {
    local: { field: "PAUSED" },
    remote: { property: "ACTIVE" },
    base: { field: "ACTIVE" },
    localAt: () => null,
    remoteAt: null,
  };

  for (const run of ["both", "push", "pull"] as const) {
    expect(planRecord([status], view, run).fields).toHaveLength(1);
  }
});
