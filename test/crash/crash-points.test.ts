/**
 * Kills the program at every step at which it touches the world: before and after each commit, request, answer, event, file read and reply. Whoever takes
 * over must end where an undisturbed process does, here and in HubSpot, with nothing lost and nothing made twice.
 *
 * By default one point of each kind in each scenario, drawn by CRASH_SEED; CRASH_POINTS=3 draws three, CRASH_POINTS=all takes them all.
 */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Calm, calmRun, deathAt, kindOf, type Outcome } from "./deaths.ts";
import { Lane } from "./lane.ts";
import { isEverything, perKind, random, seed } from "./sampling.ts";
import { scenarios } from "./scenarios.ts";

// Far more than an idle machine needs.
vi.setConfig({
  testTimeout: isEverything ? 7_200_000 : 600_000,
  hookTimeout: 60_000,
});

const lanes: Lane[] = [];
/** Steps of all scenarios that were met, without what they touched. */
const met = new Set<string>();
beforeAll(async () => {
  // As many as a small machine has cores.
  for (const _ of [1, 2]) lanes.push(await Lane.open());
});
afterAll(async () => {
  for (const lane of lanes) await lane.close();
});

for (const scenario of scenarios)
  test(`${scenario.name}: a process may die anywhere (CRASH_SEED=${seed})`, async () => {
    const [first] = lanes;
    if (!first) throw new Error("There is no lane.");
    const calm = await calmRun(first, scenario);
    const left = drawn(calm);
    for (const point of calm.points) met.add(stepOf(point));
    const count = left.length;
    const outcomes: Outcome[] = [];

    await Promise.all(
      lanes.map(async (lane) => {
        for (let point = left.shift(); point !== undefined; point = left.shift())
          outcomes.push(await deathAt(lane, { scenario, point, calm }));
      }),
    );

    const broken = outcomes.filter(({ problems }) => problems.length > 0);
    const missed = outcomes.filter(({ died }) => !died).map(({ point }) => point);
    const late = outcomes.filter(({ isLate }) => isLate).map(({ point }) => point);
    const known = calm.points.length;
    print({ scenario: scenario.name, seed, known, tried: count, missed, late });
    expect(broken).toEqual([]);
    // Timers shift a few points; were it many, the kills would prove nothing.
    expect(missed.length).toBeLessThanOrEqual(count / 5);
    expect(late.length).toBeLessThanOrEqual(count / 5);
  });

// Were the program to read or write in a new way, the points there would be gone and nobody would miss them.
test("every way in which the program touches the world is among the points", () => {
  expect([...met]).toEqual(
    expect.arrayContaining([
      ...around("commit", "event", "file look-up", "file read", "reply", "request"),
      "on answer",
      "read answer",
    ]),
  );
});

function around(...steps: readonly string[]): readonly string[] {
  return steps.flatMap((step) => [`before ${step}`, `after ${step}`]);
}

function stepOf(point: string): string {
  return /^\w+ file \S+(?=#)/u.exec(point)?.[0] ?? kindOf(point);
}

/** So many points of each kind, in random order. */
function drawn({ points }: Calm): string[] {
  const shuffled = points
    .map((point) => ({ point, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ point }) => point);
  const taken = new Map<string, number>();
  return shuffled.filter((point) => {
    const count = (taken.get(kindOf(point)) ?? 0) + 1;
    taken.set(kindOf(point), count);
    return count <= perKind;
  });
}

function print(figures: object): void {
  process.stderr.write(`crash points: ${JSON.stringify(figures)}\n`);
}
