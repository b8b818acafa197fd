/** Values that HubSpot refuses, and how it stores those that it takes. */
import { describe, expect, test } from "vitest";
import { COMPANIES, CONTACTS, embedded, NOTES, openPortal, PORTAL_ID } from "./portal.ts";

const portal = await openPortal();

async function create(properties: Record<string, unknown>, path = CONTACTS) {
  return await portal.post(path, { properties });
}

describe("refused values", () => {
  // Codes and texts from issue threads of HubSpot's own clients and its error documentation.
  test.each([
    [CONTACTS, "nope", "1", "PROPERTY_DOESNT_EXIST", 'Property "nope" does not exist'],
    [CONTACTS, "email", "foo", "INVALID_EMAIL", "Email address foo is invalid"],
    [
      CONTACTS,
      "email",
      "ada@example.con",
      "INVALID_EMAIL",
      "Email address ada@example.con is invalid",
    ],
    [
      CONTACTS,
      "email",
      "ada@example.com ",
      "INVALID_EMAIL",
      "Email address ada@example.com  is invalid",
    ],
    [CONTACTS, "closedate", "soon", "INVALID_LONG", "soon was not a valid long."],
    [CONTACTS, "closedate", "2026-02-30", "INVALID_LONG", "2026-02-30 was not a valid long."],
    [COMPANIES, "numberofemployees", "many", "INVALID_INTEGER", "many was not a valid number."],
    [
      COMPANIES,
      "type",
      "prospect",
      "INVALID_OPTION",
      "prospect was not one of the allowed options: [PROSPECT, PARTNER, RESELLER, VENDOR, OTHER]",
    ],
    [
      COMPANIES,
      "is_public",
      "yes",
      "INVALID_OPTION",
      "yes was not one of the allowed options: [true, false]",
    ],
    [
      CONTACTS,
      "hs_object_id",
      "1",
      "READ_ONLY_VALUE",
      '"hs_object_id" is a read only property; its value cannot be set.',
    ],
    [
      CONTACTS,
      "hs_email_domain",
      "x.com",
      "READ_ONLY_VALUE",
      '"hs_email_domain" is a read only property; its value cannot be set.',
    ],
  ])("%s: %s=%j is %s", async (...row) => {
    const [path, name, value, code, message] = row;
    const base = path === CONTACTS ? { firstname: "Ada" } : { name: "Acme" };

    const { status, body } = await create({ ...base, [name]: value }, path);

    expect(status).toBe(400);
    expect(body.category).toBe("VALIDATION_ERROR");
    expect(body.errors).toEqual([{ message, code, context: { propertyName: [name] } }]);
    expect(embedded(body.message)).toEqual([
      {
        isValid: false,
        message,
        error: code,
        name,
        localizedErrorMessage: message,
        portalId: PORTAL_ID,
      },
    ]);
  });

  test("a date must be midnight UTC", async () => {
    await portal.post("/crm/properties/2026-09/contacts", {
      name: "renewal",
      label: "Renewal",
      type: "date",
      fieldType: "date",
      groupName: "contactinformation",
    });

    const { body } = await create({ firstname: "Ada", renewal: "1579179660000" });

    // The text quoted in issue threads.
    expect(body.errors[0]).toMatchObject({
      code: "INVALID_DATE",
      message: "1579179660000 is at 13:1:0.0 UTC, not midnight!",
    });
    const fine = await create({ firstname: "Ada", renewal: "1579132800000" });
    expect(fine.body.properties.renewal).toBe("2020-01-16");
  });

  test("text ends at 65,536 characters", async () => {
    // HubSpot docs, properties and notes guides.
    const note = (length: number) => ({
      hs_timestamp: "2026-01-01T00:00:00Z",
      hs_note_body: "x".repeat(length),
    });

    expect((await create(note(65_536), NOTES)).status).toBe(201);
    expect((await create(note(65_537), NOTES)).status).toBe(400);
  });

  test("a nested value is a malformed body", async () => {
    const { status, body } = await create({ firstname: { a: 1 } });

    expect(status).toBe(400);
    expect(body.message).toMatch(/^Invalid input JSON on line 1, column \d+: /);
  });
});

describe("stored values", () => {
  test("the lifecycle stage only moves forward, until it is cleared", async () => {
    // HubSpot docs: to go back, clear the value first.
    const id = await portal.contact({ firstname: "Ada", lifecyclestage: "customer" });
    const stage = async (lifecyclestage: string) => {
      await portal.patch(`${CONTACTS}/${id}`, { properties: { lifecyclestage } });
      return portal.hubspot.find("contacts", id)?.properties["lifecyclestage"];
    };

    expect(await stage("lead")).toBe("customer");
    expect(await stage("")).toBeUndefined();
    expect(await stage("lead")).toBe("lead");
    expect(await stage("opportunity")).toBe("opportunity");
  });

  test("a leading semicolon adds to a multiple checkbox", async () => {
    // HubSpot docs, properties guide.
    const id = await portal.contact({ firstname: "Ada", hs_buying_role: "CHAMPION" });
    const roles = async (hs_buying_role: string) => {
      await portal.patch(`${CONTACTS}/${id}`, { properties: { hs_buying_role } });
      return portal.hubspot.find("contacts", id)?.properties["hs_buying_role"];
    };

    expect(await roles(";INFLUENCER")).toBe("CHAMPION;INFLUENCER");
    expect(await roles("END_USER;CHAMPION")).toBe("END_USER;CHAMPION");
  });

  test("numbers and booleans come back as text", async () => {
    const { body } = await create(
      { name: "Acme", numberofemployees: 12, is_public: true },
      COMPANIES,
    );

    expect(body.properties).toMatchObject({ numberofemployees: "12", is_public: "true" });
  });

  test("milliseconds become an ISO time", async () => {
    const { body } = await create({ hs_timestamp: 1_767_225_600_000 }, NOTES);

    expect(body.properties.hs_timestamp).toBe("2026-01-01T00:00:00Z");
  });

  test("null is not said: it neither clears nor fails", async () => {
    const id = await portal.contact({ firstname: "Ada", city: "London" });

    const { status } = await portal.patch(`${CONTACTS}/${id}`, { properties: { city: null } });

    expect(status).toBe(200);
    expect(portal.hubspot.find("contacts", id)?.properties["city"]).toBe("London");
  });
});
