/** Document B's retry table with HubSpot's waits. */
import { describe, expect, test } from "vitest";
import {
  decideRetry,
  type Effect,
  mayHaveHappened,
  type RequestFailure,
} from "../../mcp-server/src/core/retry-policy.ts";

const status = (
  code: number,
  more: { policyName?: string; retryAfterMs?: number } = {},
): RequestFailure => ({
  kind: "status",
  status: code,
  policyName: more.policyName ?? null,
  retryAfterMs: more.retryAfterMs ?? null,
});
const first = { failures: 1, refusals: 0 };
const refused = { failures: 0, refusals: 1 };

describe("what is sent again", () => {
  test.each([
    [400, "give-up"],
    [401, "give-up"],
    [403, "give-up"],
    [404, "give-up"],
    [409, "give-up"],
    [408, "retry"],
    [423, "retry"],
    [477, "retry"],
    [500, "retry"],
    [502, "retry"],
    [503, "retry"],
    [504, "retry"],
    [521, "retry"],
    [523, "retry"],
    [524, "retry"],
  ])("a read answered %i: %s", (code, kind) => {
    expect(decideRetry(status(code), "read", first, 0).kind).toBe(kind);
  });

  test("three tries in all", () => {
    expect(decideRetry(status(500), "read", { failures: 2, refusals: 0 }, 0).kind).toBe("retry");
    expect(decideRetry(status(500), "read", { failures: 3, refusals: 0 }, 0).kind).toBe("give-up");
  });

  test.each([408, 500, 502, 503, 504, 521, 522, 523, 524, 599])(
    "a create that was answered %i may have been done: it does not go out again",
    (code) => {
      expect(mayHaveHappened(status(code))).toBe(true);
      expect(decideRetry(status(code), "once", first, 0).kind).toBe("give-up");
    },
  );

  test("nor does one whose answer was lost", () => {
    const lost: RequestFailure = { kind: "network", sent: "maybe" };

    expect(decideRetry(lost, "once", first, 0).kind).toBe("give-up");
  });

  test("one that certainly did nothing does", () => {
    expect(decideRetry({ kind: "network", sent: "no" }, "once", first, 0).kind).toBe("retry");
    expect(decideRetry(status(429), "once", refused, 0).kind).toBe("retry");
  });
});

describe("how long it waits", () => {
  const waitOf = (
    failure: RequestFailure,
    tries: { failures: number; refusals: number },
    random = 0,
    effect: Effect = "read",
  ) => {
    const decision = decideRetry(failure, effect, tries, random);
    return decision.kind === "retry" ? decision.waitMs : null;
  };

  test("one second, then two, plus at most a fifth", () => {
    const lost: RequestFailure = { kind: "network", sent: "maybe" };

    expect(waitOf(lost, first)).toBe(1_000);
    expect(waitOf(lost, { failures: 2, refusals: 0 })).toBe(2_000);
    expect(waitOf(lost, first, 1)).toBe(1_200);
  });

  // HubSpot docs, usage guidelines: ten-second rolling limit; search per second (read 2026-10).
  test("a 429 waits as asked, else by the name of its policy", () => {
    expect(waitOf(status(429, { retryAfterMs: 4_000 }), refused)).toBe(4_000);
    expect(waitOf(status(429, { policyName: "TEN_SECONDLY_ROLLING" }), refused)).toBe(10_000);
    expect(waitOf(status(429, { policyName: "SECONDLY" }), refused)).toBe(1_000);
  });

  test("the daily limit is not waited for", () => {
    expect(waitOf(status(429, { policyName: "DAILY" }), refused)).toBeNull();
  });

  // HubSpot docs, error handling: a lock lasts 2 s; 477 says how long, up to 24 hours (read 2026-04).
  test("a lock waits 2 s and a migration as long as it says, unless that is for the job queue", () => {
    expect(waitOf(status(423), first)).toBe(2_000);
    expect(waitOf(status(477, { retryAfterMs: 30_000 }), first)).toBe(30_000);
    expect(waitOf(status(477, { retryAfterMs: 86_400_000 }), first)).toBeNull();
  });

  test("rate limits have an allowance of their own, and it ends", () => {
    const busy = status(429, { policyName: "SECONDLY" });

    expect(waitOf(busy, { failures: 0, refusals: 5 })).toBe(1_000);
    expect(waitOf(busy, { failures: 0, refusals: 6 })).toBeNull();
  });
});
