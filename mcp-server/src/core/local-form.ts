/** Values from HubSpot in the form in which the local side keeps them: times that people and databases read, JSON of the kind that stood there. */
import type { FieldRule } from "./field-map.ts";
import { isoInstant } from "./value-calendar.ts";
import { plainDecimal } from "./value-decimal.ts";
import type { CanonicalValue } from "./value-types.ts";

type TypedRule = Pick<FieldRule, "type">;

/** The text for a column, or for a custom field, of a canonical value. Read again, it is the same canonical value. */
export function localText({ type }: TypedRule, value: CanonicalValue): CanonicalValue {
  // Years that ISO-8601 has no four digits for stay milliseconds.
  return type === "datetime" && value !== null ? (isoInstant(value) ?? value) : value;
}

/**
 * What a JSON leaf becomes for a canonical value. Read again, it is the same canonical value.
 *
 * @param present what the leaf holds: an array stays one, even an emptied one, and numbers and booleans that are kept as text stay text
 */
export function localForm(rule: TypedRule, value: CanonicalValue, present: unknown): unknown {
  switch (rule.type) {
    case "list":
    case "set":
      return Array.isArray(present) ? itemsOf(rule, value) : value;
    case "number":
      return value === null || typeof present === "string" ? value : jsonNumber(value);
    case "boolean":
      return value === null || typeof present === "string" ? value : jsonBoolean(value);
    default:
      return localText(rule, value);
  }
}

function itemsOf({ type }: TypedRule, value: CanonicalValue): readonly string[] {
  return value === null ? [] : value.split(type === "set" ? ";" : "\n");
}

/** Text where a JSON number would lose a digit. */
function jsonNumber(value: string): number | string {
  const number = Number(value);
  return plainDecimal(String(number)) === value ? number : value;
}

function jsonBoolean(value: string): boolean | string {
  return value === "true" || value === "false" ? value === "true" : value;
}
