/** What the rows of a table are: contacts or customers, each with its columns and the way to read a row. */

import { planColumns } from "../core/column-names.ts";
import { type CustomerRule, planCustomerColumns } from "../core/customer-columns.ts";
import { createCustomerReader } from "../core/customer-row.ts";
import { describeColumns } from "../core/header-names.ts";
import type { ImportRow, RawRow, SourceDescription } from "../core/import-row.ts";
import { createRowNormaliser } from "../core/normalise-record.ts";
import { SeenKeys } from "../core/seen-keys.ts";

/** The rows of one input, whose cells are of one type. */
export interface RowKind<Cell> {
  /** The columns' names, unique. */
  readonly names: readonly string[];
  readonly columns: Pick<SourceDescription, "mapped" | "unknown">;
  /** The row with its 1-based number. Call it in the order of the input: it knows which keys came before. */
  read(cells: readonly Cell[], row: number): ImportRow;
}

type ColumnMap = Readonly<Record<string, string>>;

/** Rows as contacts. Throws `input` when the header cannot be understood. */
export function contactRows(header: readonly string[], columnMap?: ColumnMap): RowKind<string> {
  const columns = planColumns(header, columnMap);
  const names = columns.map(({ name }) => name);
  const normalise = createRowNormaliser(columns);
  const seen = new SeenKeys();
  return {
    names,
    columns: describeColumns(columns),
    read: (cells, row) => {
      const read = normalise(cells);
      return read.kind === "rejected"
        ? { ...read, row, raw: rawRow(names, cells) }
        : { ...read, row, duplicate: !seen.add(read.fields.email) };
    },
  };
}

/** Rows as customers; cells are text or JSON values. Throws `input` when the header cannot be understood. */
export function customerRows(
  header: readonly string[],
  columnMap: ColumnMap,
  rules: readonly CustomerRule[],
): RowKind<unknown> {
  const columns = planCustomerColumns(header, columnMap, rules);
  const names = columns.map(({ name }) => name);
  const readCells = createCustomerReader(columns, rules);
  const seen = new SeenKeys();
  return {
    names,
    columns: describeColumns(columns),
    read: (cells, row) => {
      const read = readCells(cells);
      return read.kind === "rejected"
        ? { ...read, row, raw: rawRow(names, cells.map(toText)) }
        : { ...read, row, duplicate: !seen.add(read.fields.ban) };
    },
  };
}

/** A row as it came, cell by column; cells beyond the header have names of their own. */
export function rawRow(names: readonly string[], cells: readonly string[]): RawRow {
  return Object.fromEntries(
    cells.map((cell, index) => [names[index] ?? `Column ${index + 1}`, cell]),
  );
}

/** A JSON value as a cell shows it; "" for none. */
export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
