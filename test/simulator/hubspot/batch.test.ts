/** Batches of creates, updates and archives: all or nothing, or row by row with trace ids. */
import { describe, expect, test } from "vitest";
import { CONTACTS, embedded, openPortal } from "./portal.ts";

const portal = await openPortal();

function inputs(count: number, traced = false) {
  return Array.from({ length: count }, (_, index) => ({
    properties: { email: `c${index}@example.com` },
    ...(traced ? { objectWriteTraceId: String(index) } : {}),
  }));
}

describe("every batch", () => {
  test.each(["create", "update", "upsert", "read", "archive"])(
    "batch/%s refuses more than 100 inputs with 400",
    async (verb) => {
      const rows = Array.from({ length: 101 }, (_, index) => ({
        id: String(index),
        properties: { email: `c${index}@example.com` },
      }));

      // HubSpot docs: batches hold up to 100 records.
      const { status, body } = await portal.post(`${CONTACTS}/batch/${verb}`, { inputs: rows });

      expect(status).toBe(400);
      expect(body.category).toBe("VALIDATION_ERROR");
      expect(portal.hubspot.counts()["contacts"]).toBe(0);
    },
  );

  test.each(["create", "update", "upsert", "read"])(
    "batch/%s takes a body without inputs as nothing to do",
    async (verb) => {
      // Reported by a client, 2026-04: a wrong wrapper is a silent no-op.
      const { status, body } = await portal.post(`${CONTACTS}/batch/${verb}`, { records: [1] });

      expect(status).toBe(200);
      expect(body).toMatchObject({ status: "COMPLETE", results: [] });
      expect(body).toHaveProperty("startedAt");
      expect(body).toHaveProperty("completedAt");
    },
  );

  test("does not keep the request's order", async () => {
    await portal.post(`${CONTACTS}/batch/create`, { inputs: inputs(50) });
    const emails = inputs(50).map(({ properties }) => properties.email);

    const { body } = await portal.post(`${CONTACTS}/batch/read`, {
      idProperty: "email",
      properties: ["email"],
      inputs: emails.map((id) => ({ id })),
    });

    // Reported by several clients: match by id or value, never by position.
    const returned = body.results.map(
      (row: { properties: { email: string } }) => row.properties.email,
    );
    expect(returned).not.toEqual(emails);
    expect([...returned].sort()).toEqual([...emails].sort());
  });
});

describe("batch/create", () => {
  test("answers 201 with every record", async () => {
    const { status, body } = await portal.post(`${CONTACTS}/batch/create`, { inputs: inputs(100) });

    expect(status).toBe(201);
    expect(body.status).toBe("COMPLETE");
    expect(body.results).toHaveLength(100);
    expect(body).not.toHaveProperty("errors");
  });

  test("writes nothing when one row of an untraced batch is invalid", async () => {
    const rows = [...inputs(2), { properties: { email: "x@example.com", nope: "1" } }];

    const { status, body } = await portal.post(`${CONTACTS}/batch/create`, { inputs: rows });

    expect(status).toBe(400);
    expect(body.category).toBe("VALIDATION_ERROR");
    expect(portal.hubspot.counts()["contacts"]).toBe(0);
  });

  test("lists the errors of all rows in the message, and fewer in errors[]", async () => {
    const bad = { first000name: "a", last000name: "b" };

    const { body } = await portal.post(`${CONTACTS}/batch/create`, {
      inputs: [{ properties: bad }, { properties: bad }],
    });

    // Recorded response, 2025-11: four embedded, three listed.
    expect(embedded(body.message).map(({ name }) => name)).toEqual([
      "first000name",
      "last000name",
      "first000name",
      "last000name",
    ]);
    expect(body.errors).toHaveLength(3);
    expect(body.errors[0]).toEqual({
      message: 'Property "first000name" does not exist',
      code: "PROPERTY_DOESNT_EXIST",
      context: { propertyName: ["first000name"] },
    });
  });

  test("names the existing id when one row conflicts, and none when two do", async () => {
    const id = await portal.contact({ email: "c0@example.com" });
    const one = await portal.post(`${CONTACTS}/batch/create`, { inputs: inputs(1) });
    await portal.contact({ email: "c1@example.com" });
    const two = await portal.post(`${CONTACTS}/batch/create`, { inputs: inputs(3) });

    // Recorded response of a batch with several conflicts: the bare text.
    expect(one.status).toBe(409);
    expect(one.body.message).toBe(`Contact already exists. Existing ID: ${id}`);
    expect(two.status).toBe(409);
    expect(two.body).toEqual({
      status: "error",
      message: "Contact already exists",
      correlationId: two.body.correlationId,
      category: "CONFLICT",
    });
    expect(portal.hubspot.counts()["contacts"]).toBe(2);
  });

  test("answers 207 per row when every input has a trace id", async () => {
    const existing = await portal.contact({ email: "c0@example.com" });
    const rows = [...inputs(2, true), { properties: { email: "bad" }, objectWriteTraceId: "bad" }];

    const { status, body } = await portal.post(`${CONTACTS}/batch/create`, { inputs: rows });

    // Recorded response, 2025-11: the conflict entry carries both ids in its context.
    expect(status).toBe(207);
    expect(body.results).toHaveLength(1);
    expect(body.numErrors).toBe(2);
    expect(body.errors).toContainEqual({
      status: "error",
      category: "CONFLICT",
      message: `Contact already exists. Existing ID: ${existing}`,
      context: { objectWriteTraceId: ["0"], existingId: [existing] },
    });
    const refused = body.errors.find(
      (entry: { category: string }) => entry.category === "VALIDATION_ERROR",
    );
    expect(refused.context).toEqual({ objectWriteTraceId: ["bad"] });
    expect(refused.errors[0].code).toBe("INVALID_EMAIL");
    expect(embedded(refused.message)[0]).toMatchObject({ error: "INVALID_EMAIL", name: "email" });
  });

  test("stays all or nothing when one input lacks its trace id", async () => {
    await portal.contact({ email: "c0@example.com" });
    const rows = [...inputs(2, true), { properties: { email: "x@example.com" } }];

    const { status } = await portal.post(`${CONTACTS}/batch/create`, { inputs: rows });

    // HubSpot docs, error handling: multi-status needs the id on each input.
    expect(status).toBe(409);
    expect(portal.hubspot.counts()["contacts"]).toBe(1);
  });

  test("takes inline associations", async () => {
    const company = await portal.company({ domain: "acme.com" });

    const { body } = await portal.post(`${CONTACTS}/batch/create`, {
      inputs: [
        {
          properties: { email: "ada@example.com" },
          associations: [
            {
              to: { id: company },
              types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 279 }],
            },
          ],
        },
      ],
    });

    const [contact] = body.results;
    expect(portal.hubspot.associations("contacts", contact.id, "companies")).toEqual([
      { id: company, typeIds: [279] },
    ]);
  });
});
