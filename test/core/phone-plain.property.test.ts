import fc from "fast-check";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { expect, test } from "vitest";
import { plainNumber } from "../../mcp-server/src/core/phone-plain.ts";

const countries = [
  "DE",
  "AT",
  "CH",
  "GB",
  "FR",
  "BE",
  "NL",
  "SE",
  "IE",
  "FI",
  "ES",
  "PT",
  "DK",
  "NO",
  "PL",
  "CZ",
  "US",
  "CA",
  "IT",
  "BR",
] as const;
const codes = [
  "1",
  "31",
  "32",
  "33",
  "34",
  "39",
  "41",
  "43",
  "44",
  "45",
  "46",
  "47",
  "48",
  "49",
  "55",
  "351",
  "353",
  "358",
  "420",
];

const written = fc
  .tuple(
    fc.constantFrom("", "0", "00", "1", ...codes.map((code) => `+${code}`)),
    fc.stringMatching(/^\(?[0-9]{2,4}\)?[ -]?[0-9]{3,4}[ ./-]?[0-9]{1,5}$/),
  )
  .map(([prefix, digits]) => prefix + digits);

test("never reads a number otherwise than the library", () => {
  let decided = 0;
  fc.assert(
    fc.property(written, fc.constantFrom(...countries), (text, country) => {
      const plain = plainNumber(text, country);
      if (plain === null) return;
      decided += 1;
      const number = parsePhoneNumberFromString(text, { extract: false, defaultCountry: country });
      expect(number?.isPossible()).toBe(true);
      expect(number?.ext).toBeUndefined();
      expect(plain).toBe(number?.number);
    }),
    { numRuns: 20_000 },
  );
  expect(decided).toBeGreaterThan(1_000);
});
