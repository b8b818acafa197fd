/** When a property last changed in HubSpot, and who changed it. */
import { describe, expect, test } from "vitest";
import { openGate } from "./gate.ts";
import { openPortal } from "./portal.ts";

const portal = await openPortal();
const { hubspot } = portal.simulator;
const gate = await openGate(portal.simulator.hubspotUrl);

const USER = 76_070_032;

describe("times", () => {
  test("the newest change of each property, in batches of 50", async () => {
    const ids = hubspot.seedContacts(
      Array.from({ length: 60 }, (_, index) => ({ email: `e${index}@example.com` })),
    );
    const edited = hubspot.editAsUser("contacts", ids[5]!, { firstname: "Ada" });

    const times = await portal.crm().propertyTimes("contacts", {
      ids: [...ids, "999999999"],
      properties: ["firstname", "email"],
    });

    expect(times.size).toBe(60);
    expect(times.get(ids[5]!)?.["firstname"]).toEqual({
      at: new Date(edited.updatedAt).toISOString(),
      by: `CRM_UI (user ${USER})`,
    });
    expect(times.get(ids[6]!)?.["firstname"]).toBeUndefined();
    expect(times.get(ids[6]!)?.["email"]?.at).toMatch(/^\d{4}-.*Z$/);
    // HubSpot docs: the maximum number of inputs for property histories is 50 (read 2026-04).
    expect(portal.requests("/batch/read").map(({ inputs }) => inputs)).toEqual(
      expect.arrayContaining([50, 11]),
    );
  });

  test("of companies, too, own writes told from people's", async () => {
    const [id = ""] = hubspot.seedCompanies([{ name: "Acme", city: "Oslo" }]);
    const crm = portal.crm();
    await crm.update("companies", [{ ref: "r", id, properties: { city: "Bergen" } }]);

    const times = await crm.propertyTimes("companies", { ids: [id], properties: ["name", "city"] });

    expect(times.get(id)?.["city"]?.by).toBe(`INTEGRATION (app ${hubspot.appId})`);
    expect(times.get(id)?.["name"]?.by).toBe(`CRM_UI (user ${USER})`);
    expect(times.get(id)!["city"]!.at > times.get(id)!["name"]!.at).toBe(true);
  });

  test("a cleared property has the time of its clearing", async () => {
    const [id = ""] = hubspot.seedCompanies([{ name: "Acme", city: "Oslo" }]);
    const { updatedAt } = hubspot.editAsUser("companies", id, { city: "" });

    const times = await portal
      .crm()
      .propertyTimes("companies", { ids: [id], properties: ["city"] });

    expect(times.get(id)?.["city"]?.at).toBe(new Date(updatedAt).toISOString());
  });

  // One report of 2026-09: the result set is empty whenever an id is missing.
  test("a missing record costs the others nothing although HubSpot empties the results", async () => {
    hubspot.configure({ batchReadMissing: "empty" });
    const ids = hubspot.seedCompanies([{ name: "Acme" }, { name: "Bolt" }]);

    const times = await portal
      .crm()
      .propertyTimes("companies", { ids: [...ids, "999999999"], properties: ["name"] });

    expect([...times.keys()].sort()).toEqual([...ids].sort());
  });

  test.each([
    ["nothing at all", { status: "COMPLETE", results: [] }],
    [
      "an error that names nobody",
      { status: "COMPLETE", results: [], errors: [{ category: "INTERNAL" }] },
    ],
  ])("an answer with %s is an error, not records without history", async (_, body) => {
    gate.answer(() => ({ status: 207, body }));

    const asking = portal
      .crm({ baseUrl: gate.url })
      .propertyTimes("companies", { ids: ["1"], properties: ["name"] });

    await expect(asking).rejects.toMatchObject({ code: "HUBSPOT_UNREADABLE" });
  });
});

describe("who", () => {
  async function told(...entries: readonly Record<string, unknown>[]) {
    const history = entries.map((entry) => ({
      value: "x",
      timestamp: "2026-11-20T12:00:00.000Z",
      ...entry,
    }));
    gate.answer(() => ({
      status: 200,
      body: { results: [{ id: "1", propertiesWithHistory: { name: history } }] },
    }));
    const times = await portal
      .crm({ baseUrl: gate.url })
      .propertyTimes("companies", { ids: ["1"], properties: ["name"] });
    return times.get("1")?.["name"];
  }

  // Specification: sourceType, and where they apply sourceId, sourceLabel and updatedByUserId.
  test.each([
    [{ sourceType: "CRM_UI", sourceId: "userId:17", updatedByUserId: 17 }, "CRM_UI (user 17)"],
    [{ sourceType: "CRM_UI", sourceId: "userId:17" }, "CRM_UI (user 17)"],
    [
      { sourceType: "CRM_UI", sourceLabel: "ada@example.com", updatedByUserId: 17 },
      "CRM_UI (user 17)",
    ],
    [{ sourceType: "INTEGRATION", sourceId: "12345" }, "INTEGRATION (app 12345)"],
    [{ sourceType: "IMPORT", sourceLabel: "spring.csv", sourceId: "9" }, "IMPORT (spring.csv)"],
    [{ sourceType: "FORM", sourceId: "f-1" }, "FORM (f-1)"],
    [{ sourceType: "API" }, "API"],
    [{ sourceType: null, sourceLabel: null, sourceId: null }, null],
    [{ sourceType: "", sourceId: " " }, null],
  ])("%j is told as %j", async (entry, by) => {
    expect((await told(entry))?.by).toBe(by);
  });

  test("hostile text comes in one line, printable and short", async () => {
    const label = `a\u0000b\n\u001b[31mc\u202ed ${"\u{1F4A3}".repeat(200)}`;

    const by = (await told({ sourceType: "IMPORT", sourceLabel: label }))?.by ?? "";

    expect(by).toMatch(/^IMPORT \(a b \[31mc d /);
    expect(by).not.toMatch(/\p{C}/u);
    expect(by.length).toBeLessThanOrEqual(100);
    expect(by.isWellFormed()).toBe(true);
  });

  test("the newest entry speaks in whatever order they come", async () => {
    const stated = await told(
      { sourceType: "API", timestamp: "2026-11-20T12:00:00.000Z" },
      { sourceType: "FORM", timestamp: Date.UTC(2026, 10, 21) },
      { sourceType: "IMPORT", timestamp: "no time" },
    );

    expect(stated).toEqual({ at: "2026-11-21T00:00:00.000Z", by: "FORM" });
  });

  test("of two at one time the first speaks: HubSpot lists the newest first", async () => {
    expect((await told({ sourceType: "FORM" }, { sourceType: "API" }))?.by).toBe("FORM");
  });
});
