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

test("mirrors push and pull when the sides are swapped", () => {
  const swapped = {
    WARP_WINS: "HUBSPOT_WINS",
    HUBSPOT_WINS: "WARP_WINS",
    MANUAL: "MANUAL",
  } as const;
  const mirror = { push: "pull", pull: "push", none: "none", conflict: "conflict" } as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(swapped)),
      view,
      fc.boolean(),
      (name, seen, clears) => {
        const strategy = strategies.find((s) => s === name);
        if (!strategy || strategy === "LATEST_WINS") throw new Error("unreachable");
        const there = mergeField({ direction: "BIDIRECTIONAL", strategy, clears }, seen);
        const back = mergeField(
          { direction: "BIDIRECTIONAL", strategy: swapped[strategy], clears },
          { ...seen, local: seen.remote, remote: seen.local },
        );
        if (there.kind === "needs-times") throw new Error("times are never needed here");
        expect(back.kind).toBe(mirror[there.kind]);
      },
    ),
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
      if (strategy === "MANUAL") expect(decision.kind).toBe("conflict");
    }),
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

test("lets an emptied value travel only where the field allows it", () => {
  const view_ = { base: "a", local: null, remote: "a", localAt: null, remoteAt: null };
  const two = { direction: "BIDIRECTIONAL", strategy: "WARP_WINS" } as const;

  expect(mergeField({ ...two, clears: false }, view_).kind).toBe("none");
  expect(mergeField({ ...two, clears: true }, view_)).toMatchObject({ kind: "push", value: null });
});

test("concludes nothing from a side that did not say", () => {
  const two = { direction: "BIDIRECTIONAL", strategy: "WARP_WINS", clears: true } as const;
  const seen = { base: "a", local: "b", localAt: null, remoteAt: null };

  expect(mergeField(two, { ...seen, remote: undefined }).kind).toBe("none");
});
