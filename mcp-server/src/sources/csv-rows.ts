/** CSV records to import rows: header first, then every record normalised or rejected with its reason. */
import { type Column, describeColumns, planColumns } from "../core/column-names.ts";
import type { ImportRow, RawRow, Rejection } from "../core/import-row.ts";
import { createRowNormaliser, type NormaliseRow } from "../core/normalise-record.ts";
import { SeenKeys } from "../core/seen-keys.ts";

/** The header, once read. */
export interface CsvHeader {
  readonly mapped: Readonly<Record<string, string>>;
  readonly unknown: readonly string[];
}

/** Takes records in file order. Blank records are no rows. */
export class CsvRows {
  readonly #columnMap: Readonly<Record<string, string>>;
  readonly #seen = new SeenKeys();
  #columns: readonly Column[] | null = null;
  #normalise: NormaliseRow | null = null;
  #row = 0;

  constructor(columnMap: Readonly<Record<string, string>>) {
    this.#columnMap = columnMap;
  }

  /** Data rows read so far. */
  get row(): number {
    return this.#row;
  }

  /** null until the header was read. */
  get header(): CsvHeader | null {
    return this.#columns === null ? null : describeColumns(this.#columns);
  }

  /**
   * @returns the import row, or null for the header and blank records
   * @throws AppError `input` when the header cannot be understood
   */
  accept(cells: readonly string[]): ImportRow | null {
    if (cells.every((cell) => cell.trim() === "")) return null;
    if (this.#columns === null || this.#normalise === null) {
      this.#columns = planColumns(cells, this.#columnMap);
      this.#normalise = createRowNormaliser(this.#columns);
      return null;
    }
    this.#row += 1;
    const fault = findFault(cells, this.#columns.length);
    if (fault !== null) return this.#rejected(cells, this.#columns, fault);
    const normalised = this.#normalise(cells);
    if (normalised.kind === "rejected") {
      return this.#rejected(cells, this.#columns, normalised.rejection);
    }
    const duplicate = !this.#seen.add(normalised.fields.email);
    return { ...normalised, row: this.#row, duplicate };
  }

  #rejected(cells: readonly string[], columns: readonly Column[], rejection: Rejection): ImportRow {
    return { kind: "rejected", row: this.#row, raw: rawRow(cells, columns), rejection };
  }
}

function rawRow(cells: readonly string[], columns: readonly Column[]): RawRow {
  const named = cells.map((cell, index) => [columns[index]?.name ?? `Column ${index + 1}`, cell]);
  return Object.fromEntries(named);
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
