/** Ten minutes of a busy portal in virtual time, with its figures printed. */
import { expect, test } from "vitest";
import { playTenMinutes, type SoakFigures } from "./ten-minutes.ts";

/** A seed of its own each run: what fails is named by the figures that are printed. */
const SEED = Math.floor(Math.random() * 1_000_000);

function print(figures: SoakFigures): void {
  process.stdout.write(`limits soak ${JSON.stringify(figures)}\n`);
}

test("beside apps that come in bursts: hardly a refusal, no waiting calls, no starved backfill", async () => {
  const played: SoakFigures[] = [];
  for (const seed of [SEED, SEED + 1, SEED + 2]) {
    const figures = await playTenMinutes({
      seed,
      dailyLimit: 250_000,
      dailyReserve: 10,
      kills: true,
    });
    print(figures);
    played.push(figures);
    // HubSpot docs, usage guidelines: 100 requests in any 10 s, 5 searches in any second (read 2026-11).
    expect(figures.mostInBurst).toBeLessThanOrEqual(100);
    expect(figures.mostSearchesASecond).toBeLessThanOrEqual(5);
    expect(figures.interactiveP95).toBeLessThan(2_000);
    expect(figures.toolCallP95).toBeLessThan(2_000);
    expect(figures.leastBackfillAMinute).toBeGreaterThan(60);
  }

  // Over all of them: the first burst of another app cannot be foreseen, and one of a thousand is three or four in ten minutes.
  const sum = (of: (figures: SoakFigures) => number) =>
    played.reduce((total, figures) => total + of(figures), 0);
  expect(sum(({ refused429 }) => refused429) / sum(({ ours }) => ours)).toBeLessThan(0.001);
}, 120_000);

test("when the day comes to its reserve, everything of ours stops there and says so", async () => {
  const figures = await playTenMinutes({
    seed: SEED,
    dailyLimit: 3_000,
    dailyReserve: 10,
    kills: true,
  });
  print(figures);

  expect(figures.endedAtSecond).not.toBeNull();
  // Other apps can use up between two of our answers what those left: a request on its way then, no more.
  expect(figures.intoReserve).toBeLessThanOrEqual(2);
  expect(figures.refusedForReserve).toBeGreaterThan(0);
}, 60_000);
