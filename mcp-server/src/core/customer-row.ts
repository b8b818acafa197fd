/** One row of an input to what it says of a customer, or the reason why it cannot be read; nothing that was said is changed in meaning. */
import {
  type CustomerJsonField,
  type CustomerNumberField,
  type CustomerTextField,
  customerJsonFields,
  customerNumberFields,
  customerTextFields,
  type JsonObject,
} from "./customer.ts";
import type { CustomerColumn, CustomerRule } from "./customer-columns.ts";
import {
  invalid,
  noBan,
  noObject,
  noText,
  notAllowed,
  tooLong,
  unreadableBan,
} from "./customer-rejections.ts";
import type { CustomerStatement } from "./customer-statement.ts";
import { isFiller } from "./field-readers.ts";
import type { Rejection } from "./import-row.ts";
import { type JsonReading, readJsonLeaves } from "./json-leaves.ts";
import { readAmount } from "./money-text.ts";
import { cleanText } from "./text.ts";

/** What became of a row. */
export type CustomerReading =
  | { readonly kind: "customer"; readonly fields: CustomerStatement }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/** Reads the cells of a row, in the order of the columns: text, or any JSON value where the input has types. */
export type ReadCustomer = (cells: readonly unknown[]) => CustomerReading;

/**
 * A reader for rows of these columns. Empty cells (also `-`, `N/A` and missing ones) say nothing, null clears, amounts that can be read in two
 * ways and values that the map does not allow reject the row; allowed values get the map's spelling.
 */
export function createCustomerReader(
  columns: readonly CustomerColumn[],
  rules: readonly CustomerRule[],
): ReadCustomer {
  const steps = columns
    .flatMap(({ target }, index) =>
      target === null || target === "ignore" ? [] : [{ index, target }],
    )
    // A whole JSON column first: columns of single leaves say more.
    .sort((a, b) => Number(isJsonField(b.target)) - Number(isJsonField(a.target)));
  const enums = rules.filter((rule) => rule.enumValues !== null);
  return (cells) => {
    const draft = new CustomerDraft();
    for (const { index, target } of steps) {
      const rejection = draft.take(target, cells[index]);
      if (rejection !== null) return { kind: "rejected", rejection };
    }
    const rejection = enums.reduce<Rejection | null>(
      (earlier, rule) => earlier ?? draft.enforce(rule),
      null,
    );
    if (rejection !== null) return { kind: "rejected", rejection };
    return draft.finish();
  };
}

const MAX_TEXT = 1_000;
const MAX_BAN = 100;

/** What has been read of a row so far. */
class CustomerDraft {
  #ban: string | null = null;
  readonly #plain: Partial<Record<CustomerTextField | CustomerNumberField, string | null>> = {};
  readonly #json: Partial<Record<CustomerJsonField, JsonObject | null>> = {};

  /** Why the value cannot be the target's, or null. */
  take(target: string, value: unknown): Rejection | null {
    if (isEmpty(target, value)) return null;
    if (target === "ban") return this.#takeBan(value);
    if (isNumberField(target)) return this.#takeAmount(target, value);
    if (isTextField(target)) return this.#takeText(target, value);
    return isJsonField(target) ? this.#takeJson(target, value) : this.#takeLeaf(target, value);
  }

  /** Gives a value the map's spelling; why it may not be there, or null. */
  enforce({ field, path, enumValues }: CustomerRule): Rejection | null {
    const [column = "", leaf] = path;
    const held = this.#read(column, leaf);
    if (enumValues === null || held === null || held === undefined) return null;
    const wanted = String(held).trim().toLowerCase();
    const allowed = enumValues.find((candidate) => candidate.toLowerCase() === wanted);
    if (allowed === undefined) return notAllowed(field, enumValues);
    this.#write(column, leaf, allowed);
    return null;
  }

  finish(): CustomerReading {
    if (this.#ban === null) return { kind: "rejected", rejection: noBan };
    return { kind: "customer", fields: { ban: this.#ban, ...this.#plain, ...this.#json } };
  }

  #takeBan(value: unknown): Rejection | null {
    const text = asText(value ?? "");
    // A spreadsheet that took a long number for an amount wrote it so, and its last digits are gone.
    if (text === undefined || /^\d(?:\.\d+)?e\+\d+$/i.test(text)) return unreadableBan;
    if (text.length > MAX_BAN) return tooLong("ban", MAX_BAN);
    this.#ban = text || null;
    return null;
  }

  #takeAmount(field: CustomerNumberField, value: unknown): Rejection | null {
    const reading = value === null ? ({ kind: "amount", value: null } as const) : readAmount(value);
    if (reading.kind === "unreadable") return invalid(field, `${field} ${reading.because}`);
    this.#plain[field] = reading.value;
    return null;
  }

  #takeText(field: CustomerTextField, value: unknown): Rejection | null {
    const text = value === null ? null : asText(value);
    if (text === undefined) return noText(field);
    if (text !== null && text.length > MAX_TEXT) return tooLong(field, MAX_TEXT);
    if (text !== "") this.#plain[field] = text;
    return null;
  }

  #takeJson(field: CustomerJsonField, value: unknown): Rejection | null {
    if (value === null) {
      this.#json[field] = null;
      return null;
    }
    // Spreadsheets call the first line of an address "address".
    if (field === "address" && isPlainText(value)) return this.#takeLeaf("address.line1", value);
    return this.#add(field, readJsonLeaves(value));
  }

  #takeLeaf(target: string, value: unknown): Rejection | null {
    const dot = target.indexOf(".");
    const field = customerJsonFields.find((candidate) => candidate === target.slice(0, dot));
    if (field === undefined) return invalid(target, `${target} is no field of customers.`);
    const text = value === null ? null : asText(value);
    if (text === undefined) return noText(target);
    return this.#add(field, readJsonLeaves({ [target.slice(dot + 1)]: text }), target);
  }

  #add(field: CustomerJsonField, reading: JsonReading, target: string = field): Rejection | null {
    if (reading.kind === "too long") return tooLong(target, reading.limit);
    if (reading.kind === "unreadable") return noObject(field);
    if (Object.keys(reading.leaves).length > 0) {
      this.#json[field] = { ...this.#json[field], ...reading.leaves };
    }
    return null;
  }

  #read(column: string, leaf: string | undefined): unknown {
    if (isJsonField(column)) return leaf === undefined ? undefined : this.#json[column]?.[leaf];
    return isTextField(column) || isNumberField(column) ? this.#plain[column] : undefined;
  }

  #write(column: string, leaf: string | undefined, value: string): void {
    if (isJsonField(column) && leaf !== undefined) {
      this.#json[column] = { ...this.#json[column], [leaf]: value };
    } else if (isTextField(column) || isNumberField(column)) this.#plain[column] = value;
  }
}

function isEmpty(target: string, value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "string") return false;
  const text = cleanText(value, MAX_TEXT + 1) ?? "";
  // "NA" is Namibia where countries stand.
  return text === "" || (isFiller(text) && !(target === "address.country" && text === "NA"));
}

/** Cleaned text of a plain value; undefined for lists, objects and numbers that lost digits. Cut a little beyond what is allowed anywhere. */
function asText(value: unknown): string | undefined {
  if (typeof value === "string") return cleanText(value, MAX_TEXT + 1) ?? "";
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return undefined;
  }
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

function isPlainText(value: unknown): boolean {
  return typeof value === "string" && !value.trim().startsWith("{");
}

const numberFields: readonly string[] = customerNumberFields;
const textFields: readonly string[] = customerTextFields;
const jsonFields: readonly string[] = customerJsonFields;

function isNumberField(field: string): field is CustomerNumberField {
  return numberFields.includes(field);
}

function isTextField(field: string): field is CustomerTextField {
  return textFields.includes(field);
}

function isJsonField(field: string): field is CustomerJsonField {
  return jsonFields.includes(field);
}
