/** The circuit breaker: nothing leaves while the other side is dead, one probe finds out, and a refused token is no dead line. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  answered,
  CIRCUIT_OPEN,
  type Circuit,
  circuitState,
  closedCircuit,
  entry,
  notSent,
  opened,
  probing,
  readCircuit,
  refused,
} from "../../mcp-server/src/core/circuit.ts";

const NOW = Date.parse("2026-11-22T10:00:00.000Z");
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const failure = { code: "HUBSPOT_UNREACHABLE", isProbe: false, waitMs: null };
const probe = { ...failure, isProbe: true };

const waitOf = (circuit: Circuit, now: number) => {
  const turn = entry(circuit, now, false);
  return turn.kind === "wait" ? turn.waitMs : 0;
};

describe("a dead line", () => {
  test("rests 30 s, then twice as long after each probe that fails, up to 5 min", () => {
    let circuit = opened(closedCircuit, NOW, failure);
    const rests: number[] = [];
    let now = NOW;
    for (let probes = 0; probes < 7; probes += 1) {
      const rest = waitOf(circuit, now);
      rests.push(rest / SECOND);
      now += rest;
      circuit = opened(probing(circuit, now), now, probe);
    }

    expect(rests).toEqual([30, 60, 120, 240, 300, 300, 300]);
  });

  test("lets one probe through, and the others wait for what it finds", () => {
    const circuit = opened(closedCircuit, NOW, failure);

    expect(entry(circuit, NOW + 30 * SECOND - 1, false).kind).toBe("wait");
    expect(entry(circuit, NOW + 30 * SECOND, false).kind).toBe("probe");
    const taken = probing(circuit, NOW + 30 * SECOND);
    expect(entry(taken, NOW + 30 * SECOND, false).kind).toBe("wait");
    // A prober that was killed holds nobody up for ever.
    expect(entry(taken, NOW + 2 * MINUTE, false).kind).toBe("probe");
  });

  test("is alive again with any answer, the probe's or one that was under way", () => {
    const circuit = opened(closedCircuit, NOW, failure);

    expect(answered(circuit, true)).toEqual(closedCircuit);
    expect(answered(circuit, false)).toEqual(closedCircuit);
  });

  test("is not made longer by what was under way when it was found dead", () => {
    const circuit = opened(closedCircuit, NOW, failure);

    expect(opened(circuit, NOW + SECOND, failure)).toEqual(circuit);
  });

  // HubSpot docs, error handling: 477 says how long an account's migration lasts, up to 24 hours (read 2026-04).
  test("that says how long it is away is left alone as long, and no longer than a day", () => {
    const hours = (count: number) => count * 60 * MINUTE;
    const away = (waitMs: number) => opened(closedCircuit, NOW, { ...failure, waitMs });

    expect(waitOf(away(hours(3)), NOW)).toBe(hours(3));
    expect(waitOf(away(hours(100)), NOW)).toBe(hours(24));
  });
});

describe("a refused token", () => {
  const circuit = refused(closedCircuit, NOW, "HUBSPOT_TOKEN_REFUSED");

  test("is tried again every 15 minutes, and at once by a process that has just begun", () => {
    expect(waitOf(circuit, NOW)).toBe(15 * MINUTE);
    expect(entry(circuit, NOW + 15 * MINUTE, false).kind).toBe("probe");
    expect(entry(circuit, NOW, true).kind).toBe("probe");
  });

  test("is found good again by a probe only: what was let through before says nothing", () => {
    expect(answered(circuit, false)).toBe(circuit);
    expect(answered(circuit, true)).toEqual(closedCircuit);
  });

  test("stays refused when the line is dead besides", () => {
    expect(opened(circuit, NOW, failure)).toBe(circuit);
    expect(opened(circuit, NOW + MINUTE, probe)).toMatchObject({ state: "auth" });
  });

  test("does not help a process that begins while nothing answers", () => {
    expect(entry(opened(closedCircuit, NOW, failure), NOW, true).kind).toBe("wait");
  });

  test("is told as such, with the wait", () => {
    expect(notSent(circuit, 900_000)).toMatchObject({
      kind: "auth",
      code: "HUBSPOT_TOKEN_REFUSED",
      retryAfterMs: 900_000,
    });
  });
});

describe("what is kept", () => {
  const broken = fc
    .record({ isRefused: fc.boolean(), at: fc.integer({ min: 0, max: 10 * MINUTE }) })
    .map(({ isRefused, at }) =>
      isRefused
        ? refused(closedCircuit, NOW + at, "HUBSPOT_TOKEN_REFUSED")
        : opened(closedCircuit, NOW + at, failure),
    );

  test("is read as it was written", () => {
    fc.assert(
      fc.property(broken, (circuit) => {
        expect(readCircuit(JSON.stringify(circuit))).toEqual(circuit);
      }),
    );
    expect(readCircuit(JSON.stringify(closedCircuit))).toEqual(closedCircuit);
  });

  test("is a closed circuit when nobody can read it", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constant(null)), (text) => {
        expect(readCircuit(text)).toEqual(closedCircuit);
      }),
    );
  });

  test("never asks for a wait that a clock set back made endless", () => {
    fc.assert(
      fc.property(broken, fc.integer({ min: 0, max: NOW }), (circuit, now) => {
        expect(waitOf(circuit, now)).toBeLessThanOrEqual(24 * 60 * MINUTE);
      }),
    );
  });

  test("is told in times and a code", () => {
    const open = JSON.stringify(opened(closedCircuit, NOW, failure));

    expect(circuitState(open, NOW + 10 * SECOND)).toEqual({
      state: "open",
      code: "HUBSPOT_UNREACHABLE",
      since: NOW,
      nextTryAt: NOW + 30 * SECOND,
    });
    expect(circuitState(null, NOW)).toEqual({
      state: "closed",
      code: null,
      since: null,
      nextTryAt: null,
    });
    expect(notSent(readCircuit(open), 5).code).toBe(CIRCUIT_OPEN);
  });
});
