/** A text as a CSV cell that a spreadsheet shows and never runs, and back again. */

// What makes a spreadsheet take a text for a formula; some take the full-width letters for the plain ones (OWASP, CSV injection, read 2026-11).
const SIGNS = "=+\\-@＝＋－＠";
// A spreadsheet that separates by another sign than a comma sees a cell begin in the middle of ours, whatever quotes stand around it, because those
// quotes then are not at a cell's beginning: a sign after any separator or line break is as dangerous as at the start.
const BEFORE = `(^|[;\\t\\r\\n])([ "']*)`;
const START = /^(?='*[\t\r\n])/;
const MARKED_START = /^'(?='*[\t\r\n])/;
const FORMULA = new RegExp(`${BEFORE}(?=[${SIGNS}])`, "g");
const MARKED_FORMULA = new RegExp(`${BEFORE}'(?=[${SIGNS}])`, "g");
const NEEDS_QUOTES = /[",;\t\r\n]/;

/** The columns that a file of rejected rows has behind those of its source; by them it is known again. */
export const rejectColumns = ["rejected_row", "rejected_code", "rejected_because"] as const;

/** The cell for a text; quoted where RFC 4180 asks for it, and a quote before whatever could start a formula makes that text. */
export function csvCell(text: string): string {
  const harmless = marked(text);
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** A CSV line with its ending. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** The text that `csvCell` was given, from a cell as a CSV parser reads it. Only for files that we wrote: others mean their quotes. */
export function unmarked(cell: string): string {
  return cell.replace(MARKED_START, "").replace(MARKED_FORMULA, "$1$2");
}

function marked(text: string): string {
  return text.replace(FORMULA, "$1$2'").replace(START, "'");
}
