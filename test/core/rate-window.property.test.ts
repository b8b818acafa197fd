/** Laws of the rolling rate window, checked against a server that counts arrivals itself. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  capacity,
  observeHeaders,
  type RateWindow,
  rateWindow,
  readyAt,
  settleSlot,
  slowDown,
  type Ticket,
  takeSlot,
} from "../../mcp-server/src/core/rate-window.ts";

const WINDOW_MS = 10_000;

interface Exchange {
  readonly sentAt: number;
  readonly arrivedAt: number;
  readonly answeredAt: number;
  readonly ticket: Ticket;
}

interface Run {
  readonly exchanges: readonly Exchange[];
  readonly endedAt: number;
}

/** Plays a busy client: sends whenever a slot is free; each request takes the next (there, back) travel times. */
function play(
  start: RateWindow,
  travel: readonly (readonly [number, number])[],
  headers?: (arrivals: readonly number[], at: number) => { max: number; remaining: number },
): Run {
  let window = start;
  let now = 0;
  const exchanges: Exchange[] = [];
  let open: Exchange[] = [];
  const arrivals: number[] = [];
  const settleNext = () => {
    open.sort((a, b) => a.answeredAt - b.answeredAt);
    const [first, ...rest] = open;
    open = rest;
    now = Math.max(now, first!.answeredAt);
    if (headers !== undefined) {
      window = observeHeaders(window, headers(arrivals, first!.arrivedAt), first!.ticket, now);
    }
    window = settleSlot(window, now);
  };
  for (const [there, back] of travel) {
    for (;;) {
      const at = readyAt(window, now, 0);
      const nextAnswer = Math.min(...open.map(({ answeredAt }) => answeredAt));
      if (at <= now && nextAnswer > now) break;
      if (nextAnswer <= at) settleNext();
      else now = at;
    }
    const taken = takeSlot(window, now);
    window = taken.window;
    const arrivedAt = now + there;
    const exchange = { sentAt: now, arrivedAt, answeredAt: arrivedAt + back, ticket: taken.ticket };
    arrivals.push(arrivedAt);
    exchanges.push(exchange);
    open.push(exchange);
  }
  return { exchanges, endedAt: now };
}

function mostInAnyWindow(arrivals: readonly number[]): number {
  return Math.max(
    ...arrivals.map((end) => arrivals.filter((at) => at > end - WINDOW_MS && at <= end).length),
  );
}

const limits = fc.integer({ min: 1, max: 30 });
const travels = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 15_000 }), fc.integer({ min: 0, max: 15_000 })),
  { minLength: 1, maxLength: 120 },
);

test("the server never counts more than the limit in any window, whatever the travel times", () => {
  fc.assert(
    fc.property(limits, travels, (limit, travel) => {
      const { exchanges } = play(rateWindow(limit, WINDOW_MS), travel);

      expect(mostInAnyWindow(exchanges.map(({ arrivedAt }) => arrivedAt))).toBeLessThanOrEqual(
        limit,
      );
    }),
    { numRuns: 200 },
  );
});

test("a busy client uses at least 95 % of the budget while answers take up to 300 ms", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 5, max: 100 }),
      fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 600, maxLength: 600 }),
      (limit, halves) => {
        const { exchanges } = play(
          rateWindow(limit, WINDOW_MS),
          halves.map((half) => [half, half] as const),
        );

        const windows = exchanges.at(-1)!.sentAt / WINDOW_MS;
        const wholeWindows = Math.floor(windows);
        const sent = exchanges.filter(({ sentAt }) => sentAt < wholeWindows * WINDOW_MS).length;
        expect(sent).toBeGreaterThanOrEqual(0.95 * limit * wholeWindows);
      },
    ),
    { numRuns: 20 },
  );
});

test("headers of an account that only we use never cost budget", () => {
  fc.assert(
    fc.property(limits, travels, (limit, travel) => {
      const headers = (arrivals: readonly number[], at: number) => ({
        max: limit,
        remaining:
          limit - arrivals.filter((arrival) => arrival > at - WINDOW_MS && arrival <= at).length,
      });

      const plain = play(rateWindow(limit, WINDOW_MS), travel);
      const heard = play(rateWindow(limit, WINDOW_MS), travel, headers);

      expect(heard.endedAt).toBe(plain.endedAt);
    }),
    { numRuns: 200 },
  );
});

test("requests that others were seen to send are given room for one window", () => {
  const taken = takeSlot(rateWindow(100, WINDOW_MS), 0);

  const window = observeHeaders(taken.window, { max: 100, remaining: 60 }, taken.ticket, 50);

  expect(capacity(window, 50)).toBe(61);
  expect(capacity(window, 50 + WINDOW_MS)).toBe(100);
});

test("a lower maximum is obeyed and a higher one is not", () => {
  const taken = takeSlot(rateWindow(100, WINDOW_MS), 0);

  const lower = observeHeaders(taken.window, { max: 90, remaining: null }, taken.ticket, 0);
  const higher = observeHeaders(taken.window, { max: 190, remaining: 189 }, taken.ticket, 0);

  expect(capacity(lower, 0)).toBe(90);
  expect(capacity(higher, 0)).toBe(100);
});

test("a refusal pauses everything, slows down once per pause, and the pace comes back", () => {
  let window = slowDown(rateWindow(100, WINDOW_MS), 10_000, 0);
  window = slowDown(window, 10_000, 5);

  expect(readyAt(window, 20, 0)).toBe(10_005);
  expect(capacity(window, 20)).toBe(85);
  for (let at = 30_000; at < 90_000; at += 10_000) {
    window = settleSlot(takeSlot(window, at).window, at + 100);
  }
  expect(capacity(window, 100_000)).toBe(100);
});

test("pace never falls below half", () => {
  let window = rateWindow(100, WINDOW_MS);
  for (let round = 0; round < 50; round += 1) window = slowDown(window, 10, round * 1_000);

  expect(capacity(window, 100_000)).toBe(50);
});

test("a clock that is set back by an hour holds a slot for one window at most", () => {
  const hour = 3_600_000;
  const used = settleSlot(takeSlot(rateWindow(1, WINDOW_MS), hour).window, hour);

  expect(readyAt(used, 0, 0)).toBeLessThanOrEqual(WINDOW_MS + 50);
});

test("reserved slots are left for others", () => {
  let window = rateWindow(3, WINDOW_MS);
  window = takeSlot(window, 0).window;
  window = takeSlot(window, 0).window;

  expect(readyAt(window, 0, 0)).toBe(0);
  expect(readyAt(window, 0, 1)).toBe(Number.POSITIVE_INFINITY);
});
