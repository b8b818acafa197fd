/** Limits in real time against a simulator that enforces them. */
import { expect, test } from "vitest";
import { kinds, openPortal, upsertRows } from "./portal.ts";

const REAL_TIME = 1;
const LIMIT = 40;

const portal = await openPortal(
  { burstLimit: LIMIT, searchPerSecond: 5, associationsBurstLimit: LIMIT },
  REAL_TIME,
);
const { hubspot } = portal.simulator;

// HubSpot docs, usage guidelines: a rolling ten seconds for requests, a rolling second for searches (read 2026-10).
test("a busy sync waits for the next window instead of meeting a 429", async () => {
  hubspot.seedCompanies([{ domain: "a.example.com" }]);
  const crm = portal.crm({ burstLimit: LIMIT });
  const startedAt = performance.now();
  const ids = Array.from({ length: 2 * LIMIT }, (_, index) => `${9_000_000_000 + index}`);

  const searches = Promise.all(
    Array.from({ length: 15 }, () =>
      crm.findByValues("companies", "domain", { values: ["a.example.com"], properties: [] }),
    ),
  );
  await Promise.all(ids.map((id) => crm.read("contacts", { ids: [id], properties: [] })));
  const tookMs = performance.now() - startedAt;
  await searches;

  expect(crm.stats().refusedForRate).toBe(0);
  expect(crm.stats().byLane).toEqual({ objects: 2 * LIMIT, search: 15, associations: 0 });
  // Two windows' worth of requests cannot be had without one whole wait; that there is no second one is the rate window's property.
  expect(tookMs).toBeGreaterThan(9_500);
}, 25_000);

const fast = await openPortal({ burstLimit: LIMIT });

test("another process on the same token is survived without losing or doubling anything", async () => {
  const mine = fast.crm({ burstLimit: LIMIT });
  const theirs = fast.crm({ burstLimit: LIMIT });

  const [outcomes, others] = await Promise.all([
    mine.upsert("contacts", "email", upsertRows(4_000)),
    theirs.create(
      "companies",
      Array.from({ length: 4_000 }, (_, index) => ({
        ref: `c${index}`,
        properties: { name: `Company ${index}` },
        associations: [],
      })),
    ),
  ]);

  expect(kinds(outcomes)).toEqual({ written: 4_000 });
  expect(kinds(others)).toEqual({ written: 4_000 });
  expect(fast.simulator.hubspot.counts()).toMatchObject({ contacts: 4_000, companies: 4_000 });
}, 25_000);

test("a limit lower than configured is learnt from the headers", async () => {
  fast.simulator.hubspot.configure({ burstLimit: 20 });
  const crm = fast.crm({ burstLimit: LIMIT });
  await crm.upsert("contacts", "email", upsertRows(1));

  await crm.upsert("contacts", "email", upsertRows(6_000));

  expect(crm.stats().refusedForRate).toBe(0);
}, 25_000);

test("the daily limit stops everything with its own code", async () => {
  fast.simulator.hubspot.configure({ dailyLimit: 3 });
  const crm = fast.crm();

  const outcomes = await crm.upsert("contacts", "email", upsertRows(1_000));

  const counts = kinds(outcomes);
  expect((counts["written"] ?? 0) + (counts["failed"] ?? 0)).toBe(1_000);
  expect(counts["written"]).toBe(300);
  expect(outcomes.find(({ kind }) => kind === "failed")).toMatchObject({
    error: { kind: "rate-limited", code: "DAILY_LIMIT" },
  });
});
