/** No change is ever passed over, whatever lags, clocks, crashes and ties there are, as long as they keep within their bounds. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  beginPass,
  CLOCK_SKEW_MS,
  endPass,
  firstPlace,
  type PassPlace,
  type PollPlace,
  parsePlace,
  passPage,
  SEARCH_LAG_MS,
} from "../../mcp-server/src/core/poll-window.ts";

const START = Date.parse("2026-06-01T08:00:00.000Z");
const MINUTE = 60_000;

interface Version {
  readonly id: number;
  readonly at: number;
  readonly visibleAt: number;
}

/** HubSpot's index at a moment: of each record the newest version that it shows by then. */
function searchAt(
  versions: readonly Version[],
  ask: { readonly now: number; readonly since: number; readonly afterId: string },
  pageSize: number,
): readonly Version[] {
  const shown = new Map<number, Version>();
  for (const version of versions) if (version.visibleAt <= ask.now) shown.set(version.id, version);
  return [...shown.values()]
    .filter(({ id, at }) => id > Number(ask.afterId) && at >= ask.since)
    .sort((a, b) => a.id - b.id)
    .slice(0, pageSize);
}

interface History {
  /** Our clock is ahead of HubSpot's by this. */
  readonly skew: number;
  readonly pageSize: number;
  readonly changes: readonly { readonly id: number; readonly at: number; readonly lag: number }[];
  /** Minutes between steps of the poller; `crash` loses what was not kept. */
  readonly steps: readonly { readonly wait: number; readonly crash: boolean }[];
}

const history: fc.Arbitrary<History> = fc.record({
  skew: fc.integer({ min: -CLOCK_SKEW_MS, max: CLOCK_SKEW_MS }),
  pageSize: fc.integer({ min: 1, max: 4 }),
  changes: fc.array(
    fc.record({
      id: fc.integer({ min: 1, max: 6 }),
      // Coarse, so that many share a time.
      at: fc.integer({ min: 0, max: 120 }).map((minute) => START + minute * MINUTE),
      lag: fc.integer({ min: 0, max: SEARCH_LAG_MS }),
    }),
    { maxLength: 30 },
  ),
  steps: fc.array(
    fc.record({
      wait: fc.integer({ min: 0, max: 9 * MINUTE }),
      crash: fc.boolean(),
    }),
    { minLength: 20, maxLength: 60 },
  ),
});

/** Versions in the order of time; the index never shows an older one after a newer one. */
function versionsOf({ changes }: History): readonly Version[] {
  const seen = new Map<number, number>();
  return changes
    .toSorted((a, b) => a.at - b.at)
    .map(({ id, at, lag }) => {
      const visibleAt = Math.max(at + lag, seen.get(id) ?? 0);
      seen.set(id, visibleAt);
      return { id, at, visibleAt };
    });
}

/** Runs passes through the history, and then whole passes until two were quiet. Returns the newest version that was handled of each record. */
function poll(given: History): ReadonlyMap<number, number> {
  const versions = versionsOf(given);
  const handled = new Map<number, number>();
  let now = START;
  // What is durable; a crash goes back to it.
  let place: PollPlace = firstPlace(START + given.skew);
  const step = (isLost: boolean): void => {
    const pass: PassPlace = beginPass(place, now + given.skew);
    place = pass;
    const page = searchAt(
      versions,
      { now, since: pass.since, afterId: pass.pass.afterId },
      given.pageSize,
    );
    if (isLost) return;
    for (const { id, at } of page) handled.set(id, Math.max(at, handled.get(id) ?? 0));
    const last = page.at(-1);
    place =
      last === undefined
        ? endPass(pass, now + given.skew, null)
        : passPage(pass, {
            lastId: String(last.id),
            modifiedAt: page.map(({ at }) => at),
          });
  };
  for (const { wait, crash } of given.steps) {
    now += wait;
    step(crash);
  }
  now = Math.max(now, START + 130 * MINUTE) + SEARCH_LAG_MS;
  for (let quiet = 0; quiet < 2; ) {
    step(false);
    if (place.pass === null) quiet += 1;
    now += 1_000;
  }
  return handled;
}

function newest(given: History): ReadonlyMap<number, number> {
  return new Map(versionsOf(given).map(({ id, at }) => [id, at]));
}

test("every record's newest change is handled, whatever lags, clock and crashes", () => {
  fc.assert(
    fc.property(history, (given) => {
      expect([...poll(given)].sort()).toEqual([...newest(given)].sort());
    }),
    { numRuns: 1_500 },
  );
});

test("the place only ever moves forward, and stays before what may still show up", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100 * MINUTE }),
      fc.array(fc.integer({ min: -60 * MINUTE, max: 20 * MINUTE }), { maxLength: 5 }),
      (elapsed, seen) => {
        const began = beginPass(firstPlace(START), START + elapsed);
        const modifiedAt = seen.map((ms) => START + elapsed + ms);
        const paged = seen.length === 0 ? began : passPage(began, { lastId: "5", modifiedAt });

        const { since } = endPass(paged, START + elapsed + MINUTE, null);

        const newestSeen = Math.max(...seen, Number.NEGATIVE_INFINITY);
        const bound = Math.min(START + elapsed, START + elapsed + newestSeen) - SEARCH_LAG_MS;
        expect(since >= began.since).toBe(true);
        if (seen.length > 0 && since > began.since) expect(since).toBeLessThanOrEqual(bound);
        expect(since).toBeLessThanOrEqual(
          Math.max(began.since, START + elapsed - SEARCH_LAG_MS - CLOCK_SKEW_MS),
        );
      },
    ),
  );
});

describe("a pass", () => {
  test("of 25,000 records with one time advances page by page and is over then", () => {
    const at = START + MINUTE;
    let place = beginPass(firstPlace(START), START + 20 * MINUTE);
    for (let id = 200; id <= 25_000; id += 200)
      place = passPage(place, { lastId: String(id), modifiedAt: [at] });

    const first = endPass(place, START + 21 * MINUTE, null);
    const again = beginPass(first, START + 36 * MINUTE);
    const second = endPass(
      passPage(again, { lastId: "25000", modifiedAt: [at] }),
      START + 37 * MINUTE,
      null,
    );

    // They come once more, and then the quiet moves on.
    expect(first.since <= at).toBe(true);
    expect(second.since > at).toBe(true);
  });

  test("that HubSpot does not lead on ends in an error", () => {
    const place = beginPass(firstPlace(START), START);
    const moved = passPage(place, { lastId: "10", modifiedAt: [] });

    expect(() => passPage(moved, { lastId: "9", modifiedAt: [] })).toThrow(/advance/);
    expect(() => passPage(moved, { lastId: "10", modifiedAt: [] })).toThrow(/advance/);
  });

  test("goes on where a crash cut it off, from the same time on", () => {
    const moved = passPage(beginPass(firstPlace(START), START), { lastId: "10", modifiedAt: [] });

    const stored = parsePlace(JSON.stringify(moved));
    const resumed = stored && beginPass(stored, START + 60 * MINUTE);

    expect(resumed).toEqual(moved);
  });

  test("does not wait for a future that a clock ran ahead to", () => {
    const ahead = firstPlace(START + 300 * MINUTE);

    const { since } = beginPass(ahead, START);

    expect(since).toBeLessThan(START);
  });
});

test("a place that cannot be read is none", () => {
  expect(parsePlace("{")).toBeNull();
  expect(parsePlace('{"since":"yesterday"}')).toBeNull();
  expect(parsePlace(null)).toBeNull();
});
