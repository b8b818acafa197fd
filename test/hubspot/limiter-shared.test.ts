/** Limiters of several processes on one book, on a clock that the test moves. */
import { describe, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { hubspotLimits } from "../../mcp-server/src/core/limit-plan.ts";
import { privateBook } from "../../mcp-server/src/hubspot/limit-book.ts";
import {
  Limiter,
  type Permit,
  type Priority,
  type RateHints,
} from "../../mcp-server/src/hubspot/limiter.ts";
import { manualClock, settle } from "./manual-clock.ts";

const NOTHING: RateHints = { max: null, remaining: null, dailyRemaining: null };

/** Processes that share one account's limits. */
function openProcesses(burstLimit = 100, dailyReserve = 0) {
  const clock = manualClock();
  const book = privateBook();
  const open = (holder: string, percent = dailyReserve) => {
    const plan = hubspotLimits({ burstLimit, requestMs: 30_000, dailyReserve: percent });
    const limiter = new Limiter({ clock, plan, book, holder });
    const granted: Permit[] = [];
    const refused: unknown[] = [];
    const ask = (count: number, priority: Priority = "backfill") => {
      for (let index = 0; index < count; index += 1) {
        limiter.acquire("objects", priority).then(
          (permit) => granted.push(permit),
          (error) => refused.push(error),
        );
      }
    };
    return { limiter, granted, refused, ask };
  };
  return { clock, open };
}

/** Answers all that was granted, until no more is. @returns how many were */
async function finish(process: { granted: Permit[] }, hints: RateHints = NOTHING): Promise<number> {
  let count = 0;
  await settle();
  while (process.granted.length > 0) {
    const now = process.granted.splice(0);
    count += now.length;
    for (const permit of now) permit.release(hints);
    await settle();
  }
  return count;
}

describe("two processes", () => {
  test("have one limit together", async () => {
    const { clock, open } = openProcesses();
    const [a, b] = [open("a"), open("b")];
    a.ask(60, "interactive");
    expect(await finish(a)).toBe(60);
    b.ask(60, "interactive");

    expect(await finish(b)).toBe(40);
    await clock.advance(10_100);
    expect(await finish(b)).toBe(20);
  });

  test("give slots back that one of them does not use any more, though it stays silent", async () => {
    const { clock, open } = openProcesses();
    const [a, b] = [open("a"), open("b")];
    a.ask(100, "interactive");
    await finish(a);
    b.ask(1);
    await settle();

    await clock.advance(10_100);
    await settle();

    expect(await finish(b)).toBe(1);
  });

  test("send nothing for a refused one's pause", async () => {
    const { clock, open } = openProcesses();
    const [a, b] = [open("a"), open("b")];
    a.limiter.refused("objects", 10_000);
    await settle();
    b.ask(1, "interactive");

    expect(await finish(b)).toBe(0);
    await clock.advance(10_001);
    expect(await finish(b)).toBe(1);
  });

  test("let interactive work of one go before the backfill of the other, which goes on slowly", async () => {
    const { clock, open } = openProcesses(10);
    const [a, b] = [open("a"), open("b")];
    a.ask(10, "interactive");
    await finish(a);
    a.ask(200);
    b.ask(200, "interactive");
    const counts = { backfill: 0, interactive: 0 };
    for (let step = 0; step < 2_000; step += 1) {
      await clock.advance(50);
      counts.backfill += await finish(a);
      counts.interactive += await finish(b);
    }

    expect(counts.backfill).toBeGreaterThanOrEqual(10);
    expect(counts.interactive).toBeGreaterThanOrEqual(3 * counts.backfill);
    expect(counts.interactive + counts.backfill).toBeGreaterThanOrEqual(90);
  });

  test("of one priority share the slots evenly", async () => {
    const { clock, open } = openProcesses(20);
    const [a, b] = [open("a"), open("b")];
    a.ask(400);
    b.ask(400);
    const counts = { a: 0, b: 0 };
    for (let step = 0; step < 2_000; step += 1) {
      await clock.advance(50);
      counts.a += await finish(a);
      counts.b += await finish(b);
    }

    expect(Math.min(counts.a, counts.b)).toBeGreaterThanOrEqual(0.7 * Math.max(counts.a, counts.b));
    expect(counts.a + counts.b).toBeGreaterThanOrEqual(190);
  });
});

describe("a process that", () => {
  test("was killed holds what was under way until it must have ended, and the rest for one window", async () => {
    const { clock, open } = openProcesses();
    const [dead, heir] = [open("dead"), open("heir")];
    dead.ask(90, "interactive");
    await settle();
    const underWay = dead.granted.length;
    for (const permit of dead.granted.splice(0, underWay - 2)) permit.release(NOTHING);
    await settle();
    const left = dead.granted.length;
    heir.ask(300, "interactive");

    expect(await finish(heir)).toBe(100 - (underWay - 2) - left);
    await clock.advance(11_000);
    expect(await finish(heir)).toBe(100 - left);
    await clock.advance(45_100);
    expect(await finish(heir)).toBe(100);
  });

  test("slept does not use slots that the others have counted as free since", async () => {
    // Three slots to a block: two are left over.
    const { clock, open } = openProcesses(300);
    const [sleeper, other] = [open("sleeper"), open("other")];
    sleeper.ask(1);
    await finish(sleeper);
    other.ask(1);
    await finish(other);
    await clock.advance(60_000);
    other.ask(400, "interactive");
    expect(await finish(other)).toBe(300);

    sleeper.ask(1);

    expect(await finish(sleeper)).toBe(0);
  });
});

describe("when the book cannot be opened", () => {
  const locked = new AppError("unavailable", "Another process is writing to the database.");

  /** One process whose book fails so many times, and then works. */
  function openFailing(times: number, error: Error = locked) {
    const clock = manualClock();
    const works = privateBook();
    let failures = 0;
    const limiter = new Limiter({
      clock,
      plan: hubspotLimits({ burstLimit: 100, requestMs: 30_000, dailyReserve: 0 }),
      book: {
        change: (decide, now) => {
          failures += 1;
          return failures <= times ? Promise.reject(error) : works.change(decide, now);
        },
      },
    });
    return { clock, limiter };
  }

  test("for a moment, requests wait for it", async () => {
    const { clock, limiter } = openFailing(2);
    let isGranted = false;
    const permit = limiter.acquire("objects", "interactive").then(() => {
      isGranted = true;
    });
    await settle();

    await clock.advance(1_000);
    expect(isGranted).toBe(false);
    await clock.advance(1_000);
    await permit;
  });

  test("at all, requests are told why, and later ones find it again", async () => {
    const { clock, limiter } = openFailing(3);
    const refused = expect(limiter.acquire("objects", "backfill")).rejects.toBe(locked);
    for (let second = 0; second < 2; second += 1) {
      await settle();
      await clock.advance(1_000);
    }
    await refused;

    await expect(limiter.acquire("objects", "backfill")).resolves.toBeDefined();
  });

  test("because of a mistake, requests are told at once", async () => {
    const { limiter } = openFailing(1, new Error("no such table"));

    await expect(limiter.acquire("objects", "backfill")).rejects.toMatchObject({ kind: "bug" });
  });
});

describe("the day", () => {
  // HubSpot docs, usage guidelines: the daily limit is the account's, all apps together (read 2026-11).
  const day = (dailyRemaining: number): RateHints => ({
    max: null,
    remaining: null,
    dailyMax: 1_000,
    dailyRemaining,
  });

  test("is one for all processes, whose share for other apps is left to them", async () => {
    const { open } = openProcesses(500, 10);
    const [a, b] = [open("a"), open("b")];
    a.ask(1);
    await finish(a, day(105));
    b.ask(40);
    await settle();

    // One may still be under way in the other's eyes.
    expect(b.granted.length).toBeLessThanOrEqual(5);
    expect(b.granted.length).toBeGreaterThanOrEqual(3);
    await finish(b, day(100));
    expect(b.refused[0]).toMatchObject({
      kind: "rate-limited",
      code: "DAILY_RESERVE",
      retryAfterMs: 900_000,
    });
    a.ask(1);
    await finish(a);
    expect(a.refused).toMatchObject([{ code: "DAILY_RESERVE" }]);
  });

  test("is tried by a single request each quarter of an hour, and goes on when that one finds more", async () => {
    const { clock, open } = openProcesses(500, 10);
    const [a, b] = [open("a"), open("b")];
    a.ask(1);
    await finish(a, day(100));
    a.ask(1);
    await settle();
    await clock.advance(900_001);
    a.ask(5);
    b.ask(5);
    await settle();

    expect(a.granted.length + b.granted.length).toBe(1);
    await finish(a, day(999));
    b.ask(3);
    expect(await finish(b)).toBe(3);
  });
});

test("a reserve that is lowered frees what it kept, once one request has found out what is left", async () => {
  const { open } = openProcesses(100, 10);
  const before = open("before");
  before.ask(1);
  await finish(before, { ...NOTHING, dailyMax: 100, dailyRemaining: 10 });
  before.ask(1);
  await settle();
  expect(before.refused).toMatchObject([{ code: "DAILY_RESERVE" }]);

  const after = open("after", 0);
  after.ask(5);
  await settle();
  expect(after.granted).toHaveLength(1);

  expect(await finish(after, { ...NOTHING, dailyMax: 100, dailyRemaining: 9 })).toBe(5);
});
