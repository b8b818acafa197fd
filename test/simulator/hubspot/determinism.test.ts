/** The same seed, clock and requests give the same answers; large accounts stay quick. */
import { expect, test } from "vitest";
import { createHubspot, type Hubspot } from "../../../mcp-server/simulator/hubspot/hubspot.ts";
import { CONTACTS, START } from "./portal.ts";

function hubspot(seed: number): Hubspot {
  return createHubspot({
    seed,
    now: () => START,
    settings: { searchLagMs: 0, burstLimit: 10_000 },
  });
}

async function post(to: Hubspot, path: string, body: unknown): Promise<string> {
  const response = await to.app.request(`${CONTACTS}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${to.settings().token}` },
    body: JSON.stringify(body),
  });
  return await response.text();
}

function rows(batch: number) {
  return Array.from({ length: 100 }, (_, index) => ({
    id: `c${batch * 100 + index}@example.com`,
    idProperty: "email",
    properties: { firstname: "Ada", city: "London", company: `Company ${index}` },
    objectWriteTraceId: String(index),
  }));
}

test("two accounts of one seed answer alike, byte for byte", async () => {
  const [one, two, other] = [hubspot(3), hubspot(3), hubspot(4)];
  const answers = async (to: Hubspot) => [
    await post(to, "/batch/upsert", { inputs: rows(0) }),
    await post(to, "/search", { limit: 50 }),
    await post(to, "/merge", {}),
  ];

  const first = await answers(one);

  expect(await answers(two)).toEqual(first);
  expect(await answers(other)).not.toEqual(first);
});

test("resetting replays the same answers", async () => {
  const to = hubspot(3);
  const first = await post(to, "/batch/upsert", { inputs: rows(0) });

  to.reset();

  expect(await post(to, "/batch/upsert", { inputs: rows(0) })).toBe(first);
});

test("finds the one that is asked for among 20,000", async () => {
  const to = hubspot(3);

  for (let batch = 0; batch < 200; batch += 1)
    await post(to, "/batch/upsert", { inputs: rows(batch) });
  const found = await post(to, "/search", {
    filterGroups: [
      { filters: [{ propertyName: "email", operator: "EQ", value: "c19999@example.com" }] },
    ],
  });

  expect(JSON.parse(found).total).toBe(1);
});
