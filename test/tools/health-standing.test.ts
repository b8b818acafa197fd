/** How HubSpot stands and what waits too long, in sentences with what to do. */
import { describe, expect, test } from "vitest";
import { type StandingFacts, standingTroubles } from "../../mcp-server/src/core/health-standing.ts";
import type { HubspotStanding } from "../../mcp-server/src/core/hubspot-standing.ts";

const SINCE = "2026-11-22T10:00:00.000Z";
const NEXT = "2026-11-22T10:15:00.000Z";
const MINUTE = 60_000;

const standing: HubspotStanding = {
  circuit: { state: "closed", since: null, nextTryAt: null, code: null },
  burst: { limit: 100, used: 3 },
  daily: { limit: 1_000, remaining: 900, reserve: 100 },
};
const calm: StandingFacts = { standing, oldest: null, loops: 0 };

function said(facts: Partial<StandingFacts>): readonly string[] {
  const sentences = standingTroubles({ ...calm, ...facts });
  expect(sentences.every(({ urgent }) => urgent)).toBe(true);
  return sentences.map(({ text }) => text);
}

function left(remaining: number): Pick<StandingFacts, "standing"> {
  return { standing: { ...standing, daily: { limit: 1_000, remaining, reserve: 100 } } };
}

describe("standingTroubles", () => {
  test("says nothing while HubSpot answers, or where nobody knows", () => {
    expect(said({})).toEqual([]);
    expect(said({ standing: null })).toEqual([]);
    expect(said({ standing: { ...standing, daily: null } })).toEqual([]);
  });

  test.each([
    ["auth", /refused the access token since 2026-11-22T10:00.*HUBSPOT_ACCESS_TOKEN.*restart/],
    ["open", /not answered since 2026-11-22T10:00.*until 2026-11-22T10:15.*status page/],
  ] as const)("says first that nothing leaves: %s", (state, words) => {
    const circuit = { state, since: SINCE, nextTryAt: NEXT, code: "CODE" };

    const [first, ...rest] = said({ standing: { ...standing, circuit }, loops: 1 });

    expect(first).toMatch(words);
    expect(rest).toHaveLength(1);
  });

  test("warns of a budget that is nearly spent, and says when nothing more is sent", () => {
    expect(said(left(200))).toEqual([]);
    expect(said(left(199))).toEqual([
      expect.stringMatching(/^199 of the account's 1000 requests.*put off whole syncs/),
    ]);
    expect(said(left(100))).toEqual([
      expect.stringMatching(/HUBSPOT_DAILY_RESERVE.*nothing more is sent before midnight/),
    ]);
  });

  test("names the record whose change was tried in vain for half an hour", () => {
    const oldest = { record: "ada@example.com", ageMs: 42 * MINUTE, attempts: 3, due_at: NEXT };

    expect(said({ oldest })).toEqual([
      `The change of ada@example.com has not been synced for 42 minutes and 3 tries: failures_24h says why. It is tried again at ${NEXT}.`,
    ]);
    expect(said({ oldest: { ...oldest, record: null } })[0]).toMatch(/^A change has not/);
    expect(said({ oldest: { ...oldest, ageMs: 29 * MINUTE } })).toEqual([]);
    expect(said({ oldest: { ...oldest, attempts: 0 } })).toEqual([]);
  });

  test("tells of fields that were frozen because they went to and fro", () => {
    expect(said({ loops: 2 })).toEqual([
      expect.stringMatching(/^2 field\(s\) went to and fro.*list-conflicts.*resolve-conflict/),
    ]);
  });
});
