/** The limiter's lanes and order, on a clock that the test moves. */
import { describe, expect, test } from "vitest";
import { hubspotLimits } from "../../mcp-server/src/core/limit-plan.ts";
import {
  type Lane,
  Limiter,
  type Permit,
  type Priority,
  type RateHints,
} from "../../mcp-server/src/hubspot/limiter.ts";
import { manualClock, settle } from "./manual-clock.ts";

const NOTHING: RateHints = { max: null, remaining: null, dailyRemaining: null };

function openLimiter(burstLimit = 100) {
  const clock = manualClock();
  const plan = hubspotLimits({ burstLimit, requestMs: 30_000, dailyReserve: 0 });
  const limiter = new Limiter({ clock, plan });
  const granted: { name: string; permit: Permit }[] = [];
  const refused: unknown[] = [];
  const ask = (name: string, lane: Lane = "objects", priority: Priority = "backfill") => {
    limiter.acquire(lane, priority).then(
      (permit) => granted.push({ name, permit }),
      (error) => refused.push(error),
    );
  };
  const finish = async (hints: RateHints = NOTHING) => {
    granted.splice(0).map(({ permit }) => permit.release(hints));
    await settle();
  };
  return { clock, limiter, granted, refused, ask, finish };
}

/** Grants and finishes everything that can go now. @returns how many went */
async function drain(world: ReturnType<typeof openLimiter>, hints?: RateHints): Promise<number> {
  let count = 0;
  await settle();
  while (world.granted.length > 0) {
    count += world.granted.length;
    await world.finish(hints);
  }
  return count;
}

/** As `drain`, while time passes in small steps. */
async function drainFor(world: ReturnType<typeof openLimiter>, ms: number): Promise<number> {
  let count = 0;
  for (let passed = 0; passed < ms; passed += 50) {
    count += await drain(world);
    await world.clock.advance(50);
  }
  return count;
}

describe("limits", () => {
  test("98 of 100 slots per ten seconds go to backfill, all 100 to interactive work", async () => {
    const world = openLimiter();
    for (let index = 0; index < 120; index += 1) world.ask(`b${index}`);

    expect(await drain(world)).toBe(98);
    world.ask("i1", "objects", "interactive");
    world.ask("i2", "objects", "interactive");
    world.ask("i3", "objects", "interactive");
    expect(await drain(world)).toBe(2);
    await world.clock.advance(10_100);
    expect(await drain(world)).toBeGreaterThan(1);
  });

  test("while calls come, backfill goes evenly over the window and leaves 12 slots", async () => {
    const world = openLimiter();
    world.ask("i", "objects", "interactive");
    await drain(world);
    for (let index = 0; index < 120; index += 1) world.ask(`b${index}`);

    const seconds: number[] = [];
    for (let second = 0; second < 9; second += 1) seconds.push(await drainFor(world, 1_000));

    expect(Math.max(...seconds)).toBeLessThanOrEqual(15);
    expect(seconds.reduce((sum, count) => sum + count)).toBe(100 - 12 - 1);
    // A minute without calls later it is in nobody's way.
    await drainFor(world, 61_000);
    for (let index = 0; index < 120; index += 1) world.ask(`c${index}`);
    expect(await drain(world)).toBe(98);
  });

  test("no more than ten of the backfill fly at once, and two more for interactive work", async () => {
    const world = openLimiter();
    for (let index = 0; index < 20; index += 1) world.ask(`b${index}`);
    for (let index = 0; index < 20; index += 1) world.ask(`i${index}`, "objects", "interactive");
    await settle();

    expect(world.granted).toHaveLength(12);
    expect(world.limiter.inFlight).toBe(12);
  });

  test("search goes five a second and neither waits for the burst nor counts in it", async () => {
    const world = openLimiter(2);
    world.ask("o1", "objects", "interactive");
    world.ask("o2", "objects", "interactive");
    for (let index = 0; index < 12; index += 1) world.ask(`s${index}`, "search");

    expect(await drain(world)).toBe(2 + 5);
    await world.clock.advance(1_050);
    expect(await drain(world)).toBe(5);
    await world.clock.advance(1_050);
    expect(await drain(world)).toBe(2);
  });

  test("associations take a slot of the burst as well", async () => {
    const world = openLimiter(3);
    world.ask("a1", "associations");
    world.ask("a2", "associations");
    world.ask("o1");
    world.ask("o2");

    expect(await drain(world)).toBe(3);
  });

  test("a pause holds its lane only", async () => {
    const world = openLimiter();
    world.limiter.refused("search", 1_000);
    world.ask("s", "search");
    world.ask("o");

    expect(await drain(world)).toBe(1);
    await world.clock.advance(1_000);
    expect(await drain(world)).toBe(1);
  });

  test("requests of another process on the same token are given room", async () => {
    const world = openLimiter();
    world.ask("first");
    await settle();
    await world.finish({ max: 100, remaining: 40, dailyRemaining: null });
    for (let index = 0; index < 100; index += 1) world.ask(`b${index}`);

    // Theirs, what they may send between two answers, what is kept for interactive work, and the first one.
    expect(await drainFor(world, 9_900)).toBe(100 - 59 - 12 - 2 - 1);
  });
});

test("after a silence in a busy window one request finds out what others sent meanwhile", async () => {
  const world = openLimiter();
  for (let index = 0; index < 150; index += 1) world.ask(`b${index}`);
  await settle();
  while (world.granted.length > 0) await world.finish({ ...NOTHING, max: 100, remaining: 100 });
  // Half of the slots come free later.
  await world.clock.advance(5_000);
  world.ask("late", "objects", "interactive");
  await settle();
  expect(world.granted.map(({ name }) => name)).toEqual(["late"]);
  await world.finish();
  world.ask("later", "objects", "interactive");
  await settle();
  expect(world.granted).toEqual([]);

  await world.clock.advance(501);
  expect(world.granted.map(({ name }) => name)).toEqual(["later"]);
  await world.finish({ ...NOTHING, max: 100, remaining: 2 });
  await world.clock.advance(4_600);
  expect(world.granted.length).toBeGreaterThan(1);
});

describe("order", () => {
  /** Names in the order of their permits, each finished as soon as it is granted. */
  async function order(world: ReturnType<typeof openLimiter>): Promise<string> {
    const names: string[] = [];
    await settle();
    while (world.granted.length > 0) {
      const [next] = world.granted.splice(0, 1);
      names.push(next!.name);
      next!.permit.release(NOTHING);
      await settle();
    }
    return names.join("");
  }

  test("interactive work goes first, but while both wait every fifth permit is the backfill's", async () => {
    const world = openLimiter();
    // Fills what may fly, so that the others have to queue.
    for (let index = 0; index < 12; index += 1) world.ask("e", "objects", "interactive");
    await settle();
    const early = world.granted.splice(0);
    for (let index = 0; index < 20; index += 1) world.ask("b");
    for (let index = 0; index < 20; index += 1) world.ask("i", "objects", "interactive");
    for (const { permit } of early) permit.release(NOTHING);

    let names = "";
    for (let step = 0; step < 60; step += 1) {
      names += await order(world);
      await world.clock.advance(100);
    }

    expect(names).toMatch(/^i{0,4}(bi{4}){2}b?i+b+$/);
    expect(names).toHaveLength(40);
  });

  test("interactive work that uses up the whole burst does not stop the backfill", async () => {
    const world = openLimiter(100);
    // A window used evenly, so that later its slots come free one at a time: less than what backfill leaves to others.
    for (let index = 0; index < 100; index += 1) {
      world.ask("e", "objects", "interactive");
      await drain(world);
      await world.clock.advance(50);
    }
    for (let index = 0; index < 100; index += 1) world.ask("i", "objects", "interactive");
    for (let index = 0; index < 100; index += 1) world.ask("b");
    let names = "";
    await world.clock.advance(5_000);
    for (let step = 0; step < 100; step += 1) {
      names += await order(world);
      await world.clock.advance(50);
    }

    expect(names.length).toBeGreaterThanOrEqual(95);
    expect(names.replaceAll("i", "").length).toBeGreaterThanOrEqual(19);
  });

  test("lanes take turns by arrival", async () => {
    const world = openLimiter(1);
    world.ask("e", "objects", "interactive");
    await settle();
    world.ask("a", "associations");
    world.ask("o", "objects");
    await world.finish();
    await world.clock.advance(10_100);

    expect(await order(world)).toBe("a");
  });

  test("somebody who stops waiting leaves the queue", async () => {
    const world = openLimiter(1);
    world.ask("first", "objects", "interactive");
    await settle();
    const stop = new AbortController();
    const waiting = world.limiter.acquire("objects", "interactive", stop.signal);
    world.ask("third", "objects", "interactive");

    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await world.finish();
    await world.clock.advance(10_100);

    expect(world.granted.map(({ name }) => name)).toEqual(["third"]);
  });
});

describe("the day", () => {
  test("when nothing is left, everybody is told at once, and later it is tried again", async () => {
    const world = openLimiter();
    world.ask("first");
    await settle();
    await world.finish({ max: null, remaining: null, dailyRemaining: 0 });
    world.ask("second");
    world.ask("third", "search", "interactive");
    await settle();

    expect(world.granted).toEqual([]);
    expect(world.refused).toMatchObject([
      { kind: "rate-limited", code: "DAILY_LIMIT", retryAfterMs: 900_000 },
      { kind: "rate-limited", code: "DAILY_LIMIT" },
    ]);
    await world.clock.advance(900_001);
    world.ask("fourth");
    await settle();
    expect(world.granted.map(({ name }) => name)).toEqual(["fourth"]);
  });

  test("no more fly than the day has left", async () => {
    const world = openLimiter();
    world.ask("first");
    await settle();
    await world.finish({ max: null, remaining: null, dailyRemaining: 3 });
    for (let index = 0; index < 8; index += 1) world.ask(`b${index}`);
    await settle();

    expect(world.granted).toHaveLength(3);
    await world.finish({ max: null, remaining: null, dailyRemaining: 0 });
    expect(world.refused).toHaveLength(5);
  });
});
