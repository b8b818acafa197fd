/** A text as a CSV cell that a spreadsheet shows and never runs. */

// Spreadsheets take cells that begin so for formulas; a leading quote makes them text (OWASP, CSV injection).
const FORMULA = /^[=+\-@\t\r\n]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** The cell for a text; quoted where RFC 4180 asks for it. */
export function csvCell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** A CSV line with its ending. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}
