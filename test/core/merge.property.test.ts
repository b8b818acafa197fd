import fc from "fast-check";
import { expect, test } from "vitest";
import {
  directions,
  type FieldPolicy,
  type FieldView,
  mergeField,
  strategies,
} from "../../mcp-server/src/core/merge.ts";

const value = fc.option(fc.constantFrom("a", "b", "c"), { nil: null });
const time = fc.option(fc.constantFrom("2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"), {
  nil: null,
});
const view: fc.Arbitrary<FieldView> = fc.record({
  base: fc.option(value, { nil: undefined }),
  local: value,
  remote: value,
  localAt: time,
  remoteAt: time,
});
const policy: fc.Arbitrary<FieldPolicy> = fc.record({
  direction: fc.constantFrom(...directions),
  strategy: fc.constantFrom(...strategies),
  clears: fc.boolean(),
});

test("never treats agreement as a conflict or as work", () => {
  fc.assert(
    fc.property(policy, view, value, (rules, seen, same) => {
      const decision = mergeField(rules, { ...seen, local: same, remote: same });
      expect(decision.kind).toBe("none");
    }),
  );
});

test("never invents a value", () => {
  fc.assert(
    fc.property(policy, view, (rules, seen) => {
      const decision = mergeField(rules, seen);
      if (decision.kind === "push") expect(decision.value).toBe(seen.local);
      if (decision.kind === "pull") expect(decision.value).toBe(seen.remote);
    }),
  );
});

test("keeps one-way fields one-way", () => {
  fc.assert(
    fc.property(policy, view, (rules, seen) => {
      const { kind } = mergeField(rules, seen);
      if (rules.direction === "WARP_TO_HUBSPOT") expect(kind).not.toBe("pull");
      if (rules.direction === "HUBSPOT_TO_WARP") expect(kind).not.toBe("push");
      if (rules.direction === "NONE") expect(kind).toBe("none");
    }),
  );
});

test("reaches a fixpoint: after carrying a decision out there is nothing left to do", () => {
  fc.assert(
    fc.property(policy, view, (rules, seen) => {
      const decision = mergeField(rules, seen);
      if (decision.kind !== "push" && decision.kind !== "pull") return;
      const after = {
        ...seen,
        base: decision.value,
        local: decision.value,
        remote: decision.value,
      };
      expect(mergeField(rules, after)).toEqual({ kind: "none", rule: "equal", advance: false });
    }),
  );
});

test("keeps the losing value of every automatic decision on a two-way field", () => {
  fc.assert(
    fc.property(fc.constantFrom(...strategies), view, (strategy, seen) => {
      const bothMoved =
        seen.base !== undefined && seen.local !== seen.base && seen.remote !== seen.base;
      fc.pre(bothMoved && seen.local !== seen.remote);
      const decision = mergeField({ direction: "BIDIRECTIONAL", strategy, clears: true }, seen);
      if (decision.kind === "push") expect(decision.lost).toBe(seen.remote);
      if (decision.kind === "pull") expect(decision.lost).toBe(seen.local);
      if (strategy === "MANUAL") expect(decision.kind).toMatch(/conflict|needs-times/);
    }),
  );
});

test("keeps the edit that a one-way field overwrites on the side that only receives", () => {
  const times = { localAt: null, remoteAt: undefined };
  const out = { direction: "WARP_TO_HUBSPOT", strategy: "WARP_WINS", clears: true } as const;
  const back = { direction: "HUBSPOT_TO_WARP", strategy: "HUBSPOT_WINS", clears: true } as const;

  expect(mergeField(out, { base: "a", local: "a", remote: "c", ...times })).toMatchObject({
    kind: "push",
    lost: "c",
  });
  expect(mergeField(back, { base: "a", local: null, remote: "a", ...times })).toMatchObject({
    kind: "pull",
    lost: null,
  });
  expect(mergeField(out, { base: "a", local: "b", remote: "a", ...times })).not.toHaveProperty(
    "lost",
  );
});

test("gives a tie, or a time nobody knows, to HubSpot", () => {
  const at = "2026-01-01T00:00:00.000Z";
  const latest = { direction: "BIDIRECTIONAL", strategy: "LATEST_WINS", clears: true } as const;
  const both = { base: "a", local: "b", remote: "c" };

  expect(mergeField(latest, { ...both, localAt: at, remoteAt: at }).kind).toBe("pull");
  expect(mergeField(latest, { ...both, localAt: null, remoteAt: at }).kind).toBe("pull");
  expect(mergeField(latest, { ...both, localAt: at, remoteAt: null }).kind).toBe("pull");
  expect(mergeField(latest, { ...both, localAt: at, remoteAt: undefined }).kind).toBe(
    "needs-times",
  );
  expect(
    mergeField(latest, { ...both, localAt: "2026-01-01T00:00:00.001Z", remoteAt: at }),
  ).toMatchObject({ kind: "push", value: "b", lost: "c" });
});

test("compares instants, not spellings: HubSpot may leave the milliseconds out", () => {
  const latest = { direction: "BIDIRECTIONAL", strategy: "LATEST_WINS", clears: true } as const;
  const both = { base: "a", local: "b", remote: "c" };
  const [whole, later] = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z"];

  expect(mergeField(latest, { ...both, localAt: later, remoteAt: whole }).kind).toBe("push");
  expect(mergeField(latest, { ...both, localAt: whole, remoteAt: later }).kind).toBe("pull");
  expect(mergeField(latest, { ...both, localAt: "yesterday", remoteAt: later }).kind).toBe("pull");
});

test("waits for HubSpot's time before it calls a person", () => {
  const manual = { direction: "BIDIRECTIONAL", strategy: "MANUAL", clears: true } as const;
  const both = { base: "a", local: "b", remote: "c", localAt: null };

  expect(mergeField(manual, { ...both, remoteAt: undefined }).kind).toBe("needs-times");
  expect(mergeField(manual, { ...both, remoteAt: null }).kind).toBe("conflict");
});

test("blocks an emptied value unless the field lets clearing travel", () => {
  const seen = { base: "a", local: null, remote: "a", localAt: null, remoteAt: null };
  const two = { direction: "BIDIRECTIONAL", strategy: "WARP_WINS" } as const;

  expect(mergeField({ ...two, clears: false }, seen)).toEqual({
    kind: "blocked",
    rule: "clearing does not travel",
    way: "push",
  });
  expect(mergeField({ ...two, clears: true }, seen)).toMatchObject({ kind: "push", value: null });
});

test("blocks a value with a problem where it would travel, and only there", () => {
  const two = { direction: "BIDIRECTIONAL", strategy: "HUBSPOT_WINS", clears: true } as const;
  const seen = { base: "a", localAt: null, remoteAt: null, localProblem: "no number" };

  expect(mergeField(two, { ...seen, local: "b", remote: "a" })).toEqual({
    kind: "blocked",
    rule: "no number",
    way: "push",
  });
  expect(mergeField(two, { ...seen, local: "a", remote: "c" }).kind).toBe("pull");
  expect(mergeField(two, { ...seen, local: "b", remote: "c" })).toMatchObject({
    kind: "pull",
    lost: "b",
  });
  expect(
    mergeField(two, { ...seen, local: "b", remote: "c", remoteProblem: "not listed" }),
  ).toMatchObject({ kind: "blocked", rule: "not listed", way: "pull" });
});

test("never overwrites a local value that cannot be read", () => {
  const two = { direction: "BIDIRECTIONAL", strategy: "HUBSPOT_WINS", clears: true } as const;
  const seen = { local: undefined, localAt: null, remoteAt: null };

  expect(mergeField(two, { ...seen, base: "a", remote: "b" })).toMatchObject({
    kind: "blocked",
    way: "pull",
  });
  expect(mergeField(two, { ...seen, base: "a", remote: "a" }).kind).toBe("none");
  expect(mergeField(two, { ...seen, base: undefined, remote: null }).kind).toBe("none");
  expect(
    mergeField({ ...two, direction: "WARP_TO_HUBSPOT" }, { ...seen, base: "a", remote: "b" }).kind,
  ).toBe("none");
});

test("concludes nothing from a side that did not say", () => {
  const two = { direction: "BIDIRECTIONAL", strategy: "WARP_WINS", clears: true } as const;
  const seen = { base: "a", local: "b", localAt: null, remoteAt: null };

  expect(mergeField(two, { ...seen, remote: undefined }).kind).toBe("none");
});
