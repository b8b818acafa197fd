/** How HubSpot stands, from what processes keep of it. */
import { expect, test } from "vitest";
import { refused } from "../../mcp-server/src/core/circuit.ts";
import { readStanding } from "../../mcp-server/src/core/hubspot-standing.ts";

const NOW = Date.parse("2026-11-22T10:00:00.000Z");
const iso = (ms: number): string => new Date(ms).toISOString();
const settings = { burstLimit: 100, dailyReserve: 10 };

test.each([
  [null, null],
  ["not JSON", "{}"],
])(
  "is as if nothing had been asked yet when nothing readable is kept: %j, %j",
  (circuit, limits) => {
    expect(readStanding({ circuit, limits }, settings, NOW, iso)).toEqual({
      circuit: { state: "closed", code: null, since: null, nextTryAt: null },
      daily: null,
      burst: { limit: 100, used: 0 },
    });
  },
);

test("says since when the token is refused and when it is tried again", () => {
  const circuit = JSON.stringify(refused({ state: "closed" }, NOW - 60_000, "HUBSPOT_AUTH"));

  const standing = readStanding({ circuit, limits: null }, settings, NOW, iso);

  expect(standing.circuit).toEqual({
    state: "auth",
    code: "HUBSPOT_AUTH",
    since: "2026-11-22T09:59:00.000Z",
    nextTryAt: "2026-11-22T10:14:00.000Z",
  });
});
