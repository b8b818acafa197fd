/** Which values a HubSpot property takes, by its type. */
import type { PropertyType } from "./field-map-schema.ts";
import type { ValueType } from "./value-types.ts";

// What a property's type demands of the values written into it; string takes any text.
const takes: Readonly<Record<PropertyType, readonly ValueType[] | null>> = {
  string: null,
  number: ["number"],
  date: ["date"],
  datetime: ["datetime"],
  bool: ["boolean"],
  enumeration: ["text", "set", "number", "boolean", "country", "email", "phone", "url"],
};

/** The types of values that a property takes when a field's type is none of them, the likeliest first; null when the field's values fit. */
export function misfit(property: PropertyType, type: ValueType): readonly ValueType[] | null {
  const allowed = takes[property];
  return allowed === null || allowed.includes(type) ? null : allowed;
}
