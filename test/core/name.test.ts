import { expect, test } from "vitest";
import { isPlaceholderName, normaliseName } from "../../mcp-server/src/core/name.ts";

test.each([
  ["JOHN", "John"],
  ["o'brien", "O'Brien"],
  ["o’neill", "O’Neill"],
  ["VAN DER BERG", "Van der Berg"],
  ["JEAN-PIERRE", "Jean-Pierre"],
  ["MCDONALD", "McDonald"],
  ["smith-o'connor", "Smith-O'Connor"],
  ["n'golo", "N'golo"],
  ["JOHN SMITH III", "John Smith III"],
  ["ÉLODIE", "Élodie"],
  ["AJ", "AJ"],
  ["DeShawn", "DeShawn"],
  ["李明", "李明"],
  ["straße", "Straße"],
  ["  Ada   Maria ", "Ada Maria"],
])("spells %s as %s", (text, name) => {
  expect(normaliseName(text)).toBe(name);
});

test.each(["", "-", "N/A", "null", "TEST", "first name", "xxx", "123", "ada@example.com"])(
  "takes %j for no name",
  (text) => {
    expect(normaliseName(text)).toBeNull();
  },
);

test("leaves people alone whose names look like fillers", () => {
  for (const name of ["Null", "Na", "None", "Test"]) expect(isPlaceholderName(name)).toBe(false);
});
