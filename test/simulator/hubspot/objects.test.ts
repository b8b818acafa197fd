/** Single records and lists, as HubSpot's object API documents and recorded responses show them. */
import { describe, expect, test } from "vitest";
import { COMPANIES, CONTACTS, NOTES, openPortal, PORTAL_ID, START } from "./portal.ts";

const portal = await openPortal();
const at = new Date(START).toISOString();

describe("create", () => {
  test("answers 201 with everything that a new contact holds", async () => {
    const { status, body } = await portal.post(CONTACTS, {
      properties: { email: "lilyskinner@hubspot.com", firstname: "Lily", lastname: "Skinner" },
    });

    // Recorded response of a contact batch create, 2025-11.
    expect(status).toBe(201);
    expect(body).toEqual({
      id: body.id,
      properties: {
        createdate: at,
        email: "lilyskinner@hubspot.com",
        firstname: "Lily",
        hs_all_contact_vids: body.id,
        hs_associated_target_accounts: "0",
        hs_currently_enrolled_in_prospecting_agent: "false",
        hs_email_domain: "hubspot.com",
        hs_full_name_or_email: "Lily Skinner",
        hs_is_contact: "true",
        hs_is_unworked: "true",
        hs_lifecyclestage_lead_date: String(START),
        hs_membership_has_accessed_private_content: "0",
        hs_object_id: body.id,
        hs_object_source: "INTEGRATION",
        hs_object_source_id: "19083857",
        hs_object_source_label: "INTEGRATION",
        hs_pipeline: "contacts-lifecycle-pipeline",
        hs_prospecting_agent_actively_enrolled_count: "0",
        hs_prospecting_agent_total_enrolled_count: "0",
        hs_registered_member: "0",
        hs_sequences_actively_enrolled_count: "0",
        lastmodifieddate: at,
        lastname: "Skinner",
        lifecyclestage: "lead",
        num_notes: "0",
      },
      createdAt: at,
      updatedAt: at,
      archived: false,
      url: `https://app.hubspot.com/contacts/${PORTAL_ID}/record/0-1/${body.id}`,
    });
  });

  test("gives ids that are long strings and only grow", async () => {
    const first = await portal.contact({ email: "a@example.com" });
    const second = await portal.contact({ email: "b@example.com" });

    // Recorded ids of 2025-11 are around 171,596,044,869.
    expect(first).toMatch(/^\d{12}$/);
    expect(Number(second)).toBeGreaterThan(Number(first));
  });

  test("lower-cases the e-mail", async () => {
    const { body } = await portal.post(CONTACTS, { properties: { email: "Ada@EXAMPLE.com" } });

    // Observed by several clients: e-mails come back lower-cased.
    expect(body.properties.email).toBe("ada@example.com");
  });

  test("names the existing contact in a 409 when the e-mail is taken", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { status, body } = await portal.post(CONTACTS, {
      properties: { email: "ADA@example.com" },
    });

    // HubSpot docs on creating contacts: "Contact already exists. Existing ID: 3401".
    expect(status).toBe(409);
    expect(body).toEqual({
      status: "error",
      message: `Contact already exists. Existing ID: ${id}`,
      correlationId: body.correlationId,
      category: "CONFLICT",
    });
  });

  test.each([
    ["a contact without e-mail and name", CONTACTS, { phone: "1" }],
    ["a company without domain and name", COMPANIES, { city: "Oslo" }],
    ["a note without a timestamp", NOTES, { hs_note_body: "x" }],
  ])("refuses %s with 400", async (_what, path, properties) => {
    // HubSpot docs, using object APIs: required properties per object (read 2026-04).
    const { status, body } = await portal.post(path, { properties });

    expect(status).toBe(400);
    expect(body.category).toBe("VALIDATION_ERROR");
    expect(body.message).toMatch(/^Error creating (CONTACT|COMPANY|NOTE)\. Some required/);
  });

  test("never de-duplicates companies by domain", async () => {
    // HubSpot docs on companies: records created through the API are not de-duplicated.
    const first = await portal.company({ domain: "acme.com" });
    const second = await portal.company({ domain: "acme.com" });

    expect(second).not.toBe(first);
    expect(portal.hubspot.counts()["companies"]).toBe(2);
  });
});

describe("get", () => {
  test("shows null for a requested but empty property and omits unknown names", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { body } = await portal.get(`${CONTACTS}/${id}?properties=phone,no_such_thing`);

    // Recorded traffic of 2022: null, silently omitted, and three always included.
    expect(body.properties).toEqual({
      createdate: at,
      hs_object_id: id,
      lastmodifieddate: at,
      phone: null,
    });
  });

  test("sorts property keys alphabetically", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { body } = await portal.get(`${CONTACTS}/${id}?properties=phone&properties=email,city`);

    const keys = Object.keys(body.properties);
    expect(keys).toEqual([...keys].sort());
    expect(keys).toContain("city");
  });

  test.each([
    [
      CONTACTS,
      { email: "a@example.com" },
      ["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"],
    ],
    [
      COMPANIES,
      { domain: "acme.com" },
      ["createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"],
    ],
    [NOTES, { hs_timestamp: at }, ["hs_createdate", "hs_lastmodifieddate", "hs_object_id"]],
  ])(
    "returns the default properties of %s when none are named",
    async (path, properties, names) => {
      const created = await portal.post(path, { properties });

      const { body } = await portal.get(`${path}/${created.body.id}`);

      // HubSpot docs, search: default properties per object (read 2026-04).
      expect(Object.keys(body.properties)).toEqual(names);
    },
  );

  test("finds a contact by e-mail in any case", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { body } = await portal.get(`${CONTACTS}/Ada%40example.com?idProperty=email`);

    expect(body.id).toBe(id);
  });

  test("answers 404 with the not-found header for an unknown record", async () => {
    const { status, headers, body } = await portal.get(`${CONTACTS}/123`);

    // Observed on real portals: this text, context.id and X-HubSpot-NotFound.
    expect(status).toBe(404);
    expect(headers.get("x-hubspot-notfound")).toBe("true");
    expect(body).toMatchObject({
      status: "error",
      message: "Object not found. objectId is usually positive.",
      category: "OBJECT_NOT_FOUND",
      context: { id: ["123"] },
    });
  });

  test("includes associations when asked", async () => {
    const contact = await portal.contact({ email: "ada@example.com" });
    const company = await portal.company({ domain: "acme.com" });
    portal.hubspot.associate(["contacts", contact], ["companies", company], [1]);

    const { body } = await portal.get(`${CONTACTS}/${contact}?associations=companies,notes`);

    expect(body.associations).toEqual({
      companies: {
        results: [
          { id: company, type: "contact_to_company" },
          { id: company, type: "contact_to_company_unlabeled" },
        ],
      },
    });
  });
});

describe("patch", () => {
  test("changes values, bumps the modified date and echoes what was written", async () => {
    const id = await portal.contact({ email: "ada@example.com", firstname: "Ada" });
    portal.advance(60_000);

    const { status, body } = await portal.patch(`${CONTACTS}/${id}`, {
      properties: { firstname: "Augusta" },
    });

    // Recorded response of a contact update, 2025-11: written values and a fixed few.
    expect(status).toBe(200);
    expect(Object.keys(body.properties)).toEqual([
      "createdate",
      "firstname",
      "hs_is_unworked",
      "hs_object_id",
      "hs_object_source",
      "hs_object_source_id",
      "hs_object_source_label",
      "hs_pipeline",
      "lastmodifieddate",
      "lifecyclestage",
    ]);
    expect(body.updatedAt).toBe(new Date(START + 60_000).toISOString());
    expect(body.properties.lastmodifieddate).toBe(body.updatedAt);
  });

  test("leaves the modified date alone when nothing changes", async () => {
    const id = await portal.contact({ email: "ada@example.com", firstname: "Ada" });
    portal.advance(60_000);

    const { body } = await portal.patch(`${CONTACTS}/${id}`, { properties: { firstname: "Ada" } });

    // Recorded response of a repeated update, 2025-11: the modified date was two days old.
    expect(body.updatedAt).toBe(at);
  });

  test("clears with an empty string and keeps what is not named", async () => {
    const id = await portal.contact({ email: "ada@example.com", phone: "1", city: "London" });

    await portal.patch(`${CONTACTS}/${id}`, { properties: { phone: "" } });

    const { body } = await portal.get(`${CONTACTS}/${id}?properties=phone,city`);
    expect(body.properties).toMatchObject({ phone: null, city: "London" });
  });

  test("finds the record by e-mail with idProperty", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { body } = await portal.patch(`${CONTACTS}/ada@example.com?idProperty=email`, {
      properties: { city: "London" },
    });

    expect(body.id).toBe(id);
  });

  test("answers 404 for an unknown record", async () => {
    const { status } = await portal.patch(`${CONTACTS}/123`, { properties: { city: "London" } });

    expect(status).toBe(404);
  });
});

describe("delete", () => {
  test("archives with 204, hides the record and frees its e-mail", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { status } = await portal.call("DELETE", `${CONTACTS}/${id}`);

    expect(status).toBe(204);
    expect((await portal.get(`${CONTACTS}/${id}`)).status).toBe(404);
    const archived = await portal.get(`${CONTACTS}/${id}?archived=true`);
    expect(archived.body).toMatchObject({ archived: true, archivedAt: at });
    expect(await portal.contact({ email: "ada@example.com" })).not.toBe(id);
  });

  test("deletes for good with gdpr-delete", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { status } = await portal.post(`${CONTACTS}/gdpr-delete`, {
      objectId: "ada@example.com",
      idProperty: "email",
    });

    expect(status).toBe(204);
    expect((await portal.get(`${CONTACTS}/${id}?archived=true`)).status).toBe(404);
  });
});
