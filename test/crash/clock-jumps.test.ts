/** The wall clock jumps by five minutes in the middle of the work, or HubSpot's is that far from ours: it all ends the same. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { differences } from "../support/crash-state.ts";
import { calmRun, kindOf, problemsIn } from "./deaths.ts";
import { Lane } from "./lane.ts";
import { oneOf, seed, some } from "./sampling.ts";
import type { Scenario } from "./scenario.ts";
import { chain, hearing, reconciling, syncing } from "./scenarios.ts";
import { worldState } from "./world-state.ts";

// Far more than an idle machine needs.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

const FIVE_MINUTES_MS = 5 * 60_000;

let lane: Lane;
beforeAll(async () => {
  lane = await Lane.open();
});
afterAll(() => lane.close());

const isSyncAsked = ({ ask }: Scenario): boolean => ask?.kind === "sync";
const unasked = ({ ask: _ask, ...rest }: Scenario): Scenario => rest;

const scenarios: readonly Scenario[] = [syncing, chain, hearing, reconciling];

for (const scenario of scenarios)
  for (const jumpMs of some([FIVE_MINUTES_MS, -FIVE_MINUTES_MS]))
    test(`${scenario.name}: our clock jumps by ${jumpMs / 60_000} minutes at work (CRASH_SEED=${seed})`, async () => {
      const calm = await calmRun(lane, scenario);
      const [point = ""] = oneOf(calm.points.filter((one) => kindOf(one) === "after commit"));
      const player = await lane.begin(scenario);

      await player.live({ CRASH_AT: point, CRASH_HOW: String(jumpMs) });
      player.close();
      // Some minutes after the clock was put right: what it had put off is due, and who asked for a sync asks once more.
      const heir = lane.beside(isSyncAsked(scenario) ? scenario : unasked(scenario));
      heir.letWaitsRunOut();
      await heir.live({});
      heir.close();

      expect({ point, problems: problemsIn(lane, player) }).toEqual({ point, problems: [] });
      expect({ point, unlike: differences(worldState(lane.world), calm.state) }).toEqual({
        point,
        unlike: [],
      });
    });

for (const scenario of scenarios)
  for (const skewMs of some([FIVE_MINUTES_MS, -FIVE_MINUTES_MS]))
    test(`${scenario.name}: HubSpot's clock is ${skewMs / 60_000} minutes from ours (CRASH_SEED=${seed})`, async () => {
      const calm = await calmRun(lane, scenario);
      const player = await lane.begin(scenario);

      lane.setSkew(skewMs);
      await player.live({});
      lane.setSkew(0);
      player.close();

      expect(problemsIn(lane, player)).toEqual([]);
      expect(differences(worldState(lane.world), calm.state)).toEqual([]);
    });
