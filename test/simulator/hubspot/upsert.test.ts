/** batch/upsert: by unique properties only, `new` on every result. */
import { describe, expect, test } from "vitest";
import { COMPANIES, CONTACTS, NOTES, openPortal } from "./portal.ts";

const portal = await openPortal();

function byEmail(email: string, properties: Record<string, unknown> = {}, trace?: string) {
  return {
    id: email,
    idProperty: "email",
    properties,
    ...(trace === undefined ? {} : { objectWriteTraceId: trace }),
  };
}

async function upsert(inputs: unknown[], path = CONTACTS) {
  return await portal.post(`${path}/batch/upsert`, { inputs });
}

async function uniqueProperty(type: string, name: string) {
  return await portal.post(`/crm/properties/2026-09/${type}`, {
    name,
    label: name,
    type: "string",
    fieldType: "text",
    groupName: type === "contacts" ? "contactinformation" : "companyinformation",
    hasUniqueValue: true,
  });
}

describe("by e-mail", () => {
  test("creates what is missing and updates what is there, telling them apart", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { status, body } = await upsert([
      byEmail("ADA@example.com", { city: "London" }),
      byEmail("new@example.com", { city: "Oslo" }),
    ]);

    // Specification: every result of an upsert carries `new`.
    expect(status).toBe(200);
    const found = Object.fromEntries(
      body.results.map((row: { new: boolean; id: string; properties: { email: string } }) => [
        row.properties.email,
        row.new,
      ]),
    );
    expect(found).toEqual({ "ada@example.com": false, "new@example.com": true });
    expect(portal.hubspot.find("contacts", id)?.properties["city"]).toBe("London");
  });

  test("answers 207 per row with trace ids on all inputs", async () => {
    const { status, body } = await upsert([
      byEmail("a@example.com", { city: "Oslo" }, "1"),
      byEmail("b@example.com", { nope: "x" }, "2"),
    ]);

    // Seen on a private portal, 2026: partial success also for e-mail upserts.
    expect(status).toBe(207);
    expect(body.results).toHaveLength(1);
    expect(body.errors[0].context.objectWriteTraceId).toEqual(["2"]);
    expect(portal.hubspot.counts()["contacts"]).toBe(1);
  });

  test("writes nothing without trace ids when one row is invalid", async () => {
    const { status } = await upsert([
      byEmail("a@example.com"),
      byEmail("b@example.com", { nope: "x" }),
    ]);

    expect(status).toBe(400);
    expect(portal.hubspot.counts()["contacts"]).toBe(0);
  });

  test("refuses a known address with a space behind it", async () => {
    await portal.contact({ email: "ada@example.com" });

    const { body } = await upsert([byEmail("ada@example.com ")]);

    // HubSpot does not trim: a trailing space makes the address invalid.
    expect(body.errors[0].code).toBe("INVALID_EMAIL");
  });

  test("refuses an address that is none", async () => {
    const { status, body } = await upsert([byEmail("nonsense")]);

    expect(status).toBe(400);
    expect(body.errors[0]).toMatchObject({
      code: "INVALID_EMAIL",
      message: "Email address nonsense is invalid",
    });
  });

  test.each([false, true])(
    "refuses e-mails that differ in case only (traced: %s)",
    async (isTraced) => {
      const { status, body } = await upsert([
        byEmail("ada@example.com", {}, isTraced ? "1" : undefined),
        byEmail("Ada@Example.com", {}, isTraced ? "2" : undefined),
      ]);

      // Reported by two clients: de-duplicate without regard to case first.
      expect(status).toBe(400);
      expect(body).toMatchObject({
        category: "VALIDATION_ERROR",
        message: "Duplicate IDs found in batch input: [ada@example.com]. IDs must be unique",
        context: { ids: ["ada@example.com"] },
      });
    },
  );

  test("refuses two e-mails of one contact", async () => {
    await portal.contact({
      email: "ada@example.com",
      hs_additional_emails: "lovelace@example.com",
    });

    const { status, body } = await upsert([
      byEmail("ada@example.com"),
      byEmail("lovelace@example.com"),
    ]);

    // Two inputs that resolve to the same record count as duplicates.
    expect(status).toBe(400);
    expect(body.message).toMatch(/^Duplicate IDs found in batch input: /);
  });

  test("meets the owner of a secondary e-mail and keeps the primary one", async () => {
    const id = await portal.contact({
      email: "ada@example.com",
      hs_additional_emails: "lovelace@example.com",
    });

    const { body } = await upsert([
      byEmail("lovelace@example.com", { email: "lovelace@example.com", city: "London" }),
    ]);

    expect(body.results[0]).toMatchObject({
      id,
      new: false,
      properties: { email: "ada@example.com" },
    });
  });

  test("can be set to answer a secondary e-mail with a conflict", async () => {
    const id = await portal.contact({
      email: "ada@example.com",
      hs_additional_emails: "lovelace@example.com",
    });
    portal.hubspot.configure({ upsertBySecondaryEmail: "conflict" });

    const { status, body } = await upsert([byEmail("lovelace@example.com")]);

    expect(status).toBe(409);
    expect(body.message).toBe(`Contact already exists. Existing ID: ${id}`);
  });

  test("changes nothing, not even the modified date, when repeated", async () => {
    await upsert([byEmail("ada@example.com", { city: "London" })]);
    const before = portal.hubspot.find("contacts", "ada@example.com");
    portal.advance(60_000);

    await upsert([byEmail("ada@example.com", { city: "London" })]);

    expect(portal.hubspot.find("contacts", "ada@example.com")).toEqual(before);
  });
});

describe("by other properties", () => {
  test.each([
    [COMPANIES, "domain", "0-2"],
    [COMPANIES, "hs_object_id", "0-2"],
    [CONTACTS, "hs_object_id", "0-1"],
    [CONTACTS, "phone", "0-1"],
    [NOTES, "hs_unique_id", "0-46"],
    ["/crm/v3/objects/deals", "dealname", "0-3"],
  ])("refuses %s by %s", async (path, idProperty, typeId) => {
    const { status, body } = await upsert([{ id: "1", idProperty, properties: {} }], path);

    // Seen on real portals, 2026: companies and deals have no built-in unique property.
    expect(status).toBe(400);
    expect(body).toMatchObject({
      category: "VALIDATION_ERROR",
      message: `Unable to perform update/upsert by non-unique ${typeId} property ${idProperty} in portal ID ${portal.hubspot.portalId}`,
    });
  });

  test("serves companies by an own unique property", async () => {
    await uniqueProperty("companies", "crm_key");
    const input = {
      id: "K1",
      idProperty: "crm_key",
      properties: { name: "Acme", domain: "acme.com" },
    };

    const first = await upsert([input], COMPANIES);
    const second = await upsert([input], COMPANIES);

    expect(first.body.results[0]).toMatchObject({ new: true, properties: { crm_key: "K1" } });
    expect(second.body.results[0]).toMatchObject({
      id: first.body.results[0].id,
      new: false,
      properties: { crm_key: "K1" },
    });
    expect(portal.hubspot.counts()["companies"]).toBe(1);
  });

  test("refuses a unique value that another record holds", async () => {
    await uniqueProperty("companies", "crm_key");
    const holder = await portal.company({ name: "A", crm_key: "K1" });

    const { status, body } = await portal.post(COMPANIES, {
      properties: { name: "B", crm_key: "K1" },
    });

    // Reported: CONFLICTING_UNIQUE_VALUE, "… already has that value".
    expect(status).toBe(400);
    expect(body.errors[0].code).toBe("CONFLICTING_UNIQUE_VALUE");
    expect(body.errors[0].message).toContain(`${holder} already has that value`);
  });

  test("updates by record id when idProperty is omitted", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { status, body } = await upsert([
      { id, properties: { city: "London" } },
      { id: "77", properties: { city: "Oslo" } },
    ]);

    expect(status).toBe(207);
    expect(body.results).toMatchObject([{ id, new: false }]);
    expect(body.errors[0]).toMatchObject({
      category: "OBJECT_NOT_FOUND",
      context: { ids: ["77"] },
    });
  });
});
