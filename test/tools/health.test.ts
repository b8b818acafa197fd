/** Health in sentences: troubles first, each with what to do. */
import { describe, expect, test } from "vitest";
import {
  type HealthFacts,
  healthSentences,
  missingKeys,
} from "../../mcp-server/src/core/health.ts";

const IMPORTED_AT = "2026-06-01T08:00:00.000Z";

const calm: HealthFacts = {
  byStatus: { synced: 10 },
  heldBack: 0,
  due: 0,
  oldestDueMs: null,
  openConflicts: 0,
  failedJobs: 0,
  failures: 0,
  blocked: 0,
  liveTrouble: null,
  hubspot: { notifications: 0, oldestMs: null, pollTrouble: null, reconciliation: null },
  missing: [],
  standing: null,
  oldest: null,
  loops: 0,
};

describe("healthSentences", () => {
  test("does not ask for a sync of people who objected to outreach", () => {
    const texts = (heldBack: number) =>
      healthSentences({ ...calm, byStatus: { enriched: 3 }, heldBack }).map(({ text }) => text);

    expect(texts(3).join()).not.toContain("first sync");
    expect(texts(1).join()).toContain("2 contact(s) wait for their first sync");
  });

  test("tells failed contacts that are tried again from those that wait for a person", () => {
    const [failed] = healthSentences({ ...calm, byStatus: { failed: 1 } });

    expect(failed?.text).toContain("Those with a retry_at are tried again by themselves");
  });

  test("does not leave people to sync in vain who were imported again after HubSpot deleted them", () => {
    const texts = (deleted: number) =>
      healthSentences({
        ...calm,
        byStatus: { enriched: 1 },
        hubspot: { ...calm.hubspot, deleted },
      }).map(({ text }) => text);

    expect(texts(1).join()).toContain("deleted in HubSpot and imported again");
    expect(texts(0)).toEqual(["1 contact(s) wait for their first sync: call sync."]);
  });

  test("says one calm sentence when nothing waits and nothing failed", () => {
    expect(healthSentences(calm)).toEqual([
      { urgent: false, text: "Everything is in order: nothing waits and nothing failed." },
    ]);
  });

  test("puts troubles before waits and waits before missing keys", () => {
    const facts = {
      ...calm,
      byStatus: { failed: 2, imported: 5 },
      missing: missingKeys({ hubspot: true, lemlist: false, explorium: true, anthropic: true }),
    };

    const sentences = healthSentences(facts);

    expect(sentences.map((sentence) => sentence.urgent)).toEqual([true, false, false]);
    expect(sentences[0]?.text).toContain("2 contact(s) failed");
    expect(sentences[1]?.text).toContain("call enrich");
    expect(sentences[2]?.text).toContain("LEMLIST_API_KEY");
  });

  test("says first that changes are not being sent, why, and what to do", () => {
    const liveTrouble = "HubSpot refused the token.";

    const [first] = healthSentences({ ...calm, failures: 1, liveTrouble });

    expect(first).toEqual({
      urgent: true,
      text: expect.stringMatching(
        /^Changes are not being sent by themselves: HubSpot refused the token\. .*mended.*sync/,
      ),
    });
  });

  test("counts what was held back apart from what failed, and says how to find it", () => {
    const sentences = healthSentences({ ...calm, blocked: 2 });

    expect(sentences).toEqual([
      { urgent: true, text: expect.stringMatching(/2 record\(s\).*blocked_24h.*query-contacts/) },
    ]);
  });

  test("says what the last reconciliation found beside everything else, calmly", () => {
    const counts = { compared: 10, different: 2, repaired: 1, gone_in_hubspot: 1, conflicts: 0 };
    const reconciliation = { finished_at: "2026-06-01T02:10:00.000Z", counts, isCutOff: false };

    const sentences = healthSentences({ ...calm, hubspot: { ...calm.hubspot, reconciliation } });

    expect(sentences.map(({ urgent }) => urgent)).toEqual([false, false]);
    expect(sentences[0]?.text).toContain("Everything is in order");
    expect(sentences[1]?.text).toBe(
      "The last reconciliation ended 2026-06-01T02:10:00.000Z: 10 record(s) compared, 2 differed, 1 repaired, 1 gone from HubSpot, 0 need a decision.",
    );
  });

  test.each([
    [{ notifications: 3, oldestMs: 5 * 60_000 }, /3 notification\(s\) of HubSpot wait.*5 minute/],
    [
      { pollTrouble: "HubSpot refused the token." },
      /not being asked for: HubSpot refused the token\./,
    ],
    [
      { reconciliation: { finished_at: null, counts: {}, isCutOff: true } },
      /did not come to its end: call sync with mode reconcile/,
    ],
    [
      { reconciliation: { finished_at: IMPORTED_AT, counts: { failed: 4 }, isCutOff: false } },
      /could not repair 4 record\(s\)/,
    ],
  ])("asks for help about %j", (trouble, words) => {
    const [first] = healthSentences({ ...calm, hubspot: { ...calm.hubspot, ...trouble } });

    expect(first).toEqual({ urgent: true, text: expect.stringMatching(words) });
  });

  test("says nothing of notifications that came a moment ago, or of a reconciliation at work", () => {
    const reconciliation = { finished_at: null, counts: {}, isCutOff: false };
    const hubspot = { ...calm.hubspot, notifications: 900, oldestMs: 2_000, reconciliation };

    expect(healthSentences({ ...calm, hubspot })).toHaveLength(1);
  });

  test("says for how long the oldest record has been due", () => {
    const [sentence] = healthSentences({ ...calm, due: 3, oldestDueMs: 5 * 60_000 });

    expect(sentence?.text).toBe(
      "3 record(s) are due for sync, the oldest for 5 minute(s): call sync.",
    );
  });
});

test("names each missing key with what it switches off", () => {
  const none = { hubspot: false, lemlist: false, explorium: false, anthropic: false };

  expect(missingKeys(none).map((key) => key.variable)).toEqual([
    "HUBSPOT_ACCESS_TOKEN",
    "LEMLIST_API_KEY",
    "EXPLORIUM_API_KEY",
    "ANTHROPIC_API_KEY",
  ]);
});
