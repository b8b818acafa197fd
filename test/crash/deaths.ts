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
  /** Whether it took another sync, which no process had been asked for, until all was as it should be. */
  readonly isLate: boolean;
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
    const { isLate, unlike } = await unlikeIn(lane, scenario, calm);
    return { point, died, isLate, problems: [...problemsIn(lane, player), ...unlike] };
  } catch (thrown) {
    return { point, died: true, isLate: false, problems: [String(thrown)] };
  } finally {
    player.close();
  }
}

/**
 * What was left otherwise than in peace. A sync that is taken up meets what its dead owner had sent as news of HubSpot's, and may leave a record that a look
 * is at to the next sync: of two cycles everything is expected, of one that nothing is lost.
 */
export async function unlikeIn(
  lane: Lane,
  scenario: Scenario,
  calm: Calm,
): Promise<{ readonly isLate: boolean; readonly unlike: readonly string[] }> {
  const first = differences(worldState(lane.world), calm.state);
  if (first.length === 0 || scenario.ask?.kind !== "sync") return { isLate: false, unlike: first };
  const next = lane.beside(scenario);
  await next.live({});
  next.close();
  return { isLate: true, unlike: differences(worldState(lane.world), calm.state) };
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
