/** How the values of a mapped field compare. */

/** HubSpot sends and takes all of them as text; `list` keeps its order, `set` does not. */
export const valueTypes = [
  "text",
  "email",
  "phone",
  "country",
  "url",
  "number",
  "boolean",
  "date",
  "datetime",
  "list",
  "set",
] as const;
export type ValueType = (typeof valueTypes)[number];

/** null = known to be empty. Canonical text otherwise, never "". */
export type CanonicalValue = string | null;
