/** The numbers of HubSpot's own association types, and the lookups by association. */
import { expect, test } from "vitest";
import { CONTACTS, openPortal } from "./portal.ts";

const portal = await openPortal();

// HubSpot's own client's enumeration and the associate records guide, read 2026-04.
test.each([
  ["contacts", "companies", [279, 1]],
  ["companies", "contacts", [280, 2]],
  ["contacts", "deals", [4]],
  ["deals", "contacts", [3]],
  ["companies", "deals", [342, 6]],
  ["deals", "companies", [341, 5]],
  ["contacts", "contacts", [449]],
  ["companies", "companies", [450, 13, 14]],
  ["contacts", "tickets", [15]],
  ["tickets", "contacts", [16]],
  ["deals", "tickets", [27]],
  ["tickets", "deals", [28]],
  ["companies", "tickets", [340, 25]],
  ["tickets", "companies", [339, 26]],
  ["notes", "contacts", [202]],
  ["notes", "companies", [190]],
  ["notes", "deals", [214]],
  ["notes", "tickets", [228]],
  ["contacts", "notes", [201]],
  ["tickets", "notes", [227]],
  ["calls", "tickets", [220]],
  ["emails", "tickets", [224]],
  ["meetings", "tickets", [226]],
  ["tasks", "tickets", [230]],
  ["communications", "contacts", [81]],
  ["communications", "companies", [87]],
  ["communications", "deals", [85]],
  ["communications", "tickets", [83]],
  ["contacts", "communications", [82]],
])("%s to %s is %j", async (from, to, numbers) => {
  const { body } = await portal.get(`/crm/v4/associations/${from}/${to}/labels`);

  expect(body.results.map(({ typeId }: { typeId: number }) => typeId)).toEqual(numbers);
});

test("search finds by association, by its absence too", async () => {
  const [ada = "", bob = ""] = portal.hubspot.seedContacts([
    { firstname: "Ada" },
    { firstname: "Bob" },
  ]);
  const [acme = ""] = portal.hubspot.seedCompanies([{ name: "Acme" }]);
  portal.hubspot.associate(["contacts", ada], ["companies", acme]);
  const found = async (filter: Record<string, unknown>) => {
    const filters = [{ propertyName: "associations.company", ...filter }];
    const { body } = await portal.post(`${CONTACTS}/search`, { filterGroups: [{ filters }] });
    return body.results.map(({ id }: { id: string }) => id);
  };

  // HubSpot docs, search, read 2026-04: the pseudo-property associations.{type}.
  expect(await found({ operator: "EQ", value: acme })).toEqual([ada]);
  expect(await found({ operator: "HAS_PROPERTY" })).toEqual([ada]);
  expect(await found({ operator: "NOT_HAS_PROPERTY" })).toEqual([bob]);
});

test("a read that asks for associations with no such type is 400", async () => {
  const id = await portal.contact({ email: "ada@example.com" });

  const { status, body } = await portal.get(`${CONTACTS}/${id}?associations=butterflies`);

  expect(status).toBe(400);
  expect(body.message).toBe("Unable to infer object type from: butterflies");
});
