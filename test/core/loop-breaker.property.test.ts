/** The loop breaker's laws: what one side does alone never trips it, what two do against each other always does, and a decision starts anew. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isLoop,
  LOOP_WINDOW_MS,
  type LoggedMove,
  loopHistory,
  mayFlip,
} from "../../mcp-server/src/core/loop-breaker.ts";
import type { FieldDecision } from "../../mcp-server/src/core/merge.ts";
import type { PlannedField } from "../../mcp-server/src/core/plan.ts";
import { ruleOf } from "./model/rule.ts";

const START = Date.UTC(2026, 5, 1);
const iso = (ms: number): string => new Date(ms).toISOString();

interface Move {
  readonly way: "push" | "pull";
  readonly isUndoing: boolean;
  /** Milliseconds since the move before. */
  readonly gap: number;
}

const move: fc.Arbitrary<Move> = fc.record({
  way: fc.constantFrom("push", "pull"),
  isUndoing: fc.boolean(),
  gap: fc.integer({ min: 1, max: 20 * 60_000 }),
});
const limits = fc.integer({ min: 1, max: 8 });

function decisionOf({ way, isUndoing }: Pick<Move, "way" | "isUndoing">): FieldDecision {
  return { kind: way, rule: "a rule", value: "new", ...(isUndoing ? { lost: "theirs" } : {}) };
}

function loggedOf({ way, isUndoing }: Pick<Move, "way" | "isUndoing">, at: number): LoggedMove {
  const line = { field: "field", before: "theirs", after: "new", rule: "a rule" };
  return {
    action: way === "push" ? "update" : "pull",
    at: iso(at),
    line: isUndoing ? { ...line, lost: "theirs" } : line,
  };
}

function within(logged: readonly LoggedMove[], now: number): readonly LoggedMove[] {
  return logged.filter(({ at }) => at >= iso(now - LOOP_WINDOW_MS));
}

/** What is written when every move is asked for and the breaker has its say. */
function written(moves: readonly Move[], limit: number): readonly (Move & { at: number })[] {
  const done: (Move & { at: number })[] = [];
  let now = START;
  for (const wanted of moves) {
    now += wanted.gap;
    const logged = within(
      done.map((each) => loggedOf(each, each.at)),
      now,
    );
    if (!isLoop(decisionOf(wanted), logged, limit)) done.push({ ...wanted, at: now });
  }
  return done;
}

function countFlips(moves: readonly Move[]): number {
  return moves.filter((each, index) => {
    const before = moves[index - 1];
    return each.isUndoing || (before !== undefined && before.way !== each.way);
  }).length;
}

describe("the breaker", () => {
  test("never stops what only one side moves, however often", () => {
    fc.assert(
      fc.property(fc.array(move), fc.constantFrom("push", "pull"), limits, (moves, way, limit) => {
        const oneSided = moves.map((each) => ({ ...each, way, isUndoing: false }) as const);

        expect(written(oneSided, limit)).toHaveLength(moves.length);
      }),
    );
  });

  test("lets no field flip more often within any hour than it may", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), limits, (moves, limit) => {
        const done = written(moves, limit);

        for (const { at } of done) {
          const hour = done.filter((each) => each.at <= at && each.at >= at - LOOP_WINDOW_MS);
          expect(countFlips(hour)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  test("stops nothing before that", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), limits, (moves, limit) => {
        fc.pre(countFlips(moves) <= limit);

        expect(written(moves, limit)).toHaveLength(moves.length);
      }),
    );
  });

  test("is off at zero", () => {
    fc.assert(
      fc.property(fc.array(move), (moves) => {
        expect(written(moves, 0)).toHaveLength(moves.length);
      }),
    );
  });

  test("counts anew from a person's decision", () => {
    fc.assert(
      fc.property(fc.array(move), move, limits, (before, next, limit) => {
        const resolved: LoggedMove = {
          action: "resolve",
          at: iso(START),
          line: { field: "field", before: "a", after: "b", rule: "keep_local by ada" },
        };
        const logged = [...before.map((each) => loggedOf(each, START)), resolved];

        expect(isLoop(decisionOf(next), logged, limit)).toBe(false);
      }),
    );
  });

  test("asks nothing about first agreements and what only one side may move", () => {
    const field = (direction: "BIDIRECTIONAL" | "WARP_TO_HUBSPOT", lost: boolean): PlannedField =>
      plannedOf({ way: "push", isUndoing: lost }, ruleOf({ direction }));

    expect(mayFlip(field("BIDIRECTIONAL", true), {})).toBe(false);
    expect(mayFlip(field("BIDIRECTIONAL", false), { field: null })).toBe(true);
    expect(mayFlip(field("WARP_TO_HUBSPOT", false), { field: null })).toBe(false);
    expect(mayFlip(field("WARP_TO_HUBSPOT", true), { field: null })).toBe(true);
  });
});

function plannedOf(planned: Pick<Move, "way" | "isUndoing">, rule = ruleOf()): PlannedField {
  return {
    rule,
    decision: decisionOf(planned),
    local: "ours now",
    remote: "theirs now",
    sent: null,
    localAt: { at: iso(START + 5), by: "sql" },
    remoteAt: { at: iso(START + 6), by: "CRM_UI (user 17)" },
  };
}

describe("the history", () => {
  test("holds the last ten values at most, the one that was stopped at the end", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 20 }), move, (moves, next) => {
        const logged = moves.map((each, index) => loggedOf(each, START + index));

        const history = loopHistory(plannedOf(next), logged, iso(START + 99));

        expect(history.length).toBeLessThanOrEqual(10);
        expect(history.at(-1)).toMatchObject(
          next.way === "push"
            ? { side: "local", value: "ours now", by: "sql", at: iso(START + 99) }
            : { side: "hubspot", value: "theirs now", by: "CRM_UI (user 17)" },
        );
        const known = ["new", "theirs", "ours now", "theirs now"];
        expect(history.filter(({ value }) => !known.includes(value ?? ""))).toEqual([]);
      }),
    );
  });

  test("tells what gave way before what was written over it, with the times and people that the log knows", () => {
    const logged: LoggedMove = {
      action: "update",
      at: iso(START + 2),
      line: {
        field: "field",
        before: "theirs",
        after: "ours",
        rule: "LATEST_WINS: local is newer",
        lost: "theirs",
        local_at: iso(START + 1),
        local_by: "sql",
        hubspot_at: iso(START),
      },
    };

    expect(
      loopHistory(plannedOf({ way: "pull", isUndoing: true }), [logged], iso(START + 9)),
    ).toEqual([
      { at: iso(START), side: "hubspot", value: "theirs", by: null },
      { at: iso(START + 2), side: "local", value: "ours", by: "sql" },
      { at: iso(START + 5), side: "local", value: "ours now", by: "sql" },
      { at: iso(START + 9), side: "hubspot", value: "theirs now", by: "CRM_UI (user 17)" },
    ]);
  });

  test("keeps only the beginnings of long values, and whole characters of them", () => {
    const long = {
      ...plannedOf({ way: "push", isUndoing: false }),
      local: `${"x".repeat(499)}😀x`,
    };

    const [entry] = loopHistory(long, [], iso(START));

    expect(entry?.value).toBe(`${"x".repeat(499)}…`);
  });
});
