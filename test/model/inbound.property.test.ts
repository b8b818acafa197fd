/**
 * The whole program while HubSpot speaks: people edit on both sides, merge, delete and erase; notifications are late, doubled, mixed and lost; polls,
 * looks, reconciliations and crashes come between, in any order. fast-check prints the seed and the path of a failure; to replay and shrink it:
 * `FC_SEED=-123 FC_PATH=4 npx vitest run test/model/inbound -t "<its name>"`. `MODEL_RUNS=300` runs more.
 */
import assert from "node:assert/strict";
import { inspect, isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { test } from "vitest";
import {
  anything,
  chaos,
  commutative,
  type InboundCommand,
  pollable,
  settings,
} from "./inbound-commands.ts";
import { play } from "./inbound-play.ts";
import { rulesOf } from "./world.ts";

const { FC_SEED, FC_PATH, MODEL_RUNS = "12" } = process.env;
const RUNS = Number(MODEL_RUNS);

// Shrinking takes hundreds of runs: only who replays a failure waits for it.
const limits = { endOnFailure: FC_PATH === undefined };
const replay = {
  ...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
  ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
};
const timeout = 60_000 + RUNS * 20_000;

test(
  "both sides come to agree and nothing is lost or brought back, however late HubSpot's notifications are",
  { timeout },
  () =>
    fc.assert(
      fc.asyncProperty(settings, anything, async (given, commands) => {
        await play({ settings: given, commands, hearing: "notified" });
      }),
      { numRuns: RUNS, ...limits, ...replay },
    ),
);

test(
  "both sides come to agree and nothing is lost or brought back, when what was not heard of is reconciled",
  { timeout },
  () =>
    fc.assert(
      fc.asyncProperty(settings, anything, async (given, commands) => {
        await play({ settings: given, commands, hearing: "reconciled" });
      }),
      { numRuns: RUNS, ...limits, ...replay },
    ),
);

test("polls alone bring every edit, however much search lags", { timeout }, () =>
  fc.assert(
    fc.asyncProperty(settings, pollable, async (given, commands) => {
      const lagging = { ...given, restoreBumps: true, searchLagMs: 45_000 };
      await play({ settings: lagging, commands, hearing: "polled" });
    }),
    { numRuns: RUNS, ...limits, ...replay },
  ),
);

test(
  "the same edits end in the same state, whenever and in whatever order they are heard of",
  { timeout },
  () =>
    fc.assert(
      fc.asyncProperty(settings, commutative, chaos, chaos, async (given, edits, ...also) => {
        const commands = edits.filter(commutes);
        const [first, second] = [
          await play({ settings: given, commands, also: also[0], hearing: "notified" }),
          await play({ settings: given, commands, also: also[1], hearing: "reconciled" }),
        ];
        const ends = [first.state["local"], second.state["local"]];
        const told = inspect([ends, given, first.story, second.story], whole);
        assert.ok(isDeepStrictEqual(ends[0], ends[1]), told);
      }),
      { numRuns: Math.ceil(RUNS / 2), ...limits, ...replay },
    ),
);

const whole = { depth: 8, breakLength: 160, maxArrayLength: 1_000 } as const;

/** Where the latest value wins it does not matter when the other side hears of it. */
function commutes(command: InboundCommand): boolean {
  if (command.kind !== "edit") return true;
  const rules = rulesOf(command.object);
  const { field, direction, strategy } = rules[command.field % rules.length] ?? {};
  const isText = field === "first_name" || field === "nick" || field === "company_name";
  return direction === "BIDIRECTIONAL" && strategy === "LATEST_WINS" && isText;
}

test("the same history leaves the same trace", { timeout }, () =>
  fc.assert(
    fc.asyncProperty(settings, anything, async (given, history) => {
      // Two processes at once take turns as the machine has it.
      const commands = history.filter((one) => !(one.kind === "live" && one.isBeside));
      const once = await play({ settings: given, commands, hearing: "notified" });
      const again = await play({ settings: given, commands, hearing: "notified" });
      assert.deepEqual(again, once);
    }),
    { numRuns: Math.ceil(RUNS / 4), ...limits, ...replay },
  ),
);
