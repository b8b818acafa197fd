/** What each resolution does to the base, and what it refuses. */
import { describe, expect, test } from "vitest";
import { movedBase, resolveField } from "../../mcp-server/src/core/resolution.ts";
import { ruleOf } from "./model/rule.ts";

const rule = ruleOf({ strategy: "MANUAL" });
const conflict = { base: "before", local: "ours", hubspot: "theirs" };

test("keeping a side makes the other one's value the base", () => {
  expect(resolveField(rule, conflict, { resolution: "keep_local" })).toEqual({ base: "theirs" });
  expect(resolveField(rule, conflict, { resolution: "keep_hubspot" })).toEqual({ base: "ours" });
});

test("another value is written locally, on top of HubSpot's as the base", () => {
  expect(resolveField(rule, conflict, { resolution: "set", value: " third " })).toEqual({
    base: "theirs",
    write: "third",
  });
});

test("setting HubSpot's own value is agreement", () => {
  expect(resolveField(rule, conflict, { resolution: "set", value: "theirs" })).toEqual({
    base: "theirs",
    write: "theirs",
  });
});

test("a set value takes its field's form: a listed spelling, an address as it is written", () => {
  const listed = { ...rule, enumValues: ["ACTIVE"] };
  const website = { ...rule, type: "url" } as const;

  expect(resolveField(listed, conflict, { resolution: "set", value: "active" })).toMatchObject({
    write: "ACTIVE",
  });
  expect(
    resolveField(website, conflict, { resolution: "set", value: "https://www.Acme.com/" }),
  ).toMatchObject({ write: "https://www.Acme.com/" });
});

describe("is refused with the mend:", () => {
  test("a value that the field does not know", () => {
    const listed = { ...rule, enumValues: ["ACTIVE", "TRIAL"] };

    const refused = resolveField(listed, conflict, { resolution: "set", value: "PAUSED" });

    expect(refused).toEqual({ problem: expect.stringMatching(/ACTIVE, TRIAL/) });
  });

  test("keeping a side whose value may not travel", () => {
    const number = { ...rule, type: "number" } as const;
    const bad = { base: null, local: "1,5", hubspot: "2" };

    expect(resolveField(number, bad, { resolution: "keep_local" })).toHaveProperty("problem");
    expect(resolveField(number, bad, { resolution: "keep_hubspot" })).toEqual({ base: "1,5" });
  });

  test("keeping a local value that only the record tells may not travel", () => {
    const object = { ...conflict, local: '{"a":1}', localProblem: "it is a JSON object" };

    expect(resolveField(rule, object, { resolution: "keep_local" })).toEqual({
      problem: expect.stringContaining("it is a JSON object"),
    });
    expect(resolveField(rule, object, { resolution: "keep_hubspot" })).toEqual({ base: '{"a":1}' });
  });

  test("keeping an emptied value where clearing does not travel", () => {
    const emptied = { ...conflict, local: null };

    expect(resolveField(rule, emptied, { resolution: "keep_local" })).toEqual({
      problem: expect.stringMatching(/propagate_clear/),
    });
    expect(resolveField({ ...rule, clears: true }, emptied, { resolution: "keep_local" })).toEqual({
      base: "theirs",
    });
  });

  test("a field that the map lets flow one way by now", () => {
    const oneWay = { ...rule, direction: "WARP_TO_HUBSPOT" } as const;

    expect(resolveField(oneWay, conflict, { resolution: "keep_local" })).toHaveProperty("problem");
  });
});

test("moving a base forgets what was kept beside it, and nothing of other fields", () => {
  const base = { field: "a", "field@sent": " a", "field@blocked": "why", field2: "b" };

  expect(movedBase(base, "field", null)).toEqual({ field: null, field2: "b" });
});
