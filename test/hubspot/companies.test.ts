/** Companies by an own unique property: what the customers' side of the sync stands on. */
import { beforeEach, describe, expect, test } from "vitest";
import type { NeededProperty } from "../../mcp-server/src/core/crm-setup.ts";
import { openGate } from "./gate.ts";
import { kinds, openPortal, outcomeOf } from "./portal.ts";

const portal = await openPortal();
const { hubspot } = portal.simulator;
const gate = await openGate(portal.simulator.hubspotUrl);

const KEY = "crm_ban";
const property = (name: string, more: Partial<NeededProperty> = {}): NeededProperty => ({
  name,
  label: name,
  type: "string",
  fieldType: "text",
  groupName: "sync_group",
  ...more,
});

beforeEach(async () => {
  const crm = portal.crm();
  await crm.createPropertyGroup("companies", { name: "sync_group", label: "Sync" });
  await crm.createProperties("companies", [
    property(KEY, { hasUniqueValue: true }),
    property("crm_balance", { type: "number", fieldType: "number" }),
    property("crm_tier", {
      type: "enumeration",
      fieldType: "select",
      options: [
        { label: "Gold", value: "gold" },
        { label: "Silver", value: "silver" },
      ],
    }),
  ]);
  portal.simulator.requests.clear();
});

/** Customers B0, B1, … as upsert rows. */
function rows(count: number, properties: Record<string, string> = {}) {
  return Array.from({ length: count }, (_, index) => ({
    ref: `r${index}`,
    id: `B${index}`,
    properties: { name: `Customer ${index}`, ...properties },
  }));
}

describe("upserts by key", () => {
  test("250 customers take three requests; the second time nothing is created", async () => {
    const crm = portal.crm();

    const first = await crm.upsert("companies", KEY, rows(250));
    const second = await crm.upsert("companies", KEY, rows(250, { city: "Oslo" }));

    expect(portal.requests("/companies/batch/upsert")).toHaveLength(6);
    expect(first.every((one) => one.kind === "written" && one.created)).toBe(true);
    expect(second.every((one) => one.kind === "written" && !one.created)).toBe(true);
    expect(hubspot.counts()["companies"]).toBe(250);
    expect(hubspot.find("companies", `${KEY}=B249`)?.properties).toMatchObject({
      name: "Customer 249",
      city: "Oslo",
    });
  });

  test("an upsert whose answer was lost may be repeated and creates nobody twice", async () => {
    portal.fault({ name: "reset-after-commit", path: "/batch/upsert" });
    const crm = portal.crm();

    const lost = await crm.upsert("companies", KEY, rows(20));
    const repeated = await crm.upsert("companies", KEY, rows(20));

    expect([kinds(lost), kinds(repeated)]).toEqual([{ unknown: 20 }, { written: 20 }]);
    expect(hubspot.counts()["companies"]).toBe(20);
  });

  // HubSpot docs, error handling: large fast upserts of companies meet a lock of 2 s (read 2026-04).
  test("a locked batch waits and is written", async () => {
    portal.fault({ name: "http-423", path: "/batch/upsert" });

    const outcomes = await portal.crm().upsert("companies", KEY, rows(3));

    expect(kinds(outcomes)).toEqual({ written: 3 });
    expect(portal.requests("/batch/upsert").map(({ status }) => status)).toEqual([423, 200]);
  });

  // HubSpot docs, properties guide: exact case of options, numbers without separators (read 2026-04).
  test.each([
    ["an option in another case", { crm_tier: "GOLD" }, "INVALID_OPTION"],
    ["an amount with a currency", { crm_balance: "12 EUR" }, "INVALID_INTEGER"],
    ["a calculated property", { num_associated_contacts: "12" }, "READ_ONLY_VALUE"],
  ])("%s rejects its own row and tells no value", async (_, wrong, code) => {
    const bad = { ...rows(4)[3]!, properties: { name: "Bad", ...wrong } };

    const outcomes = await portal.crm().upsert("companies", KEY, rows(5).with(3, bad));

    expect(kinds(outcomes)).toEqual({ written: 4, rejected: 1 });
    const outcome = outcomeOf(outcomes, "r3");
    expect(outcome).toMatchObject({ kind: "rejected", code, existingId: null });
    expect(JSON.stringify(outcome)).toContain(Object.keys(wrong)[0]);
    expect(JSON.stringify(outcome)).not.toContain(Object.values(wrong)[0]);
  });

  // How HubSpot compares unique values is not documented; both ways are tried.
  test.each([
    [true, 1],
    [false, 2],
  ])("keys that differ in case only, compared ignoring it: %s", async (ignoresCase, companies) => {
    hubspot.configure({ uniqueValuesIgnoreCase: ignoresCase });

    const outcomes = await portal.crm().upsert("companies", KEY, [
      { ref: "upper", id: "BX", properties: { name: "First" } },
      { ref: "lower", id: "bx", properties: { name: "Second" } },
    ]);

    expect(kinds(outcomes)).toEqual({ written: 2 });
    expect(outcomeOf(outcomes, "lower")).toMatchObject({ created: !ignoresCase });
    expect(hubspot.counts()["companies"]).toBe(companies);
  });
});

describe("a key that somebody holds", () => {
  test("an update that takes it is rejected with the holder's id, the others are written", async () => {
    const [holder = "", other = "", third = ""] = hubspot.seedCompanies([
      { name: "A", [KEY]: "B0" },
      { name: "B" },
      { name: "C" },
    ]);

    const outcomes = await portal.crm().update("companies", [
      { ref: "taker", id: other, properties: { [KEY]: "B0" } },
      { ref: "fine", id: third, properties: { [KEY]: "B3" } },
    ]);

    expect(outcomeOf(outcomes, "taker")).toMatchObject({
      kind: "rejected",
      code: "CONFLICTING_UNIQUE_VALUE",
      existingId: holder,
    });
    expect(outcomeOf(outcomes, "fine").kind).toBe("written");
    expect(JSON.stringify(outcomeOf(outcomes, "taker"))).not.toContain("B0");
  });

  test("so is a create, also when HubSpot refuses the whole batch", async () => {
    const [holder] = hubspot.seedCompanies([{ name: "A", [KEY]: "B0" }]);
    // As if trace ids did not switch multi-status on.
    gate.answer(({ inputs }) =>
      inputs.length > 1 && inputs.some(({ properties }) => properties?.[KEY] === "B0")
        ? { status: 400, body: { status: "error", category: "VALIDATION_ERROR", message: "No" } }
        : null,
    );

    const outcomes = await portal.crm({ baseUrl: gate.url }).create("companies", [
      { ref: "taker", properties: { name: "B", [KEY]: "B0" }, associations: [] },
      { ref: "fine", properties: { name: "C", [KEY]: "B1" }, associations: [] },
    ]);

    expect(outcomeOf(outcomes, "taker")).toMatchObject({ kind: "rejected", existingId: holder });
    expect(outcomeOf(outcomes, "fine")).toMatchObject({ kind: "written", created: true });
  });
});

describe("reads by key", () => {
  test("account for every key in one request per hundred", async () => {
    await portal.crm().upsert("companies", KEY, rows(150));

    const { found, missing } = await portal.crm().read("companies", {
      ids: [...rows(150).map(({ id }) => id), "B999"],
      idProperty: KEY,
      properties: ["name"],
    });

    expect(found).toHaveLength(150);
    expect(found[0]?.properties[KEY]).toMatch(/^B\d+$/);
    expect(missing).toEqual(["B999"]);
    expect(portal.requests("/companies/batch/read")).toHaveLength(2);
  });

  test.each([
    [true, []],
    [false, ["bx"]],
  ])("a key in another case, compared ignoring it: %s", async (ignoresCase, absent) => {
    hubspot.configure({ uniqueValuesIgnoreCase: ignoresCase });
    const [id] = hubspot.seedCompanies([{ name: "A", [KEY]: "BX" }]);

    const { found, missing } = await portal
      .crm()
      .read("companies", { ids: ["BX", "bx"], idProperty: KEY, properties: [] });

    expect(found.map((record) => record.id)).toEqual([id]);
    expect(missing).toEqual(absent);
  });

  test("keys that HubSpot holds in another case cost no request more", async () => {
    await portal.crm().upsert("companies", KEY, rows(40));

    const { found, missing } = await portal.crm().read("companies", {
      ids: [...rows(40).map(({ id }) => id.toLowerCase()), "b999"],
      idProperty: KEY,
      properties: [],
    });

    expect(found).toHaveLength(40);
    expect(missing).toEqual(["b999"]);
    expect(portal.requests("/companies/batch/read")).toHaveLength(1);
  });

  test("a company found by its key has taken over the ids merged into it", async () => {
    const [first = "", second = ""] = hubspot.seedCompanies([
      { name: "A", [KEY]: "B0" },
      { name: "B" },
    ]);
    const survivor = hubspot.mergeAsUser("companies", second, first);
    const crm = portal.crm();

    const byKey = await crm.read("companies", { ids: ["B0"], idProperty: KEY, properties: [] });
    const byId = await crm.read("companies", { ids: [first], properties: [KEY] });

    expect(byKey.found.map(({ id }) => id)).toEqual([survivor]);
    expect([...byId.merged]).toEqual([[first, survivor]]);
    expect(byId.found[0]?.properties[KEY]).toBe("B0");
  });
});
