import { expect, test } from "vitest";
import { isValidPhone, normalisePhone, phoneCountry } from "../../mcp-server/src/core/phone.ts";

test.each([
  ["(415) 555-2671", "US", "+14155552671"],
  ["030 1234567", "DE", "+49301234567"],
  ["020 7946 0958", "GB", "+442079460958"],
  ["0049 30 1234567", null, "+49301234567"],
  ["+49 (0)30 1234567", null, "+49301234567"],
  ["+39 06 1234 5678", null, "+390612345678"],
  ["tel:+1-415-555-2671", null, "+14155552671"],
  ["+1 415 555 2671 ext. 23", null, "+14155552671;ext=23"],
  ["+14155552671;ext=23", null, "+14155552671;ext=23"],
  ["＋４９３０１２３４５６７", null, "+49301234567"],
  ["+33 1 42 68 53 00", "US", "+33142685300"],
])("reads %s in %s as %s", (text, country, e164) => {
  expect(normalisePhone(text, country)).toBe(e164);
});

test.each([
  ["030 1234567", null],
  ["123", "US"],
  ["+999123456789", null],
  ["call me", "US"],
  ["", "US"],
  ["n/a", null],
  ["+1 415 555 2671 or +1 415 555 2672", null],
])("finds no number in %j with country %s", (text, country) => {
  expect(normalisePhone(text, country)).toBeNull();
});

test("names the country of a number, and whether its plan assigns it", () => {
  expect(phoneCountry("+49301234567")).toBe("DE");
  expect(phoneCountry("+14155552671;ext=2")).toBe("US");
  expect(isValidPhone("+49301234567")).toBe(true);
  expect(isValidPhone("+15555551234")).toBe(false);
});
