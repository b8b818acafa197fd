import fc from "fast-check";
import { expect, test } from "vitest";
import { canonical, toWire } from "../../mcp-server/src/core/canonical.ts";
import { isoInstant } from "../../mcp-server/src/core/value-calendar.ts";
import { valueTypes } from "../../mcp-server/src/core/value-types.ts";

test("is idempotent for every type and any text", () => {
  fc.assert(
    fc.property(fc.constantFrom(...valueTypes), fc.string(), (type, text) => {
      const once = canonical(type, text);
      expect(canonical(type, once)).toBe(once);
    }),
  );
});

test("survives the way to HubSpot and back for every type", () => {
  fc.assert(
    fc.property(fc.constantFrom(...valueTypes), fc.string(), (type, text) => {
      const value = canonical(type, text) ?? null;
      expect(canonical(type, toWire(type, value))).toBe(value);
    }),
  );
});

test("tells not said, known to be empty and a value apart", () => {
  expect(canonical("text", undefined)).toBeUndefined();
  expect(canonical("text", null)).toBeNull();
  expect(canonical("text", "  ")).toBeNull();
  expect(canonical("text", " a ")).toBe("a");
});

test.each([
  ["email", "Ada@Example.COM", "ada@example.com"],
  ["phone", "+49 30 901820", "+4930901820"],
  ["country", "Germany", "DE"],
  ["url", "https://www.Acme.com/", "acme.com"],
  ["number", "0012.500", "12.5"],
  ["number", "9007199254740993.10", "9007199254740993.1"],
  ["number", "-0.0", "0"],
  ["number", "1e3", "1000"],
  ["boolean", true, "true"],
  ["date", "1705449600000", "2024-01-17"],
  ["date", "2024-01-17T00:00:00Z", "2024-01-17"],
  ["datetime", "2024-01-17T00:00:00.000Z", "1705449600000"],
  ["datetime", "2024-01-17T01:00:00+01:00", "1705449600000"],
  ["datetime", "1705449600000", "1705449600000"],
  ["set", "b;a;b", "a;b"],
  ["set", " ; ", null],
  ["list", ["one", "two"], "one\ntwo"],
  ["list", "one \n\n two\none", "one\ntwo\none"],
  ["text", "one\r\r\ntwo\r\n\nthree", "one\ntwo\n\nthree"],
] as const)("reads %s %j as %s", (type, given, expected) => {
  expect(canonical(type, given)).toBe(expected);
});

test("agrees with the platform's calendar on every day", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date("0001-01-02"), max: new Date("9998-12-30"), noInvalidDate: true }),
      (date) => {
        expect(canonical("datetime", date.toISOString())).toBe(String(date.getTime()));
        expect(isoInstant(String(date.getTime()))).toBe(date.toISOString().replace(".000Z", "Z"));
        const midnight = Math.floor(date.getTime() / 86_400_000) * 86_400_000;
        expect(canonical("date", String(midnight))).toBe(
          new Date(midnight).toISOString().slice(0, 10),
        );
      },
    ),
  );
});

test.each(["300000000000000", "-70000000000000", "01", "soon", ""])(
  "writes no time for %j, which has none with four digits of a year",
  (text) => {
    expect(isoInstant(text)).toBeUndefined();
  },
);
