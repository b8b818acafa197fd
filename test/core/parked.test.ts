/** How soon a record is looked at again: quick tries while nobody knows what became of a write, then parked. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AppError,
  type ErrorKind,
  errorKinds,
  treatments,
} from "../../mcp-server/src/core/errors.ts";
import { quickRetryMs } from "../../mcp-server/src/core/retry-policy.ts";
import { failedEnd } from "../../mcp-server/src/core/sync-record.ts";

const MINUTE = 60_000;

describe("quick tries", () => {
  test("come after one second and after two, and then no more until the record comes due again", () => {
    expect([0, 1, 2, 3, 4, 5].map((tries) => quickRetryMs(tries, 0))).toEqual([
      1_000,
      2_000,
      null,
      1_000,
      2_000,
      null,
    ]);
  });

  test("are spread by a fifth at most, whatever the chance", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.double({ min: 0, max: 1, noNaN: true }), (tries, random) => {
        const least = quickRetryMs(tries, 0);
        const waitMs = quickRetryMs(tries, random);

        expect(waitMs === null).toBe(least === null);
        expect(waitMs ?? 0).toBeGreaterThanOrEqual(least ?? 0);
        expect(waitMs ?? 0).toBeLessThanOrEqual(1.2 * (least ?? 0));
      }),
    );
  });
});

describe("a record that failed", () => {
  const dueIn = (kind: ErrorKind, retryAfterMs?: number) => {
    const more = retryAfterMs === undefined ? {} : { retryAfterMs };
    const end = failedEnd(new AppError(kind, "No.", more), 0, String);
    return end.due_at === null ? null : Number(end.due_at);
  };

  test("is parked for a quarter of an hour when trying again may help, else until it changes", () => {
    for (const kind of errorKinds)
      expect(dueIn(kind)).toBe(treatments[kind].retry ? 15 * MINUTE : null);
  });

  // HubSpot docs, error handling: 477 says how long a migration lasts, up to 24 hours (read 2026-04).
  test("is parked for as long as HubSpot asks, and no longer than a day", () => {
    expect(dueIn("unavailable", 3 * 60 * MINUTE)).toBe(3 * 60 * MINUTE);
    expect(dueIn("rate-limited", 2 * MINUTE)).toBe(2 * MINUTE);
    expect(dueIn("unavailable", 100 * 60 * MINUTE)).toBe(24 * 60 * MINUTE);
  });
});
