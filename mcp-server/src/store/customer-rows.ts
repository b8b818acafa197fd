/** Customers as rows and rows as customers: numbers as exact decimal text, JSON objects as text. */
import type { Selectable } from "kysely";
import {
  type Customer,
  type CustomerFields,
  type CustomerPatch,
  customerJsonFields,
  customerNumberFields,
  type JsonObject,
} from "../core/customer.ts";
import { AppError } from "../core/errors.ts";
import { plainDecimal } from "../core/value-decimal.ts";
import type { ColumnTypes, RowOf } from "./engine.ts";
import type { CustomerTable } from "./record-tables.ts";

/** Columns that an insert gives, beside its times. */
export const newCustomerColumns: ColumnTypes = {
  ban: "text",
  current_balance: "decimal",
  prepaid_balance: "decimal",
  status: "text",
  tier: "text",
  credit_limit: "decimal",
  payment_terms: "text",
  company_name: "text",
  legal_name: "text",
  contact: "text",
  address: "text",
  external_ids: "text",
};

/** Columns that a patch may set. */
export const customerColumns: ColumnTypes = { ...newCustomerColumns, updated_at: "text" };

// SQLite keeps numbers as doubles: more digits than these would show where a double differs from the decimal it stands for.
const DIGITS = 15;

/** The customer that a row stands for. */
export function toCustomer(row: Selectable<CustomerTable>): Customer {
  const { contact: _, address: __, external_ids: ___, ...plain } = row;
  const objects = customerJsonFields.flatMap((field) => {
    const value = objectIn(row[field]);
    return value === undefined ? [] : [[field, value] as const];
  });
  const numbers = {
    current_balance: numberText(row.current_balance),
    prepaid_balance: numberText(row.prepaid_balance),
    credit_limit: numberText(row.credit_limit),
  };
  return { ...plain, ...numbers, ...Object.fromEntries(objects) };
}

/** What another program wrote and is no number comes back as it is, for the planner to refuse. */
function numberText(value: number | string | null): string | null {
  if (value === null) return null;
  const text = typeof value === "number" ? digitsOf(value) : value;
  return plainDecimal(text) ?? text;
}

function digitsOf(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(DIGITS);
}

/** undefined when the text is no JSON object. */
function objectIn(text: string | null): JsonObject | null | undefined {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The columns that a patch sets.
 *
 * @throws AppError `input` when a number is none
 */
export function patchCells(patch: CustomerPatch): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    Object.entries(patch).map(([field, value]) => [field, toCell(field, value)]),
  );
}

/** The row that a new customer becomes, without its times. */
export function newCustomerRow({
  ban,
  ...set
}: CustomerFields): RowOf<ColumnTypes> & { readonly ban: string } {
  return { ...patchCells(set), ban };
}

const numbers: ReadonlySet<string> = new Set(customerNumberFields);

function toCell(field: string, value: string | JsonObject | null): string | null {
  if (value === null) return null;
  if (typeof value !== "string") return JSON.stringify(value);
  return numbers.has(field) ? decimalCell(field, value) : value;
}

/** Checked here, because SQLite would keep any text in a column of numbers. */
function decimalCell(field: string, text: string): string {
  const decimal = plainDecimal(text);
  if (decimal !== undefined) return decimal;
  throw new AppError("input", `${field} takes a decimal number such as 1234.50.`, {
    code: "VALUE_NOT_STORABLE",
  });
}
