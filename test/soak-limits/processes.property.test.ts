/** Laws of the shared limiter, over any number of processes, latencies, deaths and jumping clocks. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { hubspotLimits, type Lane, type Priority } from "../../mcp-server/src/core/limit-plan.ts";
import type { RateHints } from "../../mcp-server/src/hubspot/limiter.ts";
import { type Arrive, Fleet, mostInAnyWindow } from "./fleet.ts";
import { VirtualTime } from "./virtual-time.ts";

const REQUEST_MS = 8_000;
const WINDOW_MS = 10_000;
const SILENT: RateHints = { max: null, remaining: null, dailyRemaining: null };

/** Numbers from a list, over and over. */
function endless<T>(list: readonly T[]): () => T {
  let index = 0;
  return () => {
    index += 1;
    return list[index % list.length]!;
  };
}

type Reply = ReturnType<Arrive>;

const lane = fc.constantFrom<Lane>("objects", "objects", "search", "associations");
const priority = fc.constantFrom<Priority>("interactive", "backfill");
const processes = fc.array(
  fc.record({
    startsAt: fc.integer({ min: 0, max: 20_000 }),
    ahead: fc.constantFrom(0, 0, 300_000, -300_000),
    jumps: fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 30_000 }),
        by: fc.constantFrom(300_000, -300_000),
      }),
      { maxLength: 2 },
    ),
    diesAt: fc.option(fc.integer({ min: 0, max: 30_000 })),
    work: fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 25_000 }),
        count: fc.integer({ min: 1, max: 25 }),
        lane,
        priority,
      }),
      { minLength: 1, maxLength: 5 },
    ),
  }),
  { minLength: 1, maxLength: 4 },
);
const travelUpTo = (max: number) =>
  fc.array(fc.tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max })), {
    minLength: 1,
    maxLength: 50,
  });
// Fast answers leave no slack in the windows, slow ones leave requests behind of those that die.
const travels = fc.oneof(travelUpTo(20), travelUpTo(REQUEST_MS / 2));
/** How HubSpot answers, one request after the other: mostly as if we were alone. */
const answers = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constant<Reply>({ hints: SILENT }) },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: 0, max: 30 })
        .map((remaining): Reply => ({ hints: { max: 30, remaining, dailyRemaining: null } })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(0, 1_000, 10_000, 200_000)
        .map((pauseMs): Reply => ({ hints: SILENT, refused: { pauseMs } })),
    },
  ),
  { minLength: 1, maxLength: 40 },
);
const bookDelays = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 })),
  { minLength: 1, maxLength: 20 },
);

interface Scenario {
  readonly limit: number;
  readonly processes: typeof processes extends fc.Arbitrary<infer T> ? T : never;
  readonly answers: readonly Reply[];
  readonly travels: readonly (readonly [number, number])[];
  readonly bookDelays: readonly (readonly [number, number])[];
}

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  // Above 200 slots come in blocks.
  limit: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constantFrom(60, 250, 400)),
  processes,
  answers,
  travels,
  bookDelays,
});

/** Plays a scenario to its end. @returns what arrived, and how many requests of living processes have no answer */
async function play(scenario: Scenario) {
  const time = new VirtualTime();
  const plan = hubspotLimits({
    burstLimit: scenario.limit,
    requestMs: REQUEST_MS,
    dailyReserve: 0,
  });
  const fleet = new Fleet({
    time,
    plan,
    arrive: endless(scenario.answers),
    travel: endless(scenario.travels),
    bookDelay: endless(scenario.bookDelays),
  });
  let open = 0;
  for (const one of scenario.processes) {
    time.after(one.startsAt, () => {
      const process = fleet.start(one.ahead);
      for (const { at, by } of one.jumps) time.after(at, () => process.clock.jump(by));
      if (one.diesAt !== null) time.after(one.diesAt, () => process.kill());
      for (const work of one.work) {
        time.after(work.at, () => {
          for (let index = 0; index < work.count; index += 1) {
            if (one.diesAt === null) open += 1;
            void process.request(work.lane, work.priority).then(() => {
              if (one.diesAt === null) open -= 1;
            });
          }
        });
      }
    });
  }
  await time.run();
  return { sent: fleet.sent, open, plan };
}

test("HubSpot never counts more than a limit in any window, whatever the processes, deaths and clocks", async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const { sent, open, plan } = await play(scenario);

      const arrivals = (lanes: readonly Lane[]) =>
        sent.filter((one) => lanes.includes(one.lane)).map(({ arrivedAt }) => arrivedAt);
      expect(mostInAnyWindow(arrivals(["objects", "associations"]), WINDOW_MS)).toBeLessThanOrEqual(
        plan.windows.burst.limit,
      );
      expect(mostInAnyWindow(arrivals(["search"]), 1_000)).toBeLessThanOrEqual(5);
      expect(mostInAnyWindow(arrivals(["associations"]), WINDOW_MS)).toBeLessThanOrEqual(100);
      expect(open).toBe(0);
    }),
    { numRuns: 60 },
  );
}, 120_000);
