/** Property definitions and groups. */
import { describe, expect, test } from "vitest";
import { CONTACTS, openPortal, START } from "./portal.ts";

const portal = await openPortal();
const PROPERTIES = "/crm/properties/2026-09/contacts";

function definition(name: string, more: Record<string, unknown> = {}) {
  return {
    name,
    label: name,
    type: "string",
    fieldType: "text",
    groupName: "contactinformation",
    ...more,
  };
}

describe("the catalogue of a fresh account", () => {
  test.each([
    ["contacts", "email", { type: "string", fieldType: "text" }],
    ["contacts", "createdate", { type: "datetime", modificationMetadata: { readOnlyValue: true } }],
    [
      "contacts",
      "hs_email_domain",
      { calculated: true, modificationMetadata: { readOnlyValue: true } },
    ],
    ["contacts", "num_notes", { type: "number", calculated: true }],
    ["companies", "domain", { type: "string", hasUniqueValue: false }],
    ["companies", "industry", { type: "enumeration", fieldType: "select" }],
    ["notes", "hs_note_body", { type: "string", fieldType: "html", groupName: "notesinformation" }],
    [
      "notes",
      "hs_unique_creation_key",
      { hasUniqueValue: true, modificationMetadata: { readOnlyValue: true } },
    ],
  ])("%s has %s", async (type, name, expected) => {
    const { status, body } = await portal.get(`/crm/v3/properties/${type}/${name}`);

    expect(status).toBe(200);
    expect(body).toMatchObject({ name, hubspotDefined: true, archived: false, ...expected });
  });

  test("lifecycle stages are options in order", async () => {
    const { body } = await portal.get(`${PROPERTIES}/lifecyclestage`);

    expect(body.options.slice(0, 3)).toMatchObject([
      { value: "subscriber", label: "Subscriber", displayOrder: 0, hidden: false },
      { value: "lead" },
      { value: "marketingqualifiedlead" },
    ]);
  });

  test.each(["/crm/v3/properties/contacts", "/crm/properties/2026-09/0-1"])(
    "is listed on %s",
    async (path) => {
      const { body } = await portal.get(path);

      const names = body.results.map((entry: { name: string }) => entry.name);
      expect(names).toEqual(expect.arrayContaining(["email", "hs_object_id", "hs_lead_status"]));
    },
  );
});

describe("one property", () => {
  test("is created with 201 and its place, and usable at once", async () => {
    const { status, headers, body } = await portal.post(PROPERTIES, definition("crm_tier"));

    // Conformance run on a real test portal, 2026-09: 201 with Location.
    expect(status).toBe(201);
    expect(headers.get("location")).toMatch(/\/contacts\/crm_tier$/);
    expect(body).toMatchObject({
      name: "crm_tier",
      options: [],
      displayOrder: -1,
      calculated: false,
      externalOptions: false,
      hasUniqueValue: false,
      hidden: false,
      archived: false,
      modificationMetadata: { archivable: true, readOnlyDefinition: false, readOnlyValue: false },
      dataSensitivity: "non_sensitive",
      createdAt: new Date(START).toISOString(),
    });
    expect((await portal.get(`${PROPERTIES}/crm_tier`)).body).toEqual(body);
    await portal.contact({ email: "ada@example.com", crm_tier: "gold" });
  });

  test("answers 409 when the name is taken", async () => {
    await portal.post(PROPERTIES, definition("crm_tier"));

    const { status, body } = await portal.post(PROPERTIES, definition("crm_tier"));

    // Recorded responses, 2026-02 and 2026-09.
    expect(status).toBe(409);
    expect(body).toMatchObject({
      message: "A property named 'crm_tier' already exists.",
      category: "OBJECT_ALREADY_EXISTS",
      subCategory: "Properties.PROPERTY_WITH_NAME_EXISTS",
      context: { name: ["crm_tier"] },
    });
  });

  test("answers 404 when it is unknown", async () => {
    const { status, headers, body } = await portal.get(`${PROPERTIES}/nope`);

    expect(status).toBe(404);
    expect(body.category).toBe("OBJECT_NOT_FOUND");
    expect(headers.get("x-hubspot-notfound")).toBe("true");
  });

  test.each([
    ["a missing label", definition("a", { label: undefined })],
    ["an upper-case name", definition("Tier")],
    ["an unknown type", definition("a", { type: "text" })],
    ["a field type that does not fit", definition("a", { type: "number", fieldType: "text" })],
    ["an unknown group", definition("a", { groupName: "nowhere" })],
    [
      "a unique enumeration",
      definition("a", { type: "enumeration", fieldType: "select", hasUniqueValue: true }),
    ],
    [
      "doubled options",
      definition("a", {
        type: "enumeration",
        fieldType: "select",
        options: [
          { label: "x", value: "x" },
          { label: "y", value: "x" },
        ],
      }),
    ],
  ])("refuses %s with 400", async (_what, body) => {
    expect((await portal.post(PROPERTIES, body)).status).toBe(400);
  });

  test("orders options that say nothing behind those that do", async () => {
    const { body } = await portal.post(
      PROPERTIES,
      definition("interests", {
        type: "enumeration",
        fieldType: "checkbox",
        options: [
          { label: "art", value: "art" },
          { label: "travel", value: "travel", displayOrder: 1 },
          { label: "swimming", value: "swimming", displayOrder: 2 },
        ],
      }),
    );

    // Recorded response, 2026-02.
    expect(body.options.map((option: { displayOrder: number }) => option.displayOrder)).toEqual([
      3, 1, 2,
    ]);
  });

  test("at most ten may be unique", async () => {
    // HubSpot docs, properties guide.
    for (let index = 0; index < 10; index += 1)
      await portal.post(PROPERTIES, definition(`key_${index}`, { hasUniqueValue: true }));

    expect(
      (await portal.post(PROPERTIES, definition("key_10", { hasUniqueValue: true }))).status,
    ).toBe(400);
    expect((await portal.post(PROPERTIES, definition("plain"))).status).toBe(201);
  });

  test("keeps its uniqueness from creation on", async () => {
    await portal.post(PROPERTIES, definition("crm_key"));

    const { body } = await portal.patch(`${PROPERTIES}/crm_key`, { hasUniqueValue: true });

    expect(body.hasUniqueValue).toBe(false);
  });

  test.each([
    ["replace", ["b"]],
    ["keep", ["a", "b"]],
  ])("PATCH of options set to %s", async (patchOptions, values) => {
    // Reports read both ways, so the simulator offers both.
    portal.hubspot.configure({ patchOptions });
    const option = (value: string) => ({ label: value, value });
    await portal.post(
      PROPERTIES,
      definition("tier", { type: "enumeration", fieldType: "select", options: [option("a")] }),
    );

    const { body } = await portal.patch(`${PROPERTIES}/tier`, { options: [option("b")] });

    expect(body.options.map((entry: { value: string }) => entry.value)).toEqual(values);
  });

  test("HubSpot's own definitions cannot be renamed or archived", async () => {
    expect((await portal.patch(`${PROPERTIES}/email`, { label: "Mail" })).status).toBe(400);
    expect((await portal.call("DELETE", `${PROPERTIES}/email`)).status).toBe(400);
  });

  test("is gone from records once archived, and comes back by its name", async () => {
    await portal.post(PROPERTIES, definition("crm_tier"));
    const id = await portal.contact({ email: "ada@example.com", crm_tier: "gold" });

    expect((await portal.call("DELETE", `${PROPERTIES}/crm_tier`)).status).toBe(204);

    // Conformance run on a real test portal, 2026-09: POST of an archived name restores it.
    expect((await portal.get(`${PROPERTIES}/crm_tier`)).status).toBe(404);
    expect((await portal.get(`${PROPERTIES}/crm_tier?archived=true`)).body.archived).toBe(true);
    const write = await portal.patch(`${CONTACTS}/${id}`, { properties: { crm_tier: "x" } });
    expect(write.body.errors[0].code).toBe("PROPERTY_DOESNT_EXIST");
    expect((await portal.post(PROPERTIES, definition("crm_tier"))).status).toBe(201);
    const { body } = await portal.get(`${CONTACTS}/${id}?properties=crm_tier`);
    expect(body.properties.crm_tier).toBe("gold");
  });
});

describe("batches", () => {
  test("create what is new and name what exists in a 207", async () => {
    await portal.post(PROPERTIES, definition("age__c"));

    const { status, body } = await portal.post(`${PROPERTIES}/batch/create`, {
      inputs: [definition("hobby__c", { hasUniqueValue: true }), definition("age__c")],
    });

    // Recorded response, 2026-02.
    expect(status).toBe(207);
    expect(body.results).toMatchObject([{ name: "hobby__c", hasUniqueValue: true }]);
    expect(body.results[0]).not.toHaveProperty("createdAt");
    expect(body.errors).toEqual([
      {
        status: "error",
        category: "OBJECT_ALREADY_EXISTS",
        subCategory: "Properties.PROPERTY_WITH_NAME_EXISTS",
        message: "A property named 'age__c' already exists.",
        context: { name: ["age__c"] },
      },
    ]);
    expect(body.numErrors).toBe(1);
  });

  test("create answers 201 when all are new", async () => {
    const { status, body } = await portal.post(`${PROPERTIES}/batch/create`, {
      inputs: [definition("a"), definition("b")],
    });

    expect(status).toBe(201);
    expect(body.results).toHaveLength(2);
  });

  test("read by name, with 207 for unknown ones", async () => {
    const { status, body } = await portal.post(`${PROPERTIES}/batch/read`, {
      archived: false,
      inputs: [{ name: "email" }, { name: "nope" }],
    });

    expect(status).toBe(207);
    expect(body.results).toMatchObject([{ name: "email" }]);
    expect(body.errors[0].category).toBe("OBJECT_NOT_FOUND");
  });
});

describe("groups", () => {
  test("are created, read, listed and renamed", async () => {
    const group = { name: "sync_fields", label: "Sync fields", displayOrder: 9 };

    const created = await portal.post(`${PROPERTIES}/groups`, group);

    // Recorded response, 2026-02.
    expect(created.status).toBe(201);
    expect(created.body).toEqual({ ...group, archived: false });
    expect((await portal.get(`${PROPERTIES}/groups/sync_fields`)).body).toEqual(created.body);
    expect((await portal.get(`${PROPERTIES}/groups`)).body.results).toContainEqual(created.body);
    const renamed = await portal.patch(`${PROPERTIES}/groups/sync_fields`, { label: "Sync" });
    expect(renamed.body.label).toBe("Sync");
    expect((await portal.post(`${PROPERTIES}/groups`, group)).status).toBe(409);
    expect((await portal.get(`${PROPERTIES}/groups/nope`)).status).toBe(404);
  });

  test("cannot be deleted while properties are in them", async () => {
    await portal.post(`${PROPERTIES}/groups`, { name: "sync_fields", label: "Sync" });
    await portal.post(PROPERTIES, definition("a", { groupName: "sync_fields" }));

    // Conformance run on a real test portal, 2026-09.
    expect((await portal.call("DELETE", `${PROPERTIES}/groups/sync_fields`)).status).toBe(400);
    await portal.call("DELETE", `${PROPERTIES}/a`);
    expect((await portal.call("DELETE", `${PROPERTIES}/groups/sync_fields`)).status).toBe(204);
  });
});
