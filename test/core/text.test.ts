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
