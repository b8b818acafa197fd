/** The cells of one row while they are read: what was understood, and what is kept as it came. */
import type { Column, ImportTarget } from "./column-names.ts";
import { isFiller } from "./field-readers.ts";
import type { Rejection } from "./import-row.ts";
import { cleanText } from "./text.ts";

const MAX_CUSTOM = 5_000;

/** Reads cells by column; whatever cannot be read as its field goes to `custom` under the column's own name. */
export class RowReader {
  readonly #columns: readonly Column[];
  readonly #cells: readonly string[];
  #custom: Record<string, string> | null = null;
  #warnings: string[] | null = null;

  constructor(columns: readonly Column[], cells: readonly string[]) {
    this.#columns = columns;
    this.#cells = cells;
  }

  /** Values kept under their columns' names; null when there are none. */
  get custom(): Readonly<Record<string, string>> | null {
    return this.#custom;
  }

  /** Fields with a value that could not be read; null when all could. */
  get warnings(): readonly string[] | null {
    return this.#warnings;
  }

  /**
   * The first readable value among a field's columns. Further different values (a second phone number) and unreadable
   * ones are kept in `custom`.
   */
  read<T extends string>(
    indexes: readonly number[],
    field: ImportTarget,
    read: (text: string) => T | null,
  ): T | null {
    let value: T | null = null;
    for (const index of indexes) {
      const cell = this.#cells[index];
      if (cell === undefined || cell === "") continue;
      const own = read(cell);
      if (value === null) value = own;
      else if (own !== value) this.keep(index);
      if (own === null && !isFiller(cell)) this.#warn(field, index);
    }
    return value;
  }

  /** The raw text of the first column that is not empty. */
  text(indexes: readonly number[]): string | null {
    for (const index of indexes) {
      const cell = this.#cells[index];
      if (cell !== undefined && cell !== "" && !isFiller(cell)) return cell;
    }
    return null;
  }

  /** True when a cell of any of the columns says so. */
  some(indexes: readonly number[], says: (text: string) => boolean): boolean {
    return indexes.some((index) => says(this.#cells[index] ?? ""));
  }

  /** Keeps a cell in `custom` as it came, cleaned. */
  keep(index: number): void {
    const cell = this.#cells[index];
    const column = this.#columns[index];
    if (cell === undefined || cell === "" || column === undefined) return;
    const text = cleanText(cell, MAX_CUSTOM);
    if (text === null) return;
    this.#custom ??= {};
    this.#custom[column.name] = text;
  }

  #warn(field: ImportTarget, index: number): void {
    this.keep(index);
    this.#warnings ??= [];
    if (!this.#warnings.includes(field)) this.#warnings.push(field);
  }

  /** Why the row has no e-mail: nothing there, or something that is no address. */
  emailRejection(indexes: readonly number[]): Rejection {
    return this.text(indexes) === null
      ? {
          code: "NO_EMAIL",
          field: "email",
          message: "The row has no e-mail address. Add one and import it again.",
        }
      : {
          code: "INVALID_EMAIL",
          field: "email",
          message:
            "The e-mail address is not valid. Correct it (one address, as in name@example.com) and import it again.",
        };
  }
}
