/** What search refuses. */
import { expect, test } from "vitest";
import { CONTACTS, openPortal } from "./portal.ts";

const portal = await openPortal();

const filter = { propertyName: "city", operator: "HAS_PROPERTY" };

function groups(count: number, filters: number) {
  return Array.from({ length: count }, () => ({
    filters: Array.from({ length: filters }, () => filter),
  }));
}

async function search(body: unknown) {
  return await portal.post(`${CONTACTS}/search`, body);
}

// HubSpot docs, search limits, read 2026-04.
test.each([
  ["5 groups", { filterGroups: groups(5, 1) }, 200],
  ["6 groups", { filterGroups: groups(6, 1) }, 400],
  ["6 filters in a group", { filterGroups: groups(1, 6) }, 200],
  ["7 filters in a group", { filterGroups: groups(1, 7) }, 400],
  ["18 filters", { filterGroups: groups(3, 6) }, 200],
  ["20 filters", { filterGroups: groups(5, 4) }, 400],
  ["a page of 200", { limit: 200 }, 200],
  ["a page of 201", { limit: 201 }, 400],
  ["the last page before 10,000", { limit: 100, after: "9900" }, 200],
  ["a page beyond 10,000", { limit: 100, after: "10000" }, 400],
  ["two sorts", { sorts: [{ propertyName: "city" }, { propertyName: "email" }] }, 400],
  // Specification: lists are lists, a sort direction is an enumeration, FilterGroup requires filters.
  ["filterGroups that are no list", { filterGroups: {} }, 400],
  ["a made-up direction", { sorts: [{ propertyName: "city", direction: "UP" }] }, 400],
  ["a group without filters", { filterGroups: [{}] }, 400],
  [
    "IN with no values",
    { filterGroups: [{ filters: [{ propertyName: "city", operator: "IN", values: [] }] }] },
    400,
  ],
  [
    "a time that is none",
    {
      filterGroups: [{ filters: [{ propertyName: "createdate", operator: "GTE", value: "soon" }] }],
    },
    400,
  ],
  [
    "an unknown property",
    { filterGroups: [{ filters: [{ propertyName: "nope", operator: "HAS_PROPERTY" }] }] },
    400,
  ],
])("%s is %i", async (_what, body, status) => {
  expect((await search(body)).status).toBe(status);
});

test("a body of more than 3,000 characters is 400", async () => {
  const body = (length: number) => {
    const text = JSON.stringify({ query: "" });
    return `${text.slice(0, -2)}${"x".repeat(length - text.length)}"}`;
  };

  expect((await search(body(3_000))).status).toBe(200);
  const over = await search(body(3_001));
  expect(over.status).toBe(400);
  expect(over.body.category).toBe("VALIDATION_ERROR");
});

// Texts quoted in issue threads of HubSpot's own clients.
test.each([
  [{ propertyName: "email", operator: "IN", value: "a" }, "operator IN requires values"],
  [{ propertyName: "email", operator: "NOT_IN", value: "a" }, "operator NOT_IN requires values"],
  [
    { propertyName: "email", operator: "BETWEEN", value: "1" },
    "operator BETWEEN requires a highValue",
  ],
  [
    { value: "1" },
    "Cannot build Filter, some of required attributes are not set [propertyName, operator]",
  ],
  [{ propertyName: "email", operator: "IN", value: ["a"] }, "out of START_ARRAY token"],
  [{ propertyName: "email", operator: "LIKE", value: "a" }, "not one of the values accepted"],
])("%j is a malformed filter", async (bad, text) => {
  const { status, body } = await search({ filterGroups: [{ filters: [bad] }] });

  expect(status).toBe(400);
  expect(body.message).toMatch(/^Invalid input JSON on line 1, column \d+: /);
  expect(body.message).toContain(text);
});
