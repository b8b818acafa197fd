/** Definitions that are not readable yet, may not go yet, or fail together. */
import { expect, test } from "vitest";
import { openPortal } from "./portal.ts";

const portal = await openPortal();
const PROPERTIES = "/crm/properties/2026-09/contacts";

function definition(name: string, more: Record<string, unknown> = {}) {
  return {
    name,
    label: name,
    type: "number",
    fieldType: "number",
    groupName: "contactinformation",
    ...more,
  };
}

test("a new definition can be set to be unreadable for a moment", async () => {
  portal.hubspot.configure({ propertyLagMs: 700 });
  const { status } = await portal.post(PROPERTIES, definition("score"));
  const seen = async () => [
    (await portal.get(`${PROPERTIES}/score`)).status,
    (await portal.post(`${PROPERTIES}/batch/read`, { inputs: [{ name: "score" }] })).status,
    (await portal.get(PROPERTIES)).text.includes('"name":"score"'),
  ];

  // Measured on a developer test account, 2026-09: readable after 0.25 to 0.7 s.
  expect(status).toBe(201);
  expect(await seen()).toEqual([404, 207, false]);
  expect((await portal.post(PROPERTIES, definition("score"))).status).toBe(409);
  portal.advance(700);
  expect(await seen()).toEqual([200, 200, true]);
});

test("a new definition is readable at once unless set otherwise", async () => {
  await portal.post(PROPERTIES, definition("score"));

  expect((await portal.get(`${PROPERTIES}/score`)).status).toBe(200);
});

test("a property that a calculation uses stays", async () => {
  await portal.post(PROPERTIES, definition("score"));
  const calculation = { fieldType: "calculation_equation", calculationFormula: "score * 2" };
  await portal.post(PROPERTIES, definition("double_score", calculation));

  const { status, body } = await portal.call("DELETE", `${PROPERTIES}/score`);

  // Measured on a developer test account, 2026-09.
  expect(status).toBe(400);
  expect(body).toMatchObject({
    category: "VALIDATION_ERROR",
    subCategory: "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE",
  });
  expect((await portal.call("DELETE", `${PROPERTIES}/double_score`)).status).toBe(204);
  expect((await portal.call("DELETE", `${PROPERTIES}/score`)).status).toBe(204);
});

test("a batch with an input that does not parse creates nothing", async () => {
  const { status } = await portal.post(`${PROPERTIES}/batch/create`, {
    inputs: [definition("score"), { name: "lonely" }],
  });

  expect(status).toBe(400);
  expect((await portal.get(`${PROPERTIES}/score`)).status).toBe(404);
});
