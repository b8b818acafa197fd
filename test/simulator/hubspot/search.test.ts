/** Search: operators, limits and the lagging index. */
import { beforeEach, describe, expect, test } from "vitest";
import { COMPANIES, CONTACTS, openPortal, START } from "./portal.ts";

const portal = await openPortal();

type Filter = Record<string, unknown>;

async function search(body: Record<string, unknown>, path = CONTACTS) {
  return await portal.post(`${path}/search`, body);
}

async function found(filter: Filter, path = CONTACTS): Promise<string[]> {
  const { body, status, text } = await search(
    { filterGroups: [{ filters: [filter] }], properties: ["email", "name"], limit: 200 },
    path,
  );
  if (status !== 200) throw new Error(text);
  return body.results.map(
    (row: { properties: { email?: string; name?: string } }) =>
      row.properties.email ?? row.properties.name,
  );
}

beforeEach(() => {
  portal.hubspot.seedContacts([
    { email: "ada@example.com", firstname: "Ada", hs_lead_status: "NEW", city: "London" },
    {
      email: "bob@sample.org",
      firstname: "Bob",
      hs_lead_status: "OPEN",
      hs_additional_emails: "robert@sample.org",
    },
    {
      email: "carl@example.com",
      firstname: "Carl",
      city: "Oslo",
      hs_buying_role: "CHAMPION;END_USER",
    },
  ]);
  portal.hubspot.seedCompanies([
    { name: "Tiny", numberofemployees: "9" },
    { name: "Mid", numberofemployees: "80" },
    { name: "Big", numberofemployees: "700" },
  ]);
});

describe("operators", () => {
  // HubSpot docs, search, read 2026-04.
  test.each([
    [
      "EQ ignores case on text",
      { propertyName: "firstname", operator: "EQ", value: "ADA" },
      ["ada@example.com"],
    ],
    [
      "EQ is exact on enumerations",
      { propertyName: "hs_lead_status", operator: "EQ", value: "new" },
      [],
    ],
    [
      "EQ finds the exact option",
      { propertyName: "hs_lead_status", operator: "EQ", value: "NEW" },
      ["ada@example.com"],
    ],
    [
      "EQ finds one option of many",
      { propertyName: "hs_buying_role", operator: "EQ", value: "END_USER" },
      ["carl@example.com"],
    ],
    [
      "NEQ wants a value",
      { propertyName: "city", operator: "NEQ", value: "Oslo" },
      ["ada@example.com"],
    ],
    [
      "IN finds lower-case values",
      { propertyName: "firstname", operator: "IN", values: ["ada", "bob"] },
      ["ada@example.com", "bob@sample.org"],
    ],
    [
      "IN never finds a value with capitals",
      { propertyName: "firstname", operator: "IN", values: ["Ada"] },
      [],
    ],
    [
      "NOT_IN compares lower case too",
      { propertyName: "firstname", operator: "NOT_IN", values: ["ada", "Bob"] },
      ["bob@sample.org", "carl@example.com"],
    ],
    [
      "IN is exact on enumerations",
      { propertyName: "hs_lead_status", operator: "IN", values: ["NEW", "OPEN"] },
      ["ada@example.com", "bob@sample.org"],
    ],
    [
      "HAS_PROPERTY",
      { propertyName: "city", operator: "HAS_PROPERTY" },
      ["ada@example.com", "carl@example.com"],
    ],
    [
      "NOT_HAS_PROPERTY",
      { propertyName: "city", operator: "NOT_HAS_PROPERTY" },
      ["bob@sample.org"],
    ],
    [
      "CONTAINS_TOKEN with a wildcard",
      { propertyName: "email", operator: "CONTAINS_TOKEN", value: "*@example.com" },
      ["ada@example.com", "carl@example.com"],
    ],
    [
      "NOT_CONTAINS_TOKEN",
      { propertyName: "email", operator: "NOT_CONTAINS_TOKEN", value: "example" },
      ["bob@sample.org"],
    ],
    [
      "secondary e-mails are not matched by email",
      { propertyName: "email", operator: "EQ", value: "robert@sample.org" },
      [],
    ],
    [
      "secondary e-mails have a property of their own",
      {
        propertyName: "hs_additional_emails",
        operator: "CONTAINS_TOKEN",
        value: "robert@sample.org",
      },
      ["bob@sample.org"],
    ],
  ])("%s", async (_what, filter, emails) => {
    expect(await found(filter)).toEqual(emails);
  });

  test.each([
    ["LT", { value: "80" }, ["Tiny"]],
    ["LTE", { value: "80" }, ["Tiny", "Mid"]],
    ["GT", { value: "80" }, ["Big"]],
    ["GTE", { value: "80" }, ["Mid", "Big"]],
    ["BETWEEN", { value: "9", highValue: "80" }, ["Tiny", "Mid"]],
  ])("%s compares numbers as numbers", async (operator, operand, names) => {
    expect(
      await found({ propertyName: "numberofemployees", operator, ...operand }, COMPANIES),
    ).toEqual(names);
  });

  test("times compare as ISO text or milliseconds", async () => {
    const id = await portal.contact({ email: "new@example.com" });
    portal.advance(60_000);

    for (const value of [String(START), "2026-11-20T12:00:00Z", "2026-11-20T04:00:00-08:00"])
      expect(await found({ propertyName: "lastmodifieddate", operator: "GTE", value })).toEqual([
        "new@example.com",
      ]);
    expect(await found({ propertyName: "hs_object_id", operator: "GTE", value: id })).toEqual([
      "new@example.com",
    ]);
  });

  test("the associations pseudo-property finds the records of a company", async () => {
    const [company] = portal.hubspot.all("companies");
    portal.hubspot.associate(["contacts", "bob@sample.org"], ["companies", company?.id ?? ""]);

    expect(
      await found({ propertyName: "associations.company", operator: "EQ", value: company?.id }),
    ).toEqual(["bob@sample.org"]);
  });

  test("filters of a group are joined by and, groups by or", async () => {
    const { body } = await search({
      filterGroups: [
        {
          filters: [
            { propertyName: "city", operator: "HAS_PROPERTY" },
            { propertyName: "hs_lead_status", operator: "HAS_PROPERTY" },
          ],
        },
        { filters: [{ propertyName: "firstname", operator: "EQ", value: "bob" }] },
      ],
    });

    expect(body.total).toBe(2);
  });

  test("query looks at the default searchable properties", async () => {
    expect((await search({ query: "ROBERT@sample" })).body.total).toBe(1);
    expect((await search({ query: "oslo" })).body.total).toBe(0);
  });
});

describe("answers", () => {
  test("are ordered by creation, hold a total and page by offset", async () => {
    const first = await search({ limit: "2" });
    const second = await search({ limit: 2, after: first.body.paging.next.after });

    // Recorded responses: `after` is an integer as text, `limit` may be text; no paging at the end.
    expect(first.body.total).toBe(3);
    expect(first.body.paging).toEqual({ next: { after: "2" } });
    expect(first.body.results[0].properties.email).toBe("ada@example.com");
    expect(second.body.results[0].properties.email).toBe("carl@example.com");
    expect(second.body).not.toHaveProperty("paging");
  });

  test("show null for requested but empty properties", async () => {
    const { body } = await search({ properties: ["phone", "nope"], limit: 1 });

    // Recorded response, 2025: company, phone and website are null.
    expect(Object.keys(body.results[0].properties)).toEqual([
      "createdate",
      "hs_object_id",
      "lastmodifieddate",
      "phone",
    ]);
    expect(body.results[0].properties.phone).toBeNull();
    expect(body.results[0]).toMatchObject({
      archived: false,
      url: expect.stringContaining("/record/0-1/"),
    });
  });

  test("sort by one property", async () => {
    const { body } = await search(
      {
        sorts: [{ propertyName: "numberofemployees", direction: "DESCENDING" }],
        properties: ["name"],
      },
      COMPANIES,
    );

    expect(
      body.results.map((row: { properties: { name: string } }) => row.properties.name),
    ).toEqual(["Big", "Mid", "Tiny"]);
  });

  test("never hold archived records", async () => {
    portal.hubspot.archiveAsUser("contacts", "ada@example.com");

    expect((await search({})).body.total).toBe(2);
  });
});

describe("the index", () => {
  test("shows a new record only after the lag", async () => {
    await portal.contact({ email: "new@example.com" });
    const isNew = { propertyName: "email", operator: "EQ", value: "new@example.com" };

    // Clients report seconds to minutes; 3 s is the simulator's default.
    portal.advance(2_999);
    expect(await found(isNew)).toEqual([]);
    portal.advance(1);
    expect(await found(isNew)).toEqual(["new@example.com"]);
  });

  test("holds the old values of a changed record until the lag has passed", async () => {
    await portal.post(`${CONTACTS}/batch/upsert`, {
      inputs: [{ id: "ada@example.com", idProperty: "email", properties: { city: "Paris" } }],
    });

    const city = { propertyName: "city", operator: "EQ" };
    expect(await found({ ...city, value: "London" })).toEqual(["ada@example.com"]);
    expect(await found({ ...city, value: "Paris" })).toEqual([]);
    portal.advance(3_000);
    expect(await found({ ...city, value: "London" })).toEqual([]);
    expect(await found({ ...city, value: "Paris" })).toEqual(["ada@example.com"]);
  });

  test("lags as configured", async () => {
    portal.hubspot.configure({ searchLagMs: 0 });
    await portal.contact({ email: "new@example.com" });

    expect((await search({})).body.total).toBe(4);
  });
});

test("shows the primary company as any read does", async () => {
  portal.hubspot.associate(["contacts", "ada@example.com"], ["companies", companyId("Mid")], [1]);
  const { body } = await search({
    filterGroups: [{ filters: [{ propertyName: "firstname", operator: "EQ", value: "Ada" }] }],
    properties: ["associatedcompanyid"],
  });
  expect(body.results[0].properties.associatedcompanyid).toBe(companyId("Mid"));
});

function companyId(name: string): string {
  return (
    portal.hubspot.all("companies").find(({ properties }) => properties["name"] === name)?.id ?? ""
  );
}
