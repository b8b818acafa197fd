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

/** When a side set a value, ISO-8601 UTC, and who did in a word ("sql", "import", "CRM_UI (user 17)"); null when nobody says. */
export interface Stated {
  readonly at: string;
  readonly by: string | null;
}
