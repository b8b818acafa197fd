/** CSV records to import rows: header first, then every record read or rejected with its reason. */
import { rejectColumns, unmarked } from "../core/csv-cell.ts";
import type { ImportRow, Rejection, SourceDescription } from "../core/import-row.ts";
import type { CsvTask } from "./csv-messages.ts";
import { contactRows, customerRows, type RowKind, rawRow } from "./row-kind.ts";

type RowsTask = Pick<CsvTask, "columnMap" | "customers">;

/**
 * Takes records in file order. Blank records are no rows. A file of rejected rows that we wrote is read as its source was: without the
 * columns we added, and without the marks that keep spreadsheets from running its cells.
 */
export class CsvRows {
  readonly #task: RowsTask;
  #width = 0;
  #isOurs = false;
  #kind: RowKind<string> | null = null;
  #row = 0;

  constructor(task: RowsTask) {
    this.#task = task;
  }

  /** Data rows read so far. */
  get row(): number {
    return this.#row;
  }

  /** null until the header was read. */
  get header(): Pick<SourceDescription, "mapped" | "unknown"> | null {
    return this.#kind?.columns ?? null;
  }

  /**
   * @returns the import row, or null for the header and blank records
   * @throws AppError `input` when the header cannot be understood
   */
  accept(cells: readonly string[]): ImportRow | null {
    if (cells.every((cell) => cell.trim() === "")) return null;
    if (this.#kind === null) {
      this.#kind = this.#open(cells);
      return null;
    }
    this.#row += 1;
    const rejection = findFault(cells, this.#width);
    const said = this.#said(cells);
    if (rejection === null) return this.#kind.read(said, this.#row);
    return { kind: "rejected", row: this.#row, raw: rawRow(this.#kind.names, said), rejection };
  }

  #said(cells: readonly string[]): readonly string[] {
    return this.#isOurs ? cells.slice(0, this.#width - rejectColumns.length).map(unmarked) : cells;
  }

  #open(cells: readonly string[]): RowKind<string> {
    this.#width = cells.length;
    this.#isOurs = cells.slice(-rejectColumns.length).join() === rejectColumns.join();
    const header = this.#said(cells);
    const { columnMap, customers } = this.#task;
    return customers ? customerRows(header, columnMap, customers) : contactRows(header, columnMap);
  }
}

const QUOTE = 34;

function findFault(cells: readonly string[], width: number): Rejection | null {
  if (cells.some((cell) => cell.charCodeAt(0) === QUOTE && cell.includes("\n"))) {
    return malformed(
      "A quote is opened or closed in the wrong place, so that several lines became one value. Correct it and import the row again.",
    );
  }
  if (cells.length === width) return null;
  if (cells.length > width && cells.slice(width).every((cell) => cell === "")) return null;
  const fewer = cells.length < width ? "fewer" : "more";
  return malformed(
    `The row has ${fewer} values than the header has columns (${width}). Look for a missing or stray delimiter or quote.`,
  );
}

function malformed(message: string): Rejection {
  return { code: "MALFORMED_ROW", field: null, message };
}
