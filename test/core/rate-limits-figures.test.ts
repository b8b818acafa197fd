/** The limits in figures, read from what a limiter stored. */
import { expect, test } from "vitest";
import { limitsFigures } from "../../mcp-server/src/core/limit-figures.ts";
import { hubspotLimits } from "../../mcp-server/src/core/limit-plan.ts";
import { Limiter } from "../../mcp-server/src/hubspot/limiter.ts";
import { fakeClock } from "../support/clock.ts";

const START = "2026-11-22T10:00:00.000Z";

/** A limiter whose stored text the test can read. */
function openLimiter() {
  const clock = fakeClock(START);
  let text: string | null = null;
  const limiter = new Limiter({
    clock,
    plan: hubspotLimits({ burstLimit: 100, requestMs: 30_000, dailyReserve: 10 }),
    book: {
      change: async (decide) => {
        const { value, result } = decide(text);
        text = value;
        return result;
      },
    },
  });
  return { clock, limiter, figures: () => limitsFigures(text, clock.now(), 10) };
}

test("nothing is told of an account that was never asked", () => {
  expect(limitsFigures(null, 0, 10)).toBeNull();
  expect(limitsFigures("{}", 0, 10)).toBeNull();
});

test("tells what is used, what others use and what the day has left for us", async () => {
  const { limiter, figures } = openLimiter();
  const first = await limiter.acquire("objects", "backfill");
  first.release({ max: 90, remaining: 69, dailyMax: 1_000, dailyRemaining: 550 });
  await limiter.acquire("objects", "backfill");

  expect(figures()).toMatchObject({
    burst: { limit: 90, used: 2, others: 20 },
    search: { limit: 5, used: 0, others: 0 },
    daily: { limit: 1_000, remaining: 549, reserve: 100, usedShare: 451 / 900 },
  });
});

test("slots that have cooled down are not told as used", async () => {
  const { clock, limiter, figures } = openLimiter();
  for (let index = 0; index < 3; index += 1) {
    const permit = await limiter.acquire("objects", "backfill");
    permit.release({ max: null, remaining: null, dailyRemaining: null });
  }

  clock.advance(11_000);

  expect(figures()).toMatchObject({ burst: { used: 0 }, daily: null });
});
