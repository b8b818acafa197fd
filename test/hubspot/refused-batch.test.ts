/** Batches that HubSpot refuses or answers as a whole: the poison row is found and harms only itself. */
import { describe, expect, test } from "vitest";
import { openGate } from "./gate.ts";
import { kinds, openPortal, outcomeOf, upsertRows } from "./portal.ts";

const portal = await openPortal();
const { hubspot } = portal.simulator;
const gate = await openGate(portal.simulator.hubspotUrl);
const crm = () => portal.crm({ baseUrl: gate.url });
const sizes = () => gate.arrivals.map(({ inputs }) => inputs.length);

const validationError = (more: Record<string, unknown> = {}) => ({
  status: 400,
  body: { status: "error", category: "VALIDATION_ERROR", message: "Not valid", ...more },
});

describe("refused whole", () => {
  // Recorded response, 2025-11: invalid property names fail the whole batch and are listed in both places.
  test("a property that does not exist rejects its carriers at once and spares the rest", async () => {
    gate.answer(({ inputs }) =>
      inputs.some(({ properties }) => properties !== undefined && "no_such" in properties)
        ? validationError({
            message:
              'Property values were not valid: [{"isValid":false,"message":"Property \\"no_such\\" does not exist","error":"PROPERTY_DOESNT_EXIST","name":"no_such"}]',
            errors: [],
          })
        : null,
    );
    const bad = upsertRows(100, { no_such: "x" }).slice(90);

    const outcomes = await crm().upsert("contacts", "email", [...upsertRows(90), ...bad]);

    expect(kinds(outcomes)).toEqual({ written: 90, rejected: 10 });
    expect(outcomeOf(outcomes, "r95")).toMatchObject({ code: "PROPERTY_DOESNT_EXIST" });
    expect(JSON.stringify(outcomeOf(outcomes, "r95"))).toContain("no_such");
    expect(sizes()).toEqual([100, 90]);
  });

  test("a poison row that nothing names is found by halving, within twice log2 of the batch", async () => {
    gate.answer(({ inputs }) =>
      inputs.some(({ id }) => id === "e42@example.com") ? validationError() : null,
    );

    const outcomes = await crm().upsert("contacts", "email", upsertRows(100));

    expect(kinds(outcomes)).toEqual({ written: 99, rejected: 1 });
    expect(outcomeOf(outcomes, "r42").kind).toBe("rejected");
    expect(sizes().length).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(100)));
  });

  test("rows that the refusal names are set apart at once", async () => {
    gate.answer(({ inputs }) =>
      inputs.some(({ id }) => id === "e5@example.com")
        ? validationError({ context: { ids: ["e5@example.com"] } })
        : null,
    );

    const outcomes = await crm().upsert("contacts", "email", upsertRows(100));

    expect(kinds(outcomes)).toEqual({ written: 99, rejected: 1 });
    expect(sizes()).toEqual([100, 99, 1]);
  });

  test("rows that carry the property complained of are looked at first", async () => {
    gate.answer(({ inputs }) =>
      inputs.some(({ properties }) => properties?.["industry"] === "WRONG")
        ? validationError({
            errors: [
              { message: "", code: "INVALID_OPTION", context: { propertyName: ["industry"] } },
            ],
          })
        : null,
    );
    const carriers = upsertRows(4, { industry: "WRONG" }).slice(3);

    const outcomes = await crm().upsert("contacts", "email", [...upsertRows(3), ...carriers]);

    expect(outcomeOf(outcomes, "r3")).toMatchObject({ kind: "rejected", code: "INVALID_OPTION" });
    expect(sizes()).toEqual([4, 3, 1]);
  });

  test("a refused create is taken apart, too: nothing was written", async () => {
    gate.answer(({ inputs }) =>
      inputs.some(({ properties }) => properties?.["name"] === "Company 6")
        ? {
            status: 409,
            body: {
              status: "error",
              category: "CONFLICT",
              message: "Company already exists. Existing ID: 3401",
            },
          }
        : null,
    );
    const rows = Array.from({ length: 8 }, (_, index) => ({
      ref: `r${index}`,
      properties: { name: `Company ${index}` },
      associations: [],
    }));

    const outcomes = await crm().create("companies", rows);

    expect(kinds(outcomes)).toEqual({ written: 7, rejected: 1 });
    expect(outcomeOf(outcomes, "r6")).toMatchObject({ code: "CONFLICT", existingId: "3401" });
    expect(hubspot.all("companies")).toHaveLength(7);
  });

  test("a record in one row's way is not taken for another row's", async () => {
    gate.answer(({ inputs }) => {
      const complaints = inputs.flatMap(({ properties = {} }) => [
        ...("no_such" in properties ? [{ error: "PROPERTY_DOESNT_EXIST", name: "no_such" }] : []),
        ...(properties["key"] === "taken"
          ? [
              {
                error: "CONFLICTING_UNIQUE_VALUE",
                name: "key",
                message: "Cannot set value=taken on 5. 171 already has that value.",
              },
            ]
          : []),
      ]);
      if (complaints.length === 0) return null;
      const message = `Property values were not valid: ${JSON.stringify(complaints)}`;
      return validationError({ message });
    });
    const rows = [{ key: "taken" }, { no_such: "x" }].map((properties, index) => ({
      ref: `r${index}`,
      properties: properties as Record<string, string>,
      associations: [],
    }));

    const outcomes = await crm().create("companies", rows);

    expect(outcomeOf(outcomes, "r0")).toMatchObject({
      code: "CONFLICTING_UNIQUE_VALUE",
      existingId: "171",
    });
    expect(outcomeOf(outcomes, "r1")).toMatchObject({
      code: "PROPERTY_DOESNT_EXIST",
      existingId: null,
    });
  });

  // HubSpot quotes what was sent: a value may read like the end of its sentence.
  test.each([
    [
      "CONFLICTING_UNIQUE_VALUE",
      "Cannot set value=a. 666 already has that value. on 5. 171 already has that value.",
      "171",
    ],
    [
      "CONFLICTING_UNIQUE_VALUE",
      "value=666 already has that value, on 5. Another input has.",
      null,
    ],
    ["INVALID_EMAIL", "Email address 666 already has that value. is invalid", null],
    ["INVALID_EMAIL", "Email address x already exists. Existing ID: 666 is invalid", null],
  ])("%s: %j names %j as the record in the way", async (error, message, existingId) => {
    gate.answer(() =>
      validationError({
        message: `Property values were not valid: ${JSON.stringify([{ error, name: "key", message }])}`,
      }),
    );

    const outcomes = await crm().update("companies", [
      { ref: "r", id: "5", properties: { key: "x" } },
    ]);

    expect(outcomeOf(outcomes, "r")).toMatchObject({ kind: "rejected", existingId });
  });

  // Live tests, 2026-09: companies cannot be upserted by domain; HubSpot refuses the request as such.
  test("a request that is wrong for every row ends after a bounded number of requests", async () => {
    gate.answer(() =>
      validationError({ message: "Unable to perform upsert by non-unique property" }),
    );

    const outcomes = await crm().upsert("companies", "domain", upsertRows(100));

    expect(outcomes).toHaveLength(100);
    expect(kinds(outcomes)["written"]).toBeUndefined();
    expect(sizes().length).toBeLessThanOrEqual(61);
  });

  // hscli probes, 2026-04: unknown paths answer 404 in HTML.
  test("an HTML 404 is a wrong address, not a missing record, and costs one request", async () => {
    gate.answer(() => ({ status: 404, body: "<html><body>Not found</body></html>" }));

    const outcomes = await crm().update("contacts", [
      { ref: "a", id: "1", properties: {} },
      { ref: "b", id: "2", properties: {} },
    ]);

    expect(kinds(outcomes)).toEqual({ failed: 2 });
    expect(outcomeOf(outcomes, "a")).toMatchObject({ error: { code: "HUBSPOT_NO_SUCH_PATH" } });
    expect(gate.arrivals).toHaveLength(1);
  });
});

describe("answers that leave rows open", () => {
  const record = (id: string, properties: Record<string, string>) => ({
    id,
    properties,
    createdAt: "2026-11-20T12:00:00Z",
    updatedAt: "2026-11-20T12:00:00Z",
    archived: false,
  });
  const nameless = { status: "error", category: "VALIDATION_ERROR", message: "No", context: {} };

  test("errors that name nobody are traced by asking in smaller batches", async () => {
    gate.answer(({ inputs }) => {
      const good = inputs.filter(({ id }) => id !== "e2@example.com");
      if (good.length === inputs.length) return null;
      const results = good.map(({ id = "" }, index) => record(`${index}`, { email: id }));
      return {
        status: 207,
        body: { status: "COMPLETE", results, errors: [nameless], numErrors: 1 },
      };
    });

    const outcomes = await crm().upsert("contacts", "email", upsertRows(5));

    expect(kinds(outcomes)).toEqual({ written: 4, rejected: 1 });
    expect(outcomeOf(outcomes, "r2").kind).toBe("rejected");
  });

  test.each(["create", "update", "upsert"] as const)(
    "a row of an %s that may be among the written ones is not sent again",
    async (action) => {
      gate.answer(() => ({
        status: 207,
        body: { status: "COMPLETE", results: [], errors: [nameless], numErrors: 1 },
      }));
      const rows = ["1", "2"].map((id) => ({ ref: id, id, properties: { name: id } }));

      const outcomes = await {
        create: () =>
          crm().create(
            "companies",
            rows.map((row) => ({ ...row, associations: [] })),
          ),
        update: () => crm().update("companies", rows),
        upsert: () => crm().upsert("companies", "warp_ban", rows),
      }[action]();

      expect(kinds(outcomes)).toEqual({ unknown: 2 });
      expect(gate.arrivals).toHaveLength(1);
    },
  );

  test("an upsert that comes back under another primary e-mail is recognised", async () => {
    gate.answer(() => ({
      status: 200,
      body: {
        status: "COMPLETE",
        results: [
          { ...record("2", { email: "primary@example.com", firstname: "First 1" }), new: false },
          { ...record("1", { email: "e0@example.com", firstname: "First 0" }), new: true },
        ],
      },
    }));

    const outcomes = await crm().upsert("contacts", "email", upsertRows(2));

    expect(outcomeOf(outcomes, "r0")).toMatchObject({ created: true, record: { id: "1" } });
    expect(outcomeOf(outcomes, "r1")).toMatchObject({ created: false, record: { id: "2" } });
  });

  test("an upsert that HubSpot passes over in silence is unknown", async () => {
    gate.answer(({ inputs }) => ({
      status: 200,
      body: {
        status: "COMPLETE",
        results: inputs.slice(1).map(({ id = "" }, index) => record(`${index}`, { email: id })),
      },
    }));

    const outcomes = await crm().upsert("contacts", "email", upsertRows(3));

    expect(kinds(outcomes)).toEqual({ written: 2, unknown: 1 });
    expect(outcomeOf(outcomes, "r0").kind).toBe("unknown");
  });

  test.each([
    ["HTML", "<html>Welcome</html>"],
    ["another shape", { hello: "world" }],
  ])("a 2xx in %s leaves writes unknown and makes reads fail", async (_, body) => {
    gate.answer(() => ({ status: 200, body }));

    const outcomes = await crm().upsert("contacts", "email", upsertRows(2));
    const reading = crm().read("contacts", { ids: ["1"], properties: [] });

    expect(kinds(outcomes)).toEqual({ unknown: 2 });
    await expect(reading).rejects.toMatchObject({
      kind: "unavailable",
      code: "HUBSPOT_UNREADABLE",
    });
  });
});
