/** Which unknown HubSpot contacts are taken over, and which never come back. */
import { describe, expect, test } from "vitest";
import { type Arriving, arrivalOf, type EndedRecord } from "../../mcp-server/src/core/arrival.ts";

const since = "2026-06-01T08:00:00.000Z";
const arriving = (facts: Partial<Arriving> = {}): Arriving => ({
  createdAt: "2026-06-01T09:00:00.000Z",
  linked: [],
  holders: [],
  ended: [],
  ...facts,
});
const ended = (facts: Partial<EndedRecord> = {}): EndedRecord => ({
  reason: "deleted",
  local_id: null,
  isSame: true,
  ...facts,
});
const policies = ["new", "changed", "off"] as const;
const decide = (facts: Partial<Arriving>, policy: (typeof policies)[number] = "new") =>
  arrivalOf(arriving(facts), { policy, since }, Date.parse);

test("by default only what was created since the beginning is taken over", () => {
  expect(decide({})).toEqual({ kind: "take" });
  expect(decide({ createdAt: "2026-05-01T08:00:00.000Z" })).toEqual({ kind: "pass", why: "older" });
});

test("clocks that differ by a few minutes lose no new contact", () => {
  expect(decide({ createdAt: "2026-06-01T07:56:00.000Z" })).toEqual({ kind: "take" });
  expect(decide({ createdAt: "2026-06-01T07:55:00.000Z" }).kind).toBe("pass");
});

test("the policy may take all that change, or none", () => {
  const createdAt = "2020-01-01T00:00:00.000Z";

  expect(decide({ createdAt }, "changed")).toEqual({ kind: "take" });
  expect(decide({}, "off")).toEqual({ kind: "pass", why: "off" });
});

test("a contact that is here already is marked, whatever the policy", () => {
  for (const policy of policies) {
    expect(decide({ linked: [3, 2, 3], holders: [9] }, policy)).toEqual({
      kind: "mark",
      localIds: [2, 3],
    });
    expect(decide({ holders: [9] }, policy)).toEqual({ kind: "mark", localIds: [9] });
    expect(decide({ ended: [ended({ local_id: 4 })] }, policy)).toEqual({
      kind: "mark",
      localIds: [4],
    });
  }
});

describe("after an end", () => {
  test("what was erased or removed never comes back, by id or by address", () => {
    for (const policy of policies)
      for (const reason of ["erased", "removed"] as const)
        for (const isSame of [true, false])
          expect(decide({ ended: [ended({ reason, isSame })] }, policy)).toEqual({
            kind: "pass",
            why: reason,
          });
  });

  test("what HubSpot deleted and restored comes back, however old and whatever the policy", () => {
    for (const policy of policies)
      expect(decide({ createdAt: "2020-01-01T00:00:00.000Z", ended: [ended()] }, policy)).toEqual({
        kind: "take",
      });
  });

  test("another record with the address of a deleted one follows the policy", () => {
    const other = { ended: [ended({ isSame: false })] };

    expect(decide(other)).toEqual({ kind: "take" });
    expect(decide(other, "off")).toEqual({ kind: "pass", why: "off" });
  });
});
