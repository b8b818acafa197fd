/** Mass edits: tens of thousands of records with one modified date, paged without loss. */
import { expect, test } from "vitest";
import { CONTACTS, openPortal } from "./portal.ts";

const portal = await openPortal();
const { hubspot } = portal;
const COUNT = 25_000;
const HOUR_MS = 3_600_000;

function seeded(count: number): string[] {
  const rows = Array.from({ length: count }, (_, index) => ({ email: `c${index}@example.com` }));
  return hubspot.seedContacts(rows);
}

function windowOf(at: number, afterId: string) {
  return {
    filterGroups: [
      {
        filters: [
          { propertyName: "lastmodifieddate", operator: "GTE", value: String(at) },
          { propertyName: "lastmodifieddate", operator: "LT", value: String(at + 1) },
          { propertyName: "hs_object_id", operator: "GT", value: afterId },
        ],
      },
    ],
    sorts: [{ propertyName: "hs_object_id", direction: "ASCENDING" }],
    limit: 200,
  };
}

test("25,000 records of one moment are found by id, and not by offset", async () => {
  const ids = seeded(COUNT + 2_000);
  const at = portal.now() - HOUR_MS;
  const touched = ids.slice(1_000, 1_000 + COUNT);
  hubspot.bulkEditAsUser("contacts", touched, { city: "Oslo" }, { at });

  const found: string[] = [];
  let total: number | undefined;
  for (let last = "0"; ; last = found.at(-1) ?? "") {
    const { body } = await portal.post(`${CONTACTS}/search`, windowOf(at, last));
    total ??= body.total;
    found.push(...body.results.map(({ id }: { id: string }) => id));
    if (body.paging === undefined) break;
  }
  const beyond = await portal.post(`${CONTACTS}/search`, { ...windowOf(at, "0"), after: 10_000 });

  expect(total).toBe(COUNT);
  expect(found).toEqual(touched);
  // HubSpot docs, search limits, read 2026-04: paging past 10,000 is an error.
  expect(beyond.status).toBe(400);
});

test("a search finds the same whether ids and dates bound it or only filter it", async () => {
  const ids = seeded(40);
  const at = portal.now() - HOUR_MS;
  hubspot.bulkEditAsUser("contacts", ids.slice(10, 30), { city: "Oslo" }, { at });
  const search = async (filterGroups: unknown) => {
    const { body } = await portal.post(`${CONTACTS}/search`, { filterGroups, limit: 200 });
    return body.results.map(({ id }: { id: string }) => id);
  };
  const from = { propertyName: "hs_object_id", operator: "GTE", value: ids[20] };
  const time = {
    propertyName: "lastmodifieddate",
    operator: "BETWEEN",
    value: String(at),
    highValue: String(at),
  };
  const nobody = { propertyName: "email", operator: "EQ", value: "nobody@example.com" };

  const expected = ids.slice(20, 30);
  expect(await search([{ filters: [from, time] }])).toEqual(expected);
  expect(await search([{ filters: [from, time] }, { filters: [nobody] }])).toEqual(expected);
  expect(await search([{ filters: [time] }, { filters: [from] }])).toEqual(ids.slice(10));
  const exact = { ...from, operator: "EQ" };
  expect(await search([{ filters: [exact] }])).toEqual([ids[20]]);
});

test("search still shows the older state of a record that a mass edit just changed", async () => {
  const [id = ""] = seeded(1);
  hubspot.bulkEditAsUser("contacts", [id], { city: "Oslo" });

  const { body } = await portal.post(`${CONTACTS}/search`, {
    filterGroups: [
      { filters: [{ propertyName: "lastmodifieddate", operator: "GTE", value: "0" }] },
    ],
    properties: ["city"],
  });

  expect(body.results).toMatchObject([{ id, properties: { city: null } }]);
});

test.each([
  ["an unknown property", { nope: "x" }],
  ["a value that does not suit it", { lifecyclestage: "no such stage" }],
  ["a unique property", { email: "one@example.com" }],
])("a mass edit refuses %s and changes nothing", (_, values) => {
  const ids = seeded(2);
  const before = hubspot.all("contacts");

  expect(() => hubspot.bulkEditAsUser("contacts", ids, values)).toThrow();
  expect(hubspot.all("contacts")).toEqual(before);
});
