/** Property history of companies: who changed what when. */
import { beforeEach, expect, test } from "vitest";
import { COMPANIES, openPortal, START } from "./portal.ts";

const portal = await openPortal();

beforeEach(() => {
  const text = { type: "string", fieldType: "text", groupName: "companyinformation" };
  for (const name of ["crm_key", "crm_tier"])
    portal.hubspot.defineProperty("companies", {
      ...text,
      name,
      label: name,
      hasUniqueValue: name === "crm_key",
    });
});

async function read(body: Record<string, unknown>, query = "") {
  return await portal.post(`${COMPANIES}/batch/read${query}`, body);
}

test("comes by key, newest first, clearings included", async () => {
  await portal.company({ name: "Acme", crm_key: "K1", crm_tier: "gold" });
  portal.advance(1_000);
  portal.hubspot.editAsUser(
    "companies",
    "crm_key=K1",
    { crm_tier: "silver" },
    { userId: 76_070_033 },
  );
  portal.advance(1_000);
  portal.hubspot.editAsUser("companies", "crm_key=K1", { crm_tier: "" }, { userId: 5 });

  const { body } = await read({
    idProperty: "crm_key",
    inputs: [{ id: "K1" }],
    propertiesWithHistory: ["crm_tier"],
  });

  // Specification: value, timestamp, sourceType, and where they apply sourceId and updatedByUserId.
  const history = body.results[0].propertiesWithHistory.crm_tier;
  expect(history).toMatchObject([
    { value: "", sourceType: "CRM_UI", sourceId: "userId:5", updatedByUserId: 5 },
    { value: "silver", sourceType: "CRM_UI", updatedByUserId: 76_070_033 },
    { value: "gold", sourceType: "INTEGRATION", sourceId: String(portal.hubspot.appId) },
  ]);
  expect(
    history.map(({ timestamp }: { timestamp: string }) => Date.parse(timestamp) - START),
  ).toEqual([2_000, 1_000, 0]);
});

test("takes 50 companies a request and refuses 51", async () => {
  const inputs = portal.hubspot
    .seedCompanies(Array.from({ length: 51 }, (_, index) => ({ name: `C${index}` })))
    .map((id) => ({ id }));

  const at = await read({ inputs: inputs.slice(1), propertiesWithHistory: ["name"] });
  const over = await read({ inputs, propertiesWithHistory: ["name"] });

  // Wording that clients of HubSpot quote.
  expect(at.status).toBe(200);
  expect(at.body.results).toHaveLength(50);
  expect(over.status).toBe(400);
});

// Specification: lists with history hold at most 50 records a page.
test("lists stop at 50 a page with it and at 100 without", async () => {
  const withHistory = await portal.get(`${COMPANIES}?limit=51&propertiesWithHistory=name`);
  const without = await portal.get(`${COMPANIES}?limit=100`);

  expect([withHistory.status, without.status]).toEqual([400, 200]);
});

test("stands beside associations in a single read", async () => {
  const company = await portal.company({ name: "Acme" });
  const contact = await portal.contact({ email: "ada@example.com" });
  portal.hubspot.associate(["companies", company], ["contacts", contact]);

  const { body } = await portal.get(
    `${COMPANIES}/${company}?propertiesWithHistory=name&associations=contacts`,
  );

  expect(body.propertiesWithHistory.name).toHaveLength(1);
  expect(body.associations.contacts.results).toMatchObject([{ id: contact }]);
});

test("of records in the recycle bin is read only when asked", async () => {
  const id = await portal.company({ name: "Acme" });
  portal.hubspot.archiveAsUser("companies", id);
  const ask = { inputs: [{ id }], propertiesWithHistory: ["name"] };

  const live = await read(ask);
  const archived = await read(ask, "?archived=true");

  expect(live.body.results).toEqual([]);
  expect(archived.body.results[0].propertiesWithHistory.name).toHaveLength(1);
});

test("properties that HubSpot does not know are left out, empty ones have none", async () => {
  const id = await portal.company({ name: "Acme" });

  const { body } = await read({
    inputs: [{ id }],
    propertiesWithHistory: ["crm_tier", "nope"],
  });

  expect(body.results[0].propertiesWithHistory).toEqual({ crm_tier: [] });
});

test("a merge dates only what it changes", async () => {
  const [first = "", second = ""] = portal.hubspot.seedCompanies([
    { name: "Acme", city: "Oslo" },
    { name: "Acme Inc", phone: "1" },
  ]);
  const id = portal.hubspot.mergeAsUser("companies", first, second);

  const { body } = await read({
    inputs: [{ id }],
    propertiesWithHistory: ["name", "city", "phone"],
  });

  const { name, city, phone } = body.results[0].propertiesWithHistory;
  expect([name, city, phone].map((entries) => entries.length)).toEqual([1, 1, 1]);
  expect(name[0].timestamp < phone[0].timestamp).toBe(true);
  expect(phone[0]).toMatchObject({ value: "1", sourceType: "CRM_UI" });
});
