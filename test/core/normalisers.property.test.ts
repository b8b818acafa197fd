import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countryCode } from "../../mcp-server/src/core/country.ts";
import { registrableDomain } from "../../mcp-server/src/core/domain.ts";
import { normaliseEmail } from "../../mcp-server/src/core/email.ts";
import { normaliseName } from "../../mcp-server/src/core/name.ts";
import { normalisePhone } from "../../mcp-server/src/core/phone.ts";
import { cleanText } from "../../mcp-server/src/core/text.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.emailAddress(),
  fc.webUrl(),
  fc.stringMatching(/^\+?[\d ()./x-]{4,25}$/),
  fc.stringMatching(/^[A-ZÄÖÜß'-]{1,9}( [a-zäöüß'-]{1,9}){0,3}$/),
);

const normalisers: [string, (text: string) => string | null][] = [
  ["normaliseEmail", normaliseEmail],
  ["registrableDomain", registrableDomain],
  ["normaliseName", normaliseName],
  ["countryCode", countryCode],
  ["normalisePhone", (text) => normalisePhone(text, "DE")],
  ["cleanText", (text) => cleanText(text, 20)],
];

describe.each(normalisers)("%s", (_, normalise) => {
  test("leaves its own result alone, whatever the text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = normalise(text);
        if (once !== null) expect(normalise(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });
});

test("an e-mail keeps its value through case and padding", () => {
  fc.assert(
    fc.property(fc.emailAddress(), (address) => {
      const email = normaliseEmail(address);
      expect(normaliseEmail(` ${address.toUpperCase()} `)).toBe(email);
    }),
  );
});
