/** What can happen in the model's world, in any order. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Direction,
  directions,
  type Strategy,
  strategies,
} from "../../../mcp-server/src/core/merge.ts";
import type { RecordPlan, RunDirection } from "../../../mcp-server/src/core/plan.ts";
import { movedBase, resolveField } from "../../../mcp-server/src/core/resolution.ts";
import { problemOf } from "./laws.ts";
import type { ModelRule } from "./samples.ts";
import { type Fault, faults, sync } from "./sync-round.ts";
import {
  decideAgainst,
  edit,
  heldBy,
  type Side,
  trackOf,
  type World,
  writeLocal,
} from "./world.ts";

/** `field` and `value` are taken modulo what there is, so that shrinking them always means something. */
export type Command =
  | { readonly kind: "edit"; readonly side: Side; readonly field: number; readonly value: number }
  | {
      readonly kind: "sync";
      readonly run: RunDirection;
      readonly fault: Fault;
      /** An edit that comes while the sync waits for HubSpot; null = none. */
      readonly meanwhile: { readonly field: number; readonly value: number } | null;
    }
  | {
      readonly kind: "resolve";
      readonly field: number;
      readonly resolution: "keep_local" | "keep_hubspot" | "set";
      readonly value: number;
    }
  | {
      readonly kind: "policy";
      readonly field: number;
      readonly direction: Direction;
      readonly strategy: Strategy;
      readonly clears: boolean;
    }
  /** The map reads the field from elsewhere now, or knows other values: its base is forgotten. */
  | { readonly kind: "forget"; readonly field: number }
  /** HubSpot begins or ceases to leave a property out of its answers. */
  | { readonly kind: "hide"; readonly field: number }
  /** Another program turns the JSON column into something else, or mends it. */
  | { readonly kind: "break" };

const field = fc.nat(3);
const value = fc.nat(50);

const edits = fc.record({
  kind: fc.constant("edit" as const),
  side: fc.constantFrom("local" as const, "remote" as const),
  field,
  value,
});
const syncs = fc.record({
  kind: fc.constant("sync" as const),
  run: fc.constantFrom("both" as const, "both" as const, "push" as const, "pull" as const),
  fault: fc.constantFrom("none" as const, "none" as const, "none" as const, ...faults),
  meanwhile: fc.option(fc.record({ field, value }), { nil: null, freq: 4 }),
});
const resolutions = fc.record({
  kind: fc.constant("resolve" as const),
  field,
  resolution: fc.constantFrom("keep_local" as const, "keep_hubspot" as const, "set" as const),
  value,
});
const others = fc.oneof(
  fc.record({
    kind: fc.constant("policy" as const),
    field,
    direction: fc.constantFrom(...directions),
    strategy: fc.constantFrom(...strategies),
    clears: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom("forget" as const, "hide" as const), field }),
  fc.record({ kind: fc.constant("break" as const) }),
);

/** Mostly edits and syncs, now and then all the rest. */
export const commands: fc.Arbitrary<readonly Command[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: edits },
    { weight: 6, arbitrary: syncs },
    { weight: 2, arbitrary: resolutions },
    { weight: 1, arbitrary: others },
  ),
  { maxLength: 24, size: "max" },
);

/** Lets one thing happen. */
export function happen(world: World, command: Command): void {
  world.now += 1 + (world.now % 3);
  if (command.kind === "break") world.isBoxBroken = !world.isBoxBroken;
  else if (command.kind === "sync")
    sync(world, command, (plan) => editMeanwhile(world, command, plan));
  else happenTo(world, command, ruleAt(world, command.field));
}

type FieldCommand = Exclude<Command, { kind: "break" | "sync" }>;

function happenTo(world: World, command: FieldCommand, rule: ModelRule): void {
  if (command.kind === "edit") edit(world, rule, command);
  else if (command.kind === "resolve") resolve(world, command, rule);
  else if (command.kind === "policy") changePolicy(world, command, rule);
  else if (command.kind === "forget") forget(world, rule);
  else toggle(world.hidden, rule.property);
}

/** Not to a field that is pulled: the worker writes a pull only over the very value that the plan was made on, and looks again otherwise. */
function editMeanwhile(
  world: World,
  { meanwhile }: Extract<Command, { kind: "sync" }>,
  plan: RecordPlan,
): void {
  if (meanwhile === null) return;
  const rule = ruleAt(world, meanwhile.field);
  if (!(rule.field in plan.pull)) edit(world, rule, { side: "local", value: meanwhile.value });
}

function ruleAt(world: World, n: number): ModelRule {
  const rule = world.rules[n % world.rules.length];
  assert.ok(rule);
  return rule;
}

function toggle(names: Set<string>, name: string): void {
  if (!names.delete(name)) names.add(name);
}

/** As the tool does it: only while both sides still hold what the conflict shows, and only where the local column can be read. */
function resolve(
  world: World,
  command: Extract<Command, { kind: "resolve" }>,
  rule: ModelRule,
): void {
  const conflict = world.conflicts.get(rule.field);
  if (!conflict || (world.isBoxBroken && rule.path.length > 1)) return;
  if (heldBy(world, rule, "local") !== conflict.local) return;
  const raw = rule.kind.values[command.value % rule.kind.values.length];
  const chosen =
    command.resolution === "set"
      ? { resolution: command.resolution, value: raw === undefined ? null : String(raw) }
      : { resolution: command.resolution };
  const judged = { ...conflict, localProblem: problemOf(world, rule, "local") };
  const resolved = resolveField(rule, judged, chosen);
  if ("problem" in resolved) return;
  const isAgainstLocal = command.resolution === "keep_hubspot";
  decideAgainst(world, rule, isAgainstLocal ? conflict.local : conflict.hubspot);
  world.base = movedBase(world.base, rule.field, resolved.base);
  if (resolved.write !== undefined) writeLocal(world, rule, resolved.write);
  trackOf(world, rule).causes += 1;
  world.conflicts.delete(rule.field);
}

function changePolicy(
  world: World,
  { direction, strategy, clears }: Extract<Command, { kind: "policy" }>,
  changed: ModelRule,
): void {
  // The field map refuses to push through a conversion without an inverse.
  if (changed.transform === "uppercase") return;
  trackOf(world, changed).causes += 1;
  world.conflicts.delete(changed.field);
  world.rules = world.rules.map((rule) =>
    rule === changed ? { ...rule, direction, strategy, clears } : rule,
  );
}

/** Without a base an empty side is not an emptied one. */
function forget(world: World, rule: ModelRule): void {
  const track = trackOf(world, rule);
  const kept = Object.entries(world.base).filter(
    ([key]) => key !== rule.field && !key.startsWith(`${rule.field}@`),
  );
  world.base = Object.fromEntries(kept);
  world.conflicts.delete(rule.field);
  track.agreed = null;
  track.decided = null;
  track.causes += 1;
  if (track.pending.local === null) delete track.pending.local;
  if (track.pending.remote === null) delete track.pending.remote;
}
