/** A map's properties in a HubSpot account: created over HTTP, and written and read by their rules. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mapProblems } from "../../mcp-server/src/core/crm-fit.ts";
import { neededProperties, propertyGroup } from "../../mcp-server/src/core/crm-setup.ts";
import { type FieldMap, parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import { readLocal, readRemote, writeRemote } from "../../mcp-server/src/core/rule-values.ts";
import type { Crm, CrmObject } from "../../mcp-server/src/ports/crm.ts";
import { openPortal } from "../hubspot/portal.ts";

const portal = await openPortal();
const shipped = parseFieldMap(readFileSync("data/field-map.json", "utf8"), "data/field-map.json");

async function provide(crm: Crm, object: CrmObject, map: FieldMap): Promise<void> {
  await crm.createPropertyGroup(object, propertyGroup);
  await crm.createProperties(object, neededProperties(map));
}

test.each([
  ["contacts", shipped.contacts],
  ["companies", shipped.customers],
] as const)(
  "the shipped map fits the %s of a fresh account, before and after its properties are there",
  async (object, map) => {
    const crm = portal.crm();

    expect(mapProblems(map, await crm.properties(object))).toEqual([]);
    await provide(crm, object, map);

    const existing = await crm.properties(object);
    const names = new Set(existing.map(({ name }) => name));
    expect(mapProblems(map, existing)).toEqual([]);
    expect(map.properties.filter((name) => !names.has(name))).toEqual([]);
  },
);

// One value of each type as a local record may hold it, in another form than HubSpot's.
const samples = {
  text: " Berlin ",
  email: "Ada@Example.com",
  phone: "+49 30 901820",
  country: "DE",
  url: "https://www.acme.com/",
  number: "0012.50",
  boolean: "yes",
  date: "2024-01-17",
  datetime: "2024-01-17T10:00:00.000Z",
  list: ["one", "two"],
  set: "b;a",
};

test("values of every type come back from the properties that are created for them as they were sent", async () => {
  const fields = Object.keys(samples).map((type) => [
    `my_${type}`,
    {
      hubspot_property: `my_${type}`,
      warp_field: "contact",
      warp_field_path: `contact->>'${type}'`,
      sync_direction: "WARP_TO_HUBSPOT",
      type,
    },
  ]);
  const extra = {
    ban: { hubspot_property: "my_ban", warp_field: "ban", sync_direction: "WARP_TO_HUBSPOT" },
    my_tier: {
      hubspot_property: "my_tier",
      warp_field: "tier",
      sync_direction: "WARP_TO_HUBSPOT",
      enum_values: ["STANDARD", "PREMIUM"],
    },
    my_limit: {
      hubspot_property: "my_limit",
      warp_field: "credit_limit",
      sync_direction: "BIDIRECTIONAL",
      conflict_resolution: "MANUAL",
      transform: "hubspot_value_in_cents_to_dollars",
    },
  };
  const local: Record<string, unknown> = {
    ...Object.fromEntries(Object.entries(samples).map(([type, value]) => [`my_${type}`, value])),
    ban: "B-1",
    my_tier: "premium",
    my_limit: "10.50",
  };
  const { customers: map } = parseFieldMap(
    JSON.stringify({ customers: { ...extra, ...Object.fromEntries(fields) } }),
    "map.json",
  );
  const crm = portal.crm();
  await provide(crm, "companies", map);
  const read = map.rules.map((rule) => ({ rule, ...readLocal(rule, local[rule.field]) }));
  const properties = Object.fromEntries([
    // HubSpot docs, companies guide: a company needs a name or a domain (read 2026-11).
    ["name", "Acme"],
    ...read.map(({ rule, value }) => [rule.property, writeRemote(rule, value ?? null)]),
  ]);

  const outcomes = await crm.upsert("companies", "my_ban", [{ ref: "1", id: "B-1", properties }]);
  const { found } = await crm.read("companies", {
    ids: ["B-1"],
    idProperty: "my_ban",
    properties: map.properties,
  });

  expect(outcomes).toMatchObject([{ kind: "written" }]);
  expect(properties).toMatchObject({ my_tier: "PREMIUM", my_limit: "1050" });
  for (const { rule, value, problem } of read) {
    expect(problem).toBeNull();
    expect([rule.field, readRemote(rule, found[0]?.properties[rule.property])]).toEqual([
      rule.field,
      { value, problem: null },
    ]);
  }
});
