/** Has processes die at points of a scenario, each from the same start, and tells what came of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { differences } from "../support/crash-state.ts";
import type { Lane } from "./lane.ts";
import type { Player } from "./player.ts";
import type { Scenario } from "./scenario.ts";
import { looseEnds, worldState } from "./world-state.ts";

/** A run in which nobody died. */
export interface Calm {
  /** Where a process may die, in the order of this run. */
  readonly points: readonly string[];
  readonly state: unknown;
}

/** What came of a death. */
export interface Outcome {
  readonly point: string;
  /** False when this run never came by the point. */
  readonly died: boolean;
  /** What the heirs left otherwise than an undisturbed process does. */
  readonly problems: readonly string[];
}

const calmRuns = new Map<Scenario, Promise<Calm>>();

/** Runs a scenario undisturbed, once. Throws when that alone leaves anything undone. */
export function calmRun(lane: Lane, scenario: Scenario): Promise<Calm> {
  const known = calmRuns.get(scenario) ?? runCalmly(lane, scenario);
  calmRuns.set(scenario, known);
  return known;
}

async function runCalmly(lane: Lane, scenario: Scenario): Promise<Calm> {
  const player = await lane.begin(scenario);
  const trace = join(lane.world.folder, `${scenario.name}.trace`);
  await player.live({ CRASH_TRACE: trace });
  const problems = problemsIn(lane, player);
  player.close();
  if (problems.length > 0)
    throw new Error(`"${scenario.name}" in peace:\n${problems.join("\n")}\n${player.words()}`);
  const points = readFileSync(trace, "utf8").split("\n").filter(Boolean);
  return { points, state: worldState(lane.world) };
}

/** Runs it with a process that dies at a point, and an heir that does not. */
export async function deathAt(
  lane: Lane,
  { scenario, point, calm }: { scenario: Scenario; point: string; calm: Calm },
): Promise<Outcome> {
  const player = await lane.begin(scenario);
  try {
    const died = await player.live({ CRASH_AT: point });
    if (died) {
      player.letLeasesRunOut();
      await player.live({});
    }
    const problems = [
      ...problemsIn(lane, player),
      ...differences(worldState(lane.world), calm.state),
    ];
    return { point, died, problems };
  } catch (thrown) {
    return { point, died: true, problems: [String(thrown)] };
  } finally {
    player.close();
  }
}

/** What no run may leave, however often somebody died in it. */
export function problemsIn({ world }: Lane, player: Player): readonly string[] {
  const alarms = player
    .words()
    .split("\n")
    .filter((line) => /"level":[56]0/u.test(line));
  return [
    ...alarms.map((line) => `alarm: ${line}`),
    ...player.lost().map((one) => `lost: ${JSON.stringify(one)}`),
    ...looseEnds(world).map((row) => `left open: ${JSON.stringify(row)}`),
  ];
}

/** The kind of a point: what all like it have in common, whatever they touch. */
export function kindOf(point: string): string {
  return point.split(" ").slice(0, 2).join(" ");
}
