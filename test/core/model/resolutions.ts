/** The laws of resolving conflicts: what a person decided is what both sides hold, unless somebody changes it again first. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Choice,
  type ConflictValues,
  movedBase,
  resolveField,
} from "../../../mcp-server/src/core/resolution.ts";
import { readLocal } from "../../../mcp-server/src/core/rule-values.ts";
import type { CanonicalValue } from "../../../mcp-server/src/core/value-types.ts";
import { checkConvergence, problemOf } from "./laws.ts";
import { type ModelRule, modelRules, rawValue } from "./samples.ts";
import { sync } from "./sync-round.ts";
import {
  decideAgainst,
  edit,
  type FoundConflict,
  heldBy,
  newWorld,
  plannedOf,
  planOf,
  type Side,
  type World,
  writeLocal,
} from "./world.ts";

const situations = fc.record({
  agreed: fc.option(fc.nat(50), { nil: null }),
  local: fc.nat(50),
  remote: fc.nat(50),
  resolution: fc.constantFrom("keep_local" as const, "keep_hubspot" as const, "set" as const),
  value: fc.nat(50),
  later: fc.option(
    fc.record({ side: fc.constantFrom("local" as const, "remote" as const), value: fc.nat(50) }),
    { nil: null },
  ),
});
type Situation = typeof situations extends fc.Arbitrary<infer S> ? S : never;

/** Finds a conflict, decides it, lets perhaps somebody edit once more, and syncs. */
export const resolutionProperty = fc.property(modelRules, situations, (rules, situation) => {
  const [first] = rules;
  if (!first || first.transform === "uppercase") return;
  const rule: ModelRule = { ...first, direction: "BIDIRECTIONAL", strategy: "MANUAL" };
  const world = newWorld([rule], 0);
  const found = conflictOf(world, rule, situation);
  if (!found) return;
  const conflict = { ...found, localProblem: problemOf(world, rule, "local") };
  const choice = choiceOf(rule, situation);
  const resolved = resolveField(rule, conflict, choice);
  if ("problem" in resolved) {
    checkRefusal(rule, conflict, choice);
    return;
  }
  world.base = movedBase(world.base, rule.field, resolved.base);
  if (resolved.write !== undefined) writeLocal(world, rule, resolved.write);
  decideAgainst(world, rule, givingWay(choice) === "local" ? conflict.local : conflict.hubspot);
  if (situation.later === null) checkDecided(world, rule, { conflict, choice });
  else checkReopened(world, rule, { conflict, choice, later: situation.later });
});

function conflictOf(
  world: World,
  rule: ModelRule,
  situation: Situation,
): FoundConflict | undefined {
  if (situation.agreed !== null) {
    edit(world, rule, { side: "local", value: situation.agreed });
    round(world);
  }
  for (const side of ["local", "remote"] as const) {
    edit(world, rule, { side, value: situation[side] });
  }
  round(world);
  return world.conflicts.get(rule.field);
}

function round(world: World): void {
  world.now += 1;
  sync(world, { run: "both", fault: "none" }, () => undefined);
}

function givingWay(choice: Choice): Side {
  return choice.resolution === "keep_hubspot" ? "local" : "remote";
}

function choiceOf(rule: ModelRule, { resolution, value }: Situation): Choice {
  if (resolution !== "set") return { resolution };
  const raw = rawValue(rule.kind, value);
  return { resolution, value: raw === null ? null : String(raw) };
}

function chosenValue(rule: ModelRule, conflict: ConflictValues, choice: Choice): CanonicalValue {
  if (choice.resolution === "set") return readLocal(rule, choice.value).value ?? null;
  return choice.resolution === "keep_local" ? conflict.local : conflict.hubspot;
}

/** Only what the map forbids to travel is refused. */
function checkRefusal(rule: ModelRule, conflict: ConflictValues, choice: Choice): void {
  const chosen = chosenValue(rule, conflict, choice);
  const isStuck = choice.resolution === "keep_local" && (conflict.localProblem ?? null) !== null;
  const isForbidden = (chosen === null && !rule.clears) || readLocal(rule, chosen).problem !== null;
  assert.ok(isForbidden || isStuck, "a choice that can be carried out is not refused");
}

interface Decided {
  readonly conflict: ConflictValues;
  readonly choice: Choice;
}

function checkDecided(world: World, rule: ModelRule, { conflict, choice }: Decided): void {
  const chosen = chosenValue(rule, conflict, choice);
  round(world);
  assert.equal(heldBy(world, rule, "local"), chosen, "the local side holds what was chosen");
  assert.deepEqual(planOf(world, "both").fields, [], "one round carries the decision out");
  checkConvergence(world);
}

/** An edit on the side that gives way calls the person again; one on the side that was kept travels instead. */
function checkReopened(
  world: World,
  rule: ModelRule,
  { conflict, choice, later }: Decided & { readonly later: { side: Side; value: number } },
): void {
  const before = { local: heldBy(world, rule, "local"), remote: heldBy(world, rule, "remote") };
  edit(world, rule, later);
  const after = { local: heldBy(world, rule, "local"), remote: heldBy(world, rule, "remote") };
  const planned = plannedOf(planOf(world, "both"), rule)?.decision;
  if (after.local === after.remote) {
    assert.equal(planned, undefined, "agreement needs nobody");
    return;
  }
  const given = givingWay(choice);
  const kept = given === "local" ? "remote" : "local";
  const hasMoved = (side: Side) => after[side] !== before[side];
  if (hasMoved(given) && after[kept] !== world.base[rule.field]) {
    assert.equal(planned?.kind, "conflict", "a newer edit on the side that gives way reopens it");
  } else if (hasMoved(kept)) {
    assert.match(planned?.kind ?? "", kept === "local" ? /^(push|blocked)$/ : /^(pull|blocked)$/);
  } else {
    const chosen = chosenValue(rule, conflict, choice);
    assert.equal(after[kept], chosen, "nothing moved: the decision stands");
  }
}
