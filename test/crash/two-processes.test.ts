/** Two processes on one database that do everything at once, also with clocks that are minutes apart: nothing is lost and nothing made twice. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { rowsOf } from "../support/crash-rig.ts";
import { differences } from "../support/crash-state.ts";
import { calmRun } from "./deaths.ts";
import { Lane } from "./lane.ts";
import { seed, some } from "./sampling.ts";
import type { Scenario } from "./scenario.ts";
import { chain, hearing, importing, reconciling, syncing } from "./scenarios.ts";
import { looseEnds, worldState } from "./world-state.ts";

// Far more than an idle machine needs.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

const FIVE_MINUTES_MS = 5 * 60_000;

let lane: Lane;
beforeAll(async () => {
  lane = await Lane.open();
});
afterAll(() => lane.close());

for (const scenario of [importing, syncing, chain, reconciling])
  for (const aheadMs of some([0, FIVE_MINUTES_MS, -FIVE_MINUTES_MS]))
    test(`${scenario.name}: asked for in two processes, whose clocks are ${aheadMs / 60_000} minutes apart (CRASH_SEED=${seed})`, async () => {
      const calm = await calmRun(lane, scenario);
      const player = await lane.begin(scenario);
      const other = lane.beside(scenario);

      await Promise.all([player.live({}), other.live({ CRASH_CLOCK_MS: String(aheadMs) })]);
      player.close();
      other.close();

      expect(differences(comparable(scenario), onceOnly(calm.state))).toEqual([]);
      expect(looseEnds(lane.world)).toEqual([]);
    });

test("notifications taken by one process, and another one beside it that looks as well", async () => {
  const calm = await calmRun(lane, hearing);
  const player = await lane.begin(hearing);
  const other = lane.beside({ ...hearing, name: "other" });

  await Promise.all([player.live({}), other.live({})]);
  player.close();
  other.close();

  expect(player.lost()).toEqual([]);
  expect(differences(comparable(hearing), onceOnly(calm.state))).toEqual([]);
  expect(looseEnds(lane.world)).toEqual([]);
});

/** Both imports tell of each row that they could not take; once is what one of them tells. */
function comparable(scenario: Scenario): unknown {
  const state = onceOnly(worldState(lane.world));
  const imports = rowsOf(lane.world.file, "select 1 from jobs where kind = 'import'").length;
  if (scenario === importing) expect(imports).toBe(2);
  return state;
}

function onceOnly(state: unknown): unknown {
  const { rejects, ...rest } = state as { rejects: readonly object[] };
  return { ...rest, rejects: [...new Set(rejects.map((row) => JSON.stringify(row)))] };
}
