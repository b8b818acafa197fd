/** CSV cells survive a round trip and never start a formula. */
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvLine } from "../../mcp-server/src/core/csv-cell.ts";

test("gives back every text through a CSV parser, formulas marked as text", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 2, maxLength: 5 }), (cells) => {
      const [row]: string[][] = parse(csvLine(cells), { relax_column_count: true });

      // A text that begins with a quote of its own keeps it, so only the marked form can be foretold.
      const marked = cells.map((cell) => (/^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell));
      expect(row).toEqual(marked);
      expect(row?.filter((cell) => /^[=+\-@\t\r\n]/.test(cell))).toEqual([]);
    }),
  );
});

test.each([
  ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
  ["+49 30 1", "'+49 30 1"],
  ["@cmd", "'@cmd"],
  ["a,b", '"a,b"'],
  ["plain", "plain"],
])("writes %s as %s", (text, cell) => {
  expect(csvLine([text])).toBe(`${cell}\r\n`);
});
