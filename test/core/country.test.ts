import { expect, test } from "vitest";
import { countryCode, countryName } from "../../mcp-server/src/core/country.ts";

test.each([
  ["DE", "DE"],
  ["deu", "DE"],
  ["Deutschland", "DE"],
  ["Österreich", "AT"],
  ["osterreich", "AT"],
  ["UK", "GB"],
  ["U.S.A.", "US"],
  [" united  states ", "US"],
  ["Ivory Coast", "CI"],
  ["Côte d’Ivoire", "CI"],
  ["South Korea", "KR"],
  ["España", "ES"],
  ["日本", "JP"],
  ["CA", "CA"],
])("reads %s as %s", (text, code) => {
  expect(countryCode(text)).toBe(code);
});

test.each(["", "California", "49", "N/A", "Europe", "constructor", "x".repeat(500)])(
  "finds no country in %j",
  (text) => {
    expect(countryCode(text)).toBeNull();
  },
);

test("names a country in English", () => {
  expect(countryName("DE")).toBe("Germany");
  expect(countryName("jp")).toBe("Japan");
  expect(countryName("XX")).toBeNull();
});
