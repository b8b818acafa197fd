/** batch/update and batch/archive, and the rules that admins set. */
import { describe, expect, test } from "vitest";
import { COMPANIES, CONTACTS, idsOf, openPortal } from "./portal.ts";

const portal = await openPortal();

describe("batch/update", () => {
  test("updates by id and answers 200", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { status, body } = await portal.post(`${CONTACTS}/batch/update`, {
      inputs: [{ id, properties: { city: "London" } }],
    });

    expect(status).toBe(200);
    expect(body.results[0].properties.city).toBe("London");
  });

  test("reports missing ids in a 207 beside the updated rows, without trace ids too", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { status, body } = await portal.post(`${CONTACTS}/batch/update`, {
      inputs: [
        { id, properties: { city: "London" } },
        { id: "unknownIdentifier888", properties: { city: "Paris" } },
      ],
    });

    // Recorded response, 2025-11, of a client that sends no trace ids on update.
    expect(status).toBe(207);
    expect(idsOf(body.results)).toEqual([id]);
    expect(body.errors).toEqual([
      {
        status: "error",
        category: "OBJECT_NOT_FOUND",
        message:
          "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.",
        context: { ids: ["unknownIdentifier888"] },
      },
    ]);
    expect(body.numErrors).toBe(1);
  });

  test.each([false, true])("refuses duplicate ids as a whole (traced: %s)", async (isTraced) => {
    const id = await portal.contact({ email: "ada@example.com" });
    const row = (trace: string) => ({
      id,
      properties: { city: trace },
      ...(isTraced ? { objectWriteTraceId: trace } : {}),
    });

    const { status, body } = await portal.post(`${CONTACTS}/batch/update`, {
      inputs: [row("a"), row("b")],
    });

    // Recorded response, 2025-11.
    expect(status).toBe(400);
    expect(body).toEqual({
      status: "error",
      message: `Duplicate IDs found in batch input: [${id}]. IDs must be unique`,
      correlationId: body.correlationId,
      context: { ids: [id] },
      category: "VALIDATION_ERROR",
    });
  });

  test("silently drops the row of a merged-away id", async () => {
    const a = await portal.contact({ email: "a@example.com" });
    const b = await portal.contact({ email: "b@example.com" });
    const c = await portal.contact({ email: "c@example.com" });
    await portal.post(`${CONTACTS}/merge`, { primaryObjectId: a, objectIdToMerge: b });

    const { status, body } = await portal.post(`${CONTACTS}/batch/update`, {
      inputs: [
        { id: b, properties: { city: "Paris" } },
        { id: c, properties: { city: "Oslo" } },
      ],
    });

    // Reported by a client, 2026: no error, the row is just not there.
    expect(status).toBe(200);
    expect(idsOf(body.results)).toEqual([c]);
    expect(body).not.toHaveProperty("errors");
  });

  test.each([
    [CONTACTS, "email", "0-1"],
    [CONTACTS, "hs_object_id", "0-1"],
    [COMPANIES, "domain", "0-2"],
  ])("refuses %s by %s", async (path, idProperty, typeId) => {
    const { status, body } = await portal.post(`${path}/batch/update`, {
      inputs: [{ id: "x", idProperty, properties: {} }],
    });

    // Seen on real portals, 2026.
    expect(status).toBe(400);
    expect(body).toMatchObject({
      category: "VALIDATION_ERROR",
      message: `Unable to perform update/upsert by non-unique ${typeId} property ${idProperty} in portal ID ${portal.hubspot.portalId}`,
    });
  });

  test("writes nothing when one row names an unknown property", async () => {
    const id = await portal.contact({ email: "a@example.com", city: "Rome" });
    const other = await portal.contact({ email: "b@example.com" });

    const { status } = await portal.post(`${CONTACTS}/batch/update`, {
      inputs: [
        { id, properties: { city: "Paris" } },
        { id: other, properties: { nope: "1" } },
      ],
    });

    // Recorded response, 2025-11.
    expect(status).toBe(400);
    expect(portal.hubspot.find("contacts", id)?.properties["city"]).toBe("Rome");
  });
});

describe("batch/archive", () => {
  test("answers 204, unknown ids included", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { status, text } = await portal.post(`${CONTACTS}/batch/archive`, {
      inputs: [{ id }, { id: "77" }],
    });

    expect(status).toBe(204);
    expect(text).toBe("");
    expect(portal.hubspot.counts()["contacts"]).toBe(0);
  });
});

describe("admin validation rules", () => {
  test("are enforced on 2026-09 paths only", async () => {
    portal.hubspot.configure({ requiredProperties: { contacts: ["country"] } });

    const dated = await portal.post(CONTACTS, { properties: { email: "a@example.com" } });
    const v3 = await portal.post("/crm/v3/objects/contacts", {
      properties: { email: "a@example.com" },
    });
    const march = await portal.post("/crm/objects/2026-03/contacts", {
      properties: { email: "b@example.com" },
    });

    // HubSpot changelog, 2026-08-11: 2026-09 and later enforce them, v3 and 2026-03 do not.
    expect(dated.status).toBe(400);
    expect(dated.body.errors[0]).toMatchObject({
      code: "MISSING_REQUIRED_PROPERTY",
      message: "A value for country must be provided",
    });
    expect(v3.status).toBe(201);
    expect(march.status).toBe(201);
  });

  test("hold for updates too", async () => {
    const id = await portal.contact({ email: "a@example.com", country: "FR" });
    portal.hubspot.configure({ requiredProperties: { contacts: ["country"] } });

    const dated = await portal.patch(`${CONTACTS}/${id}`, { properties: { country: "" } });
    const v3 = await portal.patch(`/crm/v3/objects/contacts/${id}`, {
      properties: { country: "" },
    });

    // HubSpot changelog, 2026-08-11: on every write.
    expect(dated.status).toBe(400);
    expect(dated.body.category).toBe("VALIDATION_ERROR");
    expect(v3.status).toBe(200);
  });

  test("can depend on another property", async () => {
    const rule = { property: "state", basedOn: "country", values: ["US"] };
    portal.hubspot.configure({ conditionalProperties: { contacts: [rule] } });
    const create = (country: string) =>
      portal.post(CONTACTS, { properties: { firstname: "Ada", country } });

    const bound = await create("US");
    const free = await create("FR");

    // The wording of HubSpot's changelog, 2026-08-11.
    expect(bound.status).toBe(400);
    expect(bound.body.errors).toEqual([
      {
        message: "state is required because of a conditional property rule based on [country]",
        code: "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
        context: { propertyName: ["state"] },
      },
    ]);
    expect(free.status).toBe(201);
  });
});
