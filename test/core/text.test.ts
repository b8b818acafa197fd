import { expect, test } from "vitest";
import { cleanText } from "../../mcp-server/src/core/text.ts";

test.each([
  ["plain text", "plain text"],
  ["  a \t\r\n b  ", "a b"],
  ["a\u0000b", "a b"],
  ["a\u202Eb\u200Bc", "abc"],
  ["a\u{E0041}b", "ab"],
  ["e\u0301", "é"],
  ["می‌خواهم", "می‌خواهم"],
  ["\uD800x", "\uFFFDx"],
  ["Ada\uFE01\uFE02", "Ada"],
  ["ok 😀\u{E0130}\u{E0131}\u{E0132}", "ok 😀\u{E0130}"],
  ["❤️‍🔥 1️⃣ 葛\u{E0101} ✅︎", "❤️‍🔥 1️⃣ 葛\u{E0101} ✅︎"],
  ["a\u200C\u200D\u200C\u200Cb", "a\u200Cb"],
])("cleans %j", (text, clean) => {
  expect(cleanText(text, 100)).toBe(clean);
});

test("cuts long text, never through a character", () => {
  expect(cleanText("abcdef", 3)).toBe("abc");
  expect(cleanText("ab😀", 3)).toBe("ab");
  expect(cleanText("ab c", 3)).toBe("ab");
});

test("finds nothing in blank and invisible text", () => {
  for (const text of ["", "   ", "\u200B", "\u0000\n"]) expect(cleanText(text, 10)).toBeNull();
});
