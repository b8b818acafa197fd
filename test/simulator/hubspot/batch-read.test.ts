/** batch/read and property history. */
import { describe, expect, test } from "vitest";
import { CONTACTS, idsOf, openPortal, START } from "./portal.ts";

const portal = await openPortal();

async function read(body: Record<string, unknown>, query = "") {
  return await portal.post(`${CONTACTS}/batch/read${query}`, body);
}

describe("batch/read", () => {
  test("returns what is found and one error naming all missing ids", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { status, body } = await read({ inputs: [{ id }, { id: "77" }, { id: "nobody" }] });

    // Captured responses, 2024-04: one entry per category, with the ids in its context.
    expect(status).toBe(207);
    expect(idsOf(body.results)).toEqual([id]);
    expect(body.numErrors).toBe(1);
    expect(body.errors).toEqual([
      {
        status: "error",
        category: "OBJECT_NOT_FOUND",
        message:
          "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.",
        context: { ids: ["77", "nobody"] },
      },
    ]);
  });

  test("can be set to return nothing when any id is missing", async () => {
    const id = await portal.contact({ email: "ada@example.com" });
    portal.hubspot.configure({ batchReadMissing: "empty" });

    const { status, body } = await read({ inputs: [{ id }, { id: "77" }] });

    // One client reports empty results, 2026-09; both behaviours can be tried.
    expect(status).toBe(207);
    expect(body.results).toEqual([]);
    expect(body.errors[0].context.ids).toEqual(["77"]);
  });

  test("answers 200 without an errors field when all are found", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { status, body } = await read({ inputs: [{ id }] });

    // Recorded response, 2026-05.
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(["completedAt", "status", "startedAt", "results"]);
  });

  test("finds contacts by e-mail, in any case and by a secondary one", async () => {
    const id = await portal.contact({
      email: "ada@example.com",
      hs_additional_emails: "lovelace@example.com",
    });

    for (const email of ["ADA@example.com", "lovelace@example.com"]) {
      const { body } = await read({ idProperty: "email", inputs: [{ id: email }] });
      expect(idsOf(body.results)).toEqual([id]);
    }
  });

  test("refuses a property that does not identify records", async () => {
    const { status } = await read({ idProperty: "phone", inputs: [{ id: "1" }] });

    expect(status).toBe(400);
  });

  test("returns the survivor for a merged-away id", async () => {
    const a = await portal.contact({ email: "a@example.com" });
    const b = await portal.contact({ email: "b@example.com" });
    const { body: merged } = await portal.post(`${CONTACTS}/merge`, {
      primaryObjectId: a,
      objectIdToMerge: b,
    });

    const { body } = await read({ inputs: [{ id: b }] });

    expect(idsOf(body.results)).toEqual([merged.id]);
  });

  test("reads archived records only when asked", async () => {
    const id = await portal.contact({ email: "ada@example.com" });
    portal.hubspot.archiveAsUser("contacts", id);

    expect((await read({ inputs: [{ id }] })).status).toBe(207);
    expect((await read({ inputs: [{ id }] }, "?archived=true")).body.results[0].archived).toBe(
      true,
    );
  });
});

describe("property history", () => {
  test("tells own writes from a person's, newest first", async () => {
    const id = await portal.contact({ email: "ada@example.com", city: "London" });
    portal.advance(1_000);
    portal.hubspot.editAsUser("contacts", id, { city: "Paris" });
    portal.advance(1_000);
    await portal.patch(`${CONTACTS}/${id}`, { properties: { city: "Rome" } });

    const { body } = await read({ inputs: [{ id }], propertiesWithHistory: ["city"] });

    // Specification and webhook samples: API writes are INTEGRATION with the app id as source.
    const appId = String(portal.hubspot.appId);
    const history = body.results[0].propertiesWithHistory.city;
    expect(history).toMatchObject([
      { value: "Rome", sourceType: "INTEGRATION", sourceId: appId },
      { value: "Paris", sourceType: "CRM_UI", updatedByUserId: 76_070_032 },
      { value: "London", sourceType: "INTEGRATION", sourceId: appId },
    ]);
    expect(
      history.map((entry: { timestamp: string }) => Date.parse(entry.timestamp) - START),
    ).toEqual([2_000, 1_000, 0]);
  });

  test("comes with single reads and lists too", async () => {
    const id = await portal.contact({ email: "ada@example.com", city: "London" });

    const one = await portal.get(`${CONTACTS}/${id}?propertiesWithHistory=city`);
    const page = await portal.get(`${CONTACTS}?propertiesWithHistory=city&limit=50`);

    expect(one.body.propertiesWithHistory.city).toHaveLength(1);
    expect(page.body.results[0].propertiesWithHistory.city).toHaveLength(1);
  });

  test("shows computed values as calculated", async () => {
    const id = await portal.contact({ email: "ada@example.com" });

    const { body } = await portal.get(`${CONTACTS}/${id}?propertiesWithHistory=hs_email_domain`);

    expect(body.propertiesWithHistory.hs_email_domain).toMatchObject([
      { value: "example.com", sourceType: "CALCULATED" },
    ]);
  });

  test("is limited to 50 inputs", async () => {
    const inputs = (count: number) =>
      Array.from({ length: count }, (_, id) => ({ id: String(id) }));

    const over = await read({ inputs: inputs(51), propertiesWithHistory: ["city"] });
    const at = await read({ inputs: inputs(50), propertiesWithHistory: ["city"] });

    // The wording clients of HubSpot quote.
    expect(over.status).toBe(400);
    expect(over.body).toMatchObject({
      category: "VALIDATION_ERROR",
      message:
        "The maximum number of inputs supported in a batch request for property histories is 50. Please reduce the number of items and try again",
    });
    expect(at.status).toBe(207);
  });
});
