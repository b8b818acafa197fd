/** Which local company keeps the link when HubSpot merges the companies of several. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { companyEnds, type LinkedCompany } from "../../mcp-server/src/core/company-ends.ts";

const SURVIVOR = "900";
const none = { missing: [], domains: new Map<string, string | null>() };

const linked: fc.Arbitrary<readonly LinkedCompany[]> = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 99 }),
      domain: fc.integer({ min: 1, max: 99 }).map((n) => `firma${n}.com`),
      hubspotId: fc.integer({ min: 1, max: 1_200 }).map(String),
    }),
    { minLength: 1, maxLength: 5, selector: ({ id }) => id },
  )
  .filter((all) => new Set(all.map(({ hubspotId }) => hubspotId)).size === all.length);

function merged(all: readonly LinkedCompany[]): ReadonlyMap<string, string> {
  const ids = all.map(({ hubspotId }) => hubspotId).filter((id) => id !== SURVIVOR);
  return new Map(ids.map((id) => [id, SURVIVOR]));
}

test("whatever the order, the same one keeps the link, and every other one remembers which", () => {
  fc.assert(
    fc.property(linked, fc.string(), (all, domain) => {
      const said = { ...none, merged: merged(all), domains: new Map([[SURVIVOR, domain]]) };

      const { kept, ends } = companyEnds(all, said);

      expect(companyEnds(all.toReversed(), said).kept).toEqual(kept);
      expect(kept).toEqual([{ local_id: expect.any(Number), hubspot_id: SURVIVOR }]);
      expect(ends).toHaveLength(all.length - 1);
      expect(new Set(ends.map(({ merged_into }) => merged_into))).toEqual(
        new Set(all.length > 1 ? [kept[0]?.local_id] : []),
      );
      expect(ends.map(({ id }) => id)).not.toContain(kept[0]?.local_id);
    }),
  );
});

const [three, four] = [
  { id: 3, domain: "firma3.com", hubspotId: "103" },
  { id: 4, domain: "firma4.com", hubspotId: "1004" },
];

test.each([
  ["the one whose domain lives on", "firma4.com", 4],
  ["where none has the domain, that of the oldest HubSpot company", "other.com", 3],
])("%s keeps it", (_what, domain, keeper) => {
  const domains = new Map([[SURVIVOR, domain]]);

  const { kept } = companyEnds([four, three], { ...none, merged: merged([three, four]), domains });

  expect(kept).toEqual([{ local_id: keeper, hubspot_id: SURVIVOR }]);
});

test("where none has the domain, the one that was linked with the survivor before keeps it", () => {
  const held = { ...four, hubspotId: SURVIVOR };

  const { kept, ends } = companyEnds([three, held], { ...none, merged: merged([three, held]) });

  expect(kept).toEqual([{ local_id: 4, hubspot_id: SURVIVOR }]);
  expect(ends).toEqual([{ id: 3, merged_into: 4, hubspot_deleted_id: null }]);
});

test("a deleted one is remembered by its HubSpot id", () => {
  const { kept, ends } = companyEnds([three], { ...none, missing: ["103"], merged: new Map() });

  expect(kept).toEqual([]);
  expect(ends).toEqual([{ id: 3, merged_into: null, hubspot_deleted_id: "103" }]);
});
