/** CSV cells survive a round trip and never start a formula, wherever a spreadsheet may see a cell begin. */
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvLine, unmarked } from "../../mcp-server/src/core/csv-cell.ts";

const nasty = fc.string({
  unit: fc.constantFrom(
    "=",
    "+",
    "-",
    "@",
    "＝",
    "'",
    '"',
    ",",
    ";",
    "\t",
    "\r",
    "\n",
    " ",
    "a",
    "\\",
  ),
});
const cells = fc.array(fc.oneof(nasty, fc.string({ unit: "binary" })), {
  minLength: 2,
  maxLength: 5,
});

function parsed(line: string, delimiter = ","): string[] {
  const rows: string[][] = parse(line, {
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    record_delimiter: ["\r\n", "\n", "\r"],
  });
  return rows.flat();
}

test("gives back every text through a CSV parser once its marks are taken off", () => {
  fc.assert(
    fc.property(cells, (texts) => {
      expect(parsed(csvLine(texts)).map(unmarked)).toEqual(texts);
    }),
    { numRuns: 2_000 },
  );
});

test("lets no cell begin like a formula, whatever sign separates the cells", () => {
  fc.assert(
    fc.property(cells, fc.constantFrom(",", ";", "\t"), (texts, delimiter) => {
      const line = csvLine(texts);

      // Also as a program reads it that takes quotes for ordinary letters.
      const torn = line
        .split(new RegExp(`[${delimiter}\\r\\n]`))
        .map((cell) => cell.replace(/^[ "]+/, ""));
      const starts = [...(delimiter === "," ? parsed(line) : torn)].map((cell) => cell.trimStart());
      expect(starts.filter((cell) => /^[=+\-@＝＋－＠]/.test(cell))).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

describe("writes", () => {
  test.each([
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ["+49 30 1", "'+49 30 1"],
    ["@cmd", "'@cmd"],
    ["＝1+1", "'＝1+1"],
    ["  =1", "  '=1"],
    ['"=1', `"""'=1"`],
    ["a;=1", `"a;'=1"`],
    ["a\n-1", `"a\n'-1"`],
    ["\tx", `"'\tx"`],
    ["'=1", "''=1"],
    ["a-b", "a-b"],
    ["a,b", '"a,b"'],
    ["O'Brien", "O'Brien"],
    ["plain", "plain"],
  ])("%j as %j", (text, cell) => {
    expect(csvLine([text])).toBe(`${cell}\r\n`);
  });
});
