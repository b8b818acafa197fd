import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isSameCompany,
  normaliseCompanyName,
  similarity,
} from "../../mcp-server/src/core/company-name.ts";

describe("normaliseCompanyName", () => {
  test.each([
    ["Acme, Inc.", "acme"],
    ["The Müller & Söhne GmbH & Co. KG", "muller and sohne"],
    ["ＡＣＭＥ Ltd", "acme"],
    ["S.A.P. SE", "sap"],
    ["Company", "company"],
    ["Nestlé S.A.", "nestle"],
    ["  ", ""],
  ])("writes %s as %s", (name, normal) => {
    expect(normaliseCompanyName(name)).toBe(normal);
  });
});

describe("isSameCompany", () => {
  test.each([
    ["Acme GmbH", "ACME"],
    ["Starbucks EMEA", "Starbucks"],
    ["Sales Force", "Salesforce"],
    ["Microsofft", "Microsoft"],
  ])("sees %s and %s as one", (a, b) => {
    expect(isSameCompany(a, b)).toBe(true);
  });

  test.each([
    ["Acme", "Acne"],
    ["Acme", "Globex"],
    ["", ""],
  ])("keeps %j and %j apart", (a, b) => {
    expect(isSameCompany(a, b)).toBe(false);
  });

  test("does not care which name comes first", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (a, b) => {
        expect(isSameCompany(a, b)).toBe(isSameCompany(b, a));
        expect(similarity(a, b)).toBeCloseTo(similarity(b, a), 12);
      }),
    );
  });
});
