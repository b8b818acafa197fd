/** A frozen field is written to neither side, agrees like any other, and makes news only of what a person must know before they decide. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { LOOP_BREAKER, readLoopNote } from "../../mcp-server/src/core/loop-note.ts";
import {
  directions,
  type FieldPolicy,
  type FieldView,
  mergeField,
  strategies,
} from "../../mcp-server/src/core/merge.ts";

const value = fc.option(fc.constantFrom("a", "b", "c"), { nil: null });
const time = fc.option(fc.constantFrom("2026-01-01T00:00:00.000Z"), { nil: null });
const told = fc.record({ local: value, remote: value });
const policy: fc.Arbitrary<FieldPolicy> = fc.record({
  direction: fc.constantFrom(...directions),
  strategy: fc.constantFrom(...strategies),
  clears: fc.boolean(),
});
const view = fc.record({
  base: value,
  local: fc.option(value, { nil: undefined }),
  remote: fc.option(value, { nil: undefined }),
  localAt: time,
  remoteAt: fc.option(time, { nil: undefined }),
  loop: fc.option(told, { nil: null }),
});

test("is written to neither side, whatever moves and whatever its rule", () => {
  fc.assert(
    fc.property(policy, view, (rules, seen) => {
      expect(["none", "conflict", "needs-times"]).toContain(mergeField(rules, seen).kind);
    }),
  );
});

test("agrees as any other field does", () => {
  fc.assert(
    fc.property(policy, view, value, (rules, { loop, ...seen }, same) => {
      const agreed: FieldView = { ...seen, local: same, remote: same };

      expect(mergeField(rules, { ...agreed, loop })).toEqual(mergeField(rules, agreed));
    }),
  );
});

test("waits as it was told of while a side says nothing", () => {
  fc.assert(
    fc.property(
      policy,
      view,
      told,
      fc.constantFrom("local", "remote"),
      (rules, seen, loop, side) => {
        fc.pre(rules.direction !== "NONE");

        const decision = mergeField(rules, { ...seen, [side]: undefined, loop });

        expect(decision).toEqual({ kind: "conflict", rule: LOOP_BREAKER, told: loop });
      },
    ),
  );
});

const apart = {
  base: "a",
  localAt: null,
  remoteAt: null,
  loop: { local: "b", remote: "c" },
} as const;
const cases = [
  ["BIDIRECTIONAL", { local: "x", remote: "c" }, true],
  ["BIDIRECTIONAL", { local: "b", remote: "x" }, true],
  ["BIDIRECTIONAL", { local: "b", remote: "c" }, false],
  ["WARP_TO_HUBSPOT", { local: "x", remote: "c" }, false],
  ["WARP_TO_HUBSPOT", { local: "b", remote: "x" }, true],
  ["HUBSPOT_TO_WARP", { local: "b", remote: "x" }, false],
  ["HUBSPOT_TO_WARP", { local: "x", remote: "c" }, true],
] as const;

test.each(cases)("of a %s field %j is news: %s", (direction, sides, isNews) => {
  const rules = { direction, strategy: "LATEST_WINS", clears: false } as const;

  const decision = mergeField(rules, { ...apart, ...sides });

  expect(decision).toEqual({
    kind: "conflict",
    rule: LOOP_BREAKER,
    ...(isNews ? {} : { told: apart.loop }),
  });
});

test("asks for HubSpot's time when it is frozen and when HubSpot's value is another one", () => {
  const rules = { direction: "BIDIRECTIONAL", strategy: "MANUAL", clears: false } as const;
  const seen = { ...apart, local: "x", remoteAt: undefined } as const;

  expect(mergeField(rules, { ...seen, remote: "y" }).kind).toBe("needs-times");
  expect(mergeField(rules, { ...seen, remote: "c", loop: null }).kind).toBe("needs-times");
  expect(mergeField(rules, { ...seen, remote: "c" }).kind).toBe("conflict");
});

test.each([
  [JSON.stringify([LOOP_BREAKER, "a", null]), { local: "a", remote: null }],
  [JSON.stringify(["MANUAL", "a", "b"]), null],
  [JSON.stringify([LOOP_BREAKER, 1, "b"]), null],
  [LOOP_BREAKER, null],
  [null, null],
  [undefined, null],
])("is known by its note: %s", (text, note) => {
  expect(readLoopNote(text)).toEqual(note);
});
