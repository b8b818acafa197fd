/** Why a row cannot become a customer, each reason with its mend. */
import type { Rejection } from "./import-row.ts";

const LISTED = 20;

/** No account number at all. */
export const noBan: Rejection = {
  code: "NO_BAN",
  field: "ban",
  message: "The row has no billing account number (BAN). Add it and import the row again.",
};
/** A number that a spreadsheet shortened, or something that is no text. */
export const unreadableBan = invalid(
  "ban",
  "The billing account number is not written out in full. Format its column as text, correct it and import the row again.",
);

/** A value that cannot be the field's; the message is a whole sentence with the mend. */
export function invalid(field: string, message: string): Rejection {
  return { code: "INVALID_VALUE", field, message };
}

/** None of the values that the field map allows. */
export function notAllowed(field: string, values: readonly string[]): Rejection {
  const shown = values.slice(0, LISTED).join(", ") + (values.length > LISTED ? ", …" : "");
  return invalid(
    field,
    `${field} must be one of ${shown}. Correct it, or add the value to enum_values in the field map, and import the row again.`,
  );
}

/** A list or an object where one text belongs. */
export function noText(field: string): Rejection {
  return invalid(
    field,
    `${field} must be one text (a long number in quotes), not a list or an object. Correct it and import the row again.`,
  );
}

/** A text or list where a JSON object belongs. */
export function noObject(field: string): Rejection {
  return invalid(
    field,
    `${field} must be a JSON object such as {"name": "value"}. Correct it, or send the column to a part of it or to "ignore" with column_map, and import the row again.`,
  );
}

/** Longer than `limit` characters. */
export function tooLong(field: string, limit: number): Rejection {
  return {
    code: "TOO_LONG",
    field,
    message: `${field} is longer than ${limit} characters. Shorten it and import the row again.`,
  };
}
