/** A field of which two sides make different things, whatever its direction and rule: k edits cause a bounded number of writes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FieldRule } from "../../mcp-server/src/core/field-map.ts";
import { isLoop, type LoggedMove, mayFlip } from "../../mcp-server/src/core/loop-breaker.ts";
import { directions, strategies } from "../../mcp-server/src/core/merge.ts";
import {
  acknowledgedBase,
  conflictKey,
  type PlannedField,
  planRecord,
  type RecordPlan,
} from "../../mcp-server/src/core/plan.ts";
import { movedBase, resolveField } from "../../mcp-server/src/core/resolution.ts";
import { logLines } from "../../mcp-server/src/core/sync-log-rows.ts";
import type { CanonicalValue } from "../../mcp-server/src/core/value-types.ts";
import { ruleOf } from "./model/rule.ts";

const LIMIT = 5;
const values = ["a", "b", "c", "d"];

/** Both sides of one field within an hour, with who answers whom. */
interface World {
  readonly rule: FieldRule;
  local: CanonicalValue;
  remote: CanonicalValue;
  base: Readonly<Record<string, CanonicalValue>>;
  tick: number;
  localTick: number;
  remoteTick: number;
  readonly logged: LoggedMove[];
  writes: number;
}

const at = (tick: number): string => new Date(Date.UTC(2026, 5, 1) + tick * 1_000).toISOString();

function edit(world: World, side: "local" | "remote", value: string): void {
  if (world[side] === value) return;
  world.tick += 1;
  world[side] = value;
  world[`${side}Tick`] = world.tick;
}

function planOf(world: World, loops: ReadonlyMap<string, unknown>): RecordPlan {
  const view = {
    local: { field: world.local },
    remote: { property: world.remote },
    base: world.base,
    localAt: () => ({ at: at(world.localTick), by: "sql" }),
    remoteAt: { property: { at: at(world.remoteTick), by: null } },
    loops,
  };
  return planRecord([world.rule], view, "both");
}

function isStopped(world: World, field: PlannedField): boolean {
  return mayFlip(field, world.base) && isLoop(field.decision, world.logged, LIMIT);
}

/** One look at the record, carried out as it was planned. */
function sync(world: World): PlannedField | undefined {
  const first = planOf(world, new Map());
  const isLooping = first.fields.some((found) => isStopped(world, found));
  const plan = isLooping ? planOf(world, new Map([["field", null]])) : first;
  const [field] = plan.fields;
  const kind = field?.decision.kind;
  if (kind === "push" || kind === "pull") carryOut(world, plan, kind);
  const notes = Object.entries(world.base).filter(([name]) => name !== conflictKey("field"));
  world.base = {
    ...Object.fromEntries(notes),
    ...acknowledgedBase(plan, { property: world.remote }),
  };
  if (field && kind === "conflict") {
    const note = JSON.stringify([
      "rule" in field.decision && field.decision.rule,
      field.local,
      field.remote,
    ]);
    world.base = { ...world.base, [conflictKey("field")]: note };
  }
  return field;
}

function carryOut(world: World, plan: RecordPlan, kind: "push" | "pull"): void {
  world.tick += 1;
  world.writes += 1;
  if (kind === "push") world.remote = plan.push["property"] || null;
  else world.local = plan.pull["field"] ?? null;
  const action = kind === "push" ? "update" : "pull";
  world.logged.push(
    ...logLines(plan.fields, kind).map((line) => ({ action, at: at(world.tick), line })),
  );
}

/** The program here and the workflow there each insist on their value before every look. */
function fight(
  world: World,
  { here, there, looks }: { here: string; there: string; looks: number },
): void {
  for (let look = 0; look < looks; look += 1) {
    edit(world, "local", here);
    edit(world, "remote", there);
    sync(world);
  }
}

const worlds: fc.Arbitrary<World> = fc
  .record({
    direction: fc.constantFrom(...directions),
    strategy: fc.constantFrom(...strategies),
    clears: fc.boolean(),
  })
  .map((policy) => ({
    rule: ruleOf(policy),
    local: "a",
    remote: "a",
    base: { field: "a" },
    tick: 0,
    localTick: 0,
    remoteTick: 0,
    logged: [],
    writes: 0,
  }));
const text = fc.constantFrom(...values);
const edits = fc.array(fc.record({ side: fc.constantFrom("local", "remote"), value: text }), {
  maxLength: 40,
});

test("k edits between two that fight all the time cause a number of writes that only grows with k", () => {
  fc.assert(
    fc.property(worlds, edits, text, text, (one, moves, here, there) => {
      fc.pre(here !== there);
      for (const move of moves) {
        edit(one, move.side, move.value);
        sync(one);
        fight(one, { here, there, looks: 10 });
      }

      // The edit itself, and the first answer to it of the side that made it, undo nothing.
      expect(one.writes).toBeLessThanOrEqual(2 * moves.length + LIMIT + 1);
    }),
  );
});

test("once frozen it is written by nobody, until both sides hold the same or a person decides", () => {
  fc.assert(
    fc.property(worlds, edits, (one, moves) => {
      let isFrozen = false;
      for (const move of moves) {
        edit(one, move.side, move.value);
        const before = one.writes;
        const field = sync(one);
        if (isFrozen && one.local !== one.remote) expect(one.writes).toBe(before);
        isFrozen = field?.decision.kind === "conflict" && field.decision.rule === "LOOP_BREAKER";
      }
    }),
  );
});

test("a decision on a frozen field is carried out by the next look and freezes nothing again", () => {
  const choices = fc.constantFrom("keep_local", "keep_hubspot");
  let decided = 0;
  fc.assert(
    fc.property(worlds, text, text, choices, (one, here, there, resolution) => {
      fight(one, { here, there, looks: 20 });
      const told = sync(one);
      if (told?.decision.rule !== "LOOP_BREAKER") return;
      const { local, remote: hubspot } = told;
      const conflict = { base: null, local, hubspot, reason: "loop" } as const;
      const done = resolveField(one.rule, conflict, { resolution });
      if ("problem" in done) {
        expect(one.rule.direction).toBe("HUBSPOT_TO_WARP");
        expect(resolution).toBe("keep_local");
        return;
      }
      decided += 1;
      one.base = movedBase(one.base, "field", done.base);
      if (done.write !== undefined) one.local = done.write;
      const line = { field: "field", before: null, after: null, rule: resolution };
      one.logged.push({ action: "resolve", at: at(one.tick), line });

      sync(one);

      expect([one.local, one.remote]).toEqual(
        resolution === "keep_local" ? [local, local] : [hubspot, hubspot],
      );
      expect(sync(one)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
  expect(decided).toBeGreaterThan(0);
});
