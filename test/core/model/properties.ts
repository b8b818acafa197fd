/** The planner's laws as properties, for the tests and for `npm run fuzz` alike. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type FieldPolicy,
  type FieldView,
  mergeField,
  type Strategy,
  strategies,
} from "../../../mcp-server/src/core/merge.ts";
import { planRecord } from "../../../mcp-server/src/core/plan.ts";
import { type Command, commands, happen } from "./commands.ts";
import { checkConvergence, checkWrites } from "./laws.ts";
import { resolutionProperty } from "./resolutions.ts";
import { roundTripProperty } from "./round-trips.ts";
import { type ModelRule, modelRules, rawValue } from "./samples.ts";
import { sync } from "./sync-round.ts";
import { newWorld, trackOf, type World } from "./world.ts";

/** One law. `share` is its part of all runs. */
export interface Law {
  readonly name: string;
  readonly share: number;
  readonly property: fc.IProperty<unknown>;
}

const skews = fc.constantFrom(0, 1, -2, 5 * 60_000, -5 * 60_000);

/**
 * Edits on both sides, syncs of every direction, faults, decisions and changes of the map in any order. Every plan is checked as it is made;
 * then all faults stop, and after two rounds nothing may be left to do.
 */
const interleavings = fc.property(modelRules, skews, commands, (rules, skewMs, happened) => {
  const world = newWorld(rules, skewMs);
  for (const command of happened) happen(world, command);
  heal(world);
  round(world);
  round(world);
  checkConvergence(world);
  checkQuiet(world);
  checkWrites(world);
});

function heal(world: World): void {
  world.hidden.clear();
  world.isBoxBroken = false;
}

function round(world: World): void {
  world.now += 1;
  sync(world, { run: "both", fault: "none" }, () => undefined);
}

/** Looking again changes nothing, however often. */
function checkQuiet(world: World): void {
  const before = [...world.columns, world.remote, world.base, writesOf(world)];
  const then = structuredClone(before);
  for (let quiet = 0; quiet < 3; quiet += 1) round(world);
  assert.deepEqual([...world.columns, world.remote, world.base, writesOf(world)], then);
}

function writesOf(world: World) {
  return world.rules.map((rule) => ({ ...trackOf(world, rule).writes }));
}

/** The same world run twice leaves the same trace. */
const replays = fc.property(modelRules, skews, commands, (rules, skewMs, happened) => {
  assert.deepEqual(traceOf(rules, skewMs, happened), traceOf(rules, skewMs, happened));
});

function traceOf(rules: readonly ModelRule[], skewMs: number, happened: readonly Command[]) {
  const world = newWorld(rules, skewMs);
  return happened.map((command) => {
    happen(world, command);
    return structuredClone([...world.columns, world.remote, world.base, [...world.conflicts]]);
  });
}

const canonicalValue = fc.option(fc.constantFrom("a", "b", "c"), { nil: null });
const time = fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z");
const problem = fc.option(fc.constant("no good"), { nil: null });
const policies: fc.Arbitrary<FieldPolicy> = fc.record({
  direction: fc.constantFrom("BIDIRECTIONAL" as const, "WARP_TO_HUBSPOT" as const, "NONE" as const),
  strategy: fc.constantFrom(...strategies),
  clears: fc.boolean(),
});
const views: fc.Arbitrary<FieldView> = fc.record({
  base: fc.option(canonicalValue, { nil: undefined }),
  local: canonicalValue,
  remote: canonicalValue,
  localProblem: problem,
  remoteProblem: problem,
  localAt: time,
  remoteAt: fc.option(time, { nil: undefined }),
});

const mirroredStrategy: Readonly<Record<Strategy, Strategy>> = {
  WARP_WINS: "HUBSPOT_WINS",
  HUBSPOT_WINS: "WARP_WINS",
  LATEST_WINS: "LATEST_WINS",
  MANUAL: "MANUAL",
};
const mirroredDirection = {
  BIDIRECTIONAL: "BIDIRECTIONAL",
  WARP_TO_HUBSPOT: "HUBSPOT_TO_WARP",
  HUBSPOT_TO_WARP: "WARP_TO_HUBSPOT",
  NONE: "NONE",
} as const;
const mirroredWay = { push: "pull", pull: "push" } as const;

/** Neither side is favoured but by the rules: swapping the sides and mirroring the policy mirrors the decision. A tie alone is HubSpot's. */
const mirrors = fc.property(policies, views, (policy, view) => {
  const isTied = policy.strategy === "LATEST_WINS" && view.localAt === view.remoteAt;
  fc.pre(!isTied && (view.remoteAt !== undefined || policy.strategy !== "LATEST_WINS"));
  const decision = mergeField(policy, view);
  const { direction, strategy, clears } = policy;
  const mirrored = mergeField(
    {
      direction: mirroredDirection[direction],
      strategy: mirroredStrategy[strategy],
      clears,
    },
    {
      base: view.base,
      local: view.remote,
      remote: view.local,
      localProblem: view.remoteProblem ?? null,
      remoteProblem: view.localProblem ?? null,
      localAt: view.remoteAt ?? null,
      remoteAt: view.remoteAt === undefined ? undefined : view.localAt,
    },
  );
  const { rule: _there, ...left } = decision;
  const { rule: _back, ...right } = mirrored;
  assert.deepEqual(right, mirrorOf(left));
});

function mirrorOf(decision: object): object {
  const mirrored = { ...decision };
  for (const key of ["kind", "way"]) {
    const value: unknown = Reflect.get(decision, key);
    if (value === "push" || value === "pull") Reflect.set(mirrored, key, mirroredWay[value]);
  }
  return mirrored;
}

/** Whatever the sides hold, the planner answers, the same way twice, and touches nothing that it was given. */
const totality = fc.property(
  modelRules,
  fc.anything(),
  fc.option(fc.dictionary(fc.constantFrom("p0", "p1", "p2", "p3"), fc.option(fc.string())), {
    nil: null,
  }),
  fc.dictionary(
    fc.constantFrom("f0", "f1", "f2", "f3", "f0@sent", "f1@sent", "constructor"),
    fc.option(fc.string()),
  ),
  (rules, local, remote, base) => {
    const view = {
      local,
      remote: remote && Object.freeze(remote),
      base: Object.freeze(base),
      localAt: () => null,
      remoteAt: null,
    };
    assert.deepEqual(planRecord(rules, view, "both"), planRecord(rules, view, "both"));
  },
);

/** A wide net for local values of every shape: strings, numbers, arrays and objects in the very columns that the rules read. */
const anyColumns = fc.property(
  modelRules,
  fc.array(fc.oneof(fc.nat(50), fc.anything()), { minLength: 4, maxLength: 4 }),
  (rules, raws) => {
    const columns = rules.map((rule, n) => {
      const raw = raws[n];
      return [rule.field, typeof raw === "number" ? rawValue(rule.kind, raw) : raw] as const;
    });
    const local = { ...Object.fromEntries(columns), box: Object.fromEntries(columns) };
    const view = { local, remote: {}, base: {}, localAt: () => null, remoteAt: null };
    assert.deepEqual(planRecord(rules, view, "both"), planRecord(rules, view, "both"));
  },
);

/** Every law of the planner. */
export const laws: readonly Law[] = [
  { name: "holds its invariants in every interleaving", share: 0.35, property: interleavings },
  { name: "leaves the same trace when everything happens again", share: 0.05, property: replays },
  { name: "carries out what a person decided", share: 0.2, property: resolutionProperty },
  { name: "finds nothing to do after write and read", share: 0.2, property: roundTripProperty },
  { name: "mirrors its decisions when the sides are swapped", share: 0.1, property: mirrors },
  { name: "answers the same to whatever it is given", share: 0.05, property: totality },
  { name: "takes local values of any shape", share: 0.05, property: anyColumns },
];
