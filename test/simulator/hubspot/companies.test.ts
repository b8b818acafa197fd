/** Companies as somebody else's customers: an own unique key and strict values. */
import { beforeEach, describe, expect, test } from "vitest";
import { COMPANIES, idsOf, openPortal } from "./portal.ts";

const portal = await openPortal();

const GROUP = "companyinformation";
const KEY = {
  name: "crm_key",
  label: "Key",
  type: "string",
  fieldType: "text",
  groupName: GROUP,
  hasUniqueValue: true,
};
const TIER = {
  name: "crm_tier",
  label: "Tier",
  type: "enumeration",
  fieldType: "select",
  groupName: GROUP,
  options: [
    { label: "Gold", value: "gold" },
    { label: "Silver", value: "silver" },
  ],
};
const BALANCE = {
  name: "crm_balance",
  label: "Balance",
  type: "number",
  fieldType: "number",
  groupName: GROUP,
};

beforeEach(() => {
  for (const property of [KEY, TIER, BALANCE]) portal.hubspot.defineProperty("companies", property);
});

function byKey(key: string, properties: Record<string, string>, trace?: string) {
  return {
    id: key,
    idProperty: "crm_key",
    properties,
    ...(trace === undefined ? {} : { objectWriteTraceId: trace }),
  };
}

async function batch(action: string, body: Record<string, unknown>) {
  return await portal.post(`${COMPANIES}/batch/${action}`, body);
}

describe("the own key", () => {
  // HubSpot docs, using object APIs: upserts go by unique properties (read 2026-04).
  test("upserts tell created from updated", async () => {
    const id = await portal.company({ name: "Old", crm_key: "K1" });

    const { status, body } = await batch("upsert", {
      inputs: [byKey("K1", { name: "Acme" }), byKey("K2", { name: "Bolt" })],
    });

    expect(status).toBe(200);
    const known = body.results.find((row: { id: string }) => row.id === id);
    const fresh = body.results.find((row: { id: string }) => row.id !== id);
    expect(known).toMatchObject({ new: false, properties: { crm_key: "K1", name: "Acme" } });
    expect(fresh).toMatchObject({ new: true, properties: { crm_key: "K2", name: "Bolt" } });
  });

  // HubSpot docs, using object APIs: a company needs a domain or a name (read 2026-04).
  test("an upsert that creates needs a name or a domain as every create does", async () => {
    const { status, body } = await batch("upsert", {
      inputs: [byKey("K1", { phone: "1" }, "a"), byKey("K2", { domain: "bolt.com" }, "b")],
    });

    expect(status).toBe(207);
    expect(body.results).toHaveLength(1);
    expect(body.errors).toMatchObject([
      { category: "VALIDATION_ERROR", context: { objectWriteTraceId: ["a"] } },
    ]);
  });

  test("finds companies in batch reads and names the keys that nobody has", async () => {
    const id = await portal.company({ name: "Acme", crm_key: "K1" });

    const { status, body } = await batch("read", {
      idProperty: "crm_key",
      inputs: [{ id: "K1" }, { id: "K9" }],
      properties: ["crm_key"],
    });

    expect(status).toBe(207);
    expect(idsOf(body.results)).toEqual([id]);
    expect(body.errors[0].context.ids).toEqual(["K9"]);
  });

  // Changelogs and live tests, 2026: `domain` is no unique property of companies.
  test("a property that is not unique finds nobody", async () => {
    const { status } = await batch("read", { idProperty: "domain", inputs: [{ id: "acme.com" }] });

    expect(status).toBe(400);
  });

  test("names the record of a batch update, too", async () => {
    const id = await portal.company({ name: "Acme", crm_key: "K1" });

    const { status, body } = await batch("update", { inputs: [byKey("K1", { city: "Oslo" })] });

    expect(status).toBe(200);
    expect(idsOf(body.results)).toEqual([id]);
    expect(portal.hubspot.find("companies", "crm_key=K1")?.properties["city"]).toBe("Oslo");
  });

  // Issue threads: CONFLICTING_UNIQUE_VALUE, 400, "… already has that value".
  test("cannot be taken from its holder, and only that row fails", async () => {
    const holder = await portal.company({ name: "Acme", crm_key: "K1" });
    const other = await portal.company({ name: "Bolt" });
    const third = await portal.company({ name: "Cask" });

    const { status, body } = await batch("update", {
      inputs: [
        { id: other, properties: { crm_key: "K1" }, objectWriteTraceId: "a" },
        { id: third, properties: { crm_key: "K3" }, objectWriteTraceId: "b" },
      ],
    });

    expect(status).toBe(207);
    expect(idsOf(body.results)).toEqual([third]);
    expect(body.errors).toMatchObject([
      {
        category: "VALIDATION_ERROR",
        errors: [{ code: "CONFLICTING_UNIQUE_VALUE" }],
        context: { objectWriteTraceId: ["a"] },
      },
    ]);
    expect(body.errors[0].errors[0].message).toMatch(
      new RegExp(`on ${other}\\. ${holder} already has that value\\.$`),
    );
  });

  // Undocumented: both ways can be tried.
  test.each([
    [true, 1],
    [false, 2],
  ])("keys that differ in case, compared ignoring it: %s", async (ignoresCase, companies) => {
    portal.hubspot.configure({ uniqueValuesIgnoreCase: ignoresCase });
    await batch("upsert", { inputs: [byKey("K1", { name: "Acme" })] });

    const { body } = await batch("upsert", { inputs: [byKey("k1", { name: "Acme" })] });

    expect(body.results[0].new).toBe(!ignoresCase);
    expect(portal.hubspot.counts()["companies"]).toBe(companies);
  });

  test("is free again once its company is in the recycle bin", async () => {
    await portal.company({ name: "Acme", crm_key: "K1" });
    portal.hubspot.archiveAsUser("companies", "crm_key=K1");

    const { body } = await batch("upsert", { inputs: [byKey("K1", { name: "Acme" })] });

    expect(body.results[0].new).toBe(true);
  });
});

describe("values", () => {
  // HubSpot docs, properties guide: enumerations by internal value, exact case; numbers without separators (read 2026-04).
  test.each([
    ["an option in another case", { crm_tier: "Gold" }, "INVALID_OPTION"],
    ["a yes that is not true", { is_public: "yes" }, "INVALID_OPTION"],
    ["text in a number", { crm_balance: "a lot" }, "INVALID_INTEGER"],
    ["a number with separators", { crm_balance: "1,250.00" }, "INVALID_INTEGER"],
    ["a calculated property", { num_associated_contacts: "3" }, "READ_ONLY_VALUE"],
    ["a property that HubSpot keeps", { createdate: "2026-01-01" }, "READ_ONLY_VALUE"],
    ["the record's id", { hs_object_id: "7" }, "READ_ONLY_VALUE"],
    ["a property in another case", { CRM_TIER: "gold" }, "PROPERTY_DOESNT_EXIST"],
  ])("%s fails its row, or without trace ids the batch", async (_, wrong, code) => {
    const good = { name: "Acme", crm_tier: "gold", crm_balance: "-12.50" };

    const whole = await batch("upsert", {
      inputs: [byKey("K1", { name: "Bad", ...wrong }), byKey("K2", good)],
    });
    const traced = await batch("upsert", {
      inputs: [byKey("K1", { name: "Bad", ...wrong }, "a"), byKey("K2", good, "b")],
    });

    expect(whole.status).toBe(400);
    expect(whole.body.errors).toMatchObject([{ code }]);
    expect(traced.status).toBe(207);
    expect(traced.body.results).toMatchObject([{ properties: { crm_key: "K2" } }]);
    expect(traced.body.errors).toMatchObject([
      { errors: [{ code }], context: { objectWriteTraceId: ["a"] } },
    ]);
    expect(portal.hubspot.counts()["companies"]).toBe(1);
  });
});
