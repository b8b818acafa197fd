/** What a person does in HubSpot's own pages, ordered over the control port. */
import { afterAll, beforeEach, expect, test } from "vitest";
import { startSimulator } from "../../mcp-server/simulator/simulator.ts";

const simulator = await startSimulator();
const authorized = { authorization: `Bearer ${simulator.hubspotToken}` };

afterAll(() => simulator.close());
beforeEach(async () => {
  expect((await control("POST", "/reset")).status).toBe(204);
});

async function control(method: string, path: string, body?: unknown) {
  const response = await fetch(`${simulator.controlUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

test("edits, merges and archives as a person would", async () => {
  await control("POST", "/seed/hubspot", {
    contacts: [{ email: "ada@example.com" }, { email: "bob@example.com" }],
  });
  const type = "contacts";

  const edited = await control("POST", "/edit/hubspot", {
    type,
    id: "ada@example.com",
    properties: { city: "London" },
  });
  const merged = await control("POST", "/merge/hubspot", {
    type,
    primary: "ada@example.com",
    other: "bob@example.com",
  });
  const archived = await control("POST", "/archive/hubspot", { type, id: merged.body.id });

  expect(edited.body.properties.city).toBe("London");
  expect(archived.status).toBe(204);
  expect(simulator.hubspot.counts()["contacts"]).toBe(0);
});

test("a company is defined, edited by its key and looked up, by whom and when is told", async () => {
  const type = "companies";
  await control("POST", "/define/hubspot", {
    type,
    property: {
      name: "crm_key",
      label: "Key",
      type: "string",
      fieldType: "text",
      groupName: "companyinformation",
      hasUniqueValue: true,
    },
  });
  await control("POST", "/seed/hubspot", { companies: [{ name: "Acme", crm_key: "K1" }] });
  const at = Date.now() - 3_600_000;

  const edited = await control("POST", "/edit/hubspot", {
    type,
    id: "crm_key=K1",
    properties: { phone: "+47 1" },
    userId: 76_070_033,
    at,
  });

  expect(edited.body).toMatchObject({ properties: { phone: "+47 1" }, updatedAt: at });
  expect((await control("GET", "/state/hubspot/companies/crm_key=K1")).body).toEqual(edited.body);
  const response = await fetch(
    `${simulator.hubspotUrl}/crm/v3/objects/companies/${edited.body.id}?propertiesWithHistory=phone`,
    { headers: authorized },
  );
  const { propertiesWithHistory } = (await response.json()) as {
    propertiesWithHistory: Record<string, unknown>;
  };
  expect(propertiesWithHistory["phone"]).toMatchObject([
    {
      sourceType: "CRM_UI",
      sourceId: "userId:76070033",
      updatedByUserId: 76_070_033,
      timestamp: new Date(at).toISOString(),
    },
  ]);
});

test.each([
  ["an unknown property", { properties: { nope: "x" } }],
  ["a value outside the options", { properties: { industry: "banking" } }],
  ["a read-only property", { properties: { createdate: "2026-01-01" } }],
  ["a time to come", { properties: { phone: "1" }, at: Date.now() + 60_000 }],
  ["a time before the record", { properties: { phone: "1" }, at: 0 }],
])("a person cannot set %s", async (_, change) => {
  const { body } = await control("POST", "/seed/hubspot", { companies: [{ name: "Acme" }] });

  const { status } = await control("POST", "/edit/hubspot", {
    type: "companies",
    id: body.companies[0],
    ...change,
  });

  expect(status).toBe(400);
});
