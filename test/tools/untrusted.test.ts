/** Contact data on its way out: cleaned, and bounded without losing its shape. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonChars, shortened, withoutInvisible } from "../../mcp-server/src/core/untrusted.ts";

const hidden = /[\p{Cc}\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\u{E0000}-\u{E007F}]/u;

describe("withoutInvisible", () => {
  test("leaves no control, bidirectional or tag character anywhere, keys included", () => {
    const nasty = fc.string({
      unit: fc.constantFrom("a", "\u202E", "\u0000", "\u{E0041}", "\u200B", "é", " "),
    });
    fc.assert(
      fc.property(fc.dictionary(nasty, fc.oneof(nasty, fc.array(nasty))), (value) => {
        const shown = withoutInvisible(value);

        const texts: string[] = [];
        JSON.stringify(shown, (key, member) => {
          texts.push(key);
          if (typeof member === "string") texts.push(member);
          return member;
        });
        expect(texts.filter((text) => hidden.test(text))).toEqual([]);
      }),
    );
  });

  test("keeps numbers, truth values, null and ordinary text", () => {
    const value = { a: 1, b: false, c: null, d: ["Zoë Müller", 2], e: { f: "日本" } };

    expect(withoutInvisible(value)).toEqual(value);
  });
});

describe("shortened", () => {
  test("gives back what fits, untouched", () => {
    const value = { rows: Array.from({ length: 60 }, (_, index) => ({ index })) };

    expect(shortened(value, jsonChars(value))).toEqual({ value, truncated: false });
  });

  test("always fits the bound and says that it cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ text: fc.string({ maxLength: 900 }), list: fc.array(fc.string()) }), {
          minLength: 3,
          maxLength: 40,
        }),
        fc.integer({ min: 200, max: 3_000 }),
        (value, max) => {
          const cut = shortened(value, max);

          expect(jsonChars(cut.value)).toBeLessThanOrEqual(max);
          expect(cut.truncated).toBe(jsonChars(value) > max);
        },
      ),
    );
  });
});
