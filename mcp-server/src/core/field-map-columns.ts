/** What the local records have that a field map may name: columns, which of them hold JSON, and where values from HubSpot can be stored. */
import { contactTextFields } from "./contact.ts";
import { customerJsonFields, customerNumberFields, customerTextFields } from "./customer.ts";
import type { Section } from "./field-map-schema.ts";

interface Columns {
  /** The column that records are matched by. */
  readonly key: string;
  /** Plain columns that values from HubSpot can be stored in. */
  readonly storable: ReadonlySet<string>;
  /** Further plain columns, which are only read. */
  readonly readable: ReadonlySet<string>;
  /** Columns of decimal numbers. */
  readonly numbers: ReadonlySet<string>;
  /** JSON columns whose keys can be stored one by one. */
  readonly storableJson: ReadonlySet<string>;
  /** JSON columns that are only read. */
  readonly readableJson: ReadonlySet<string>;
}

const columns: Readonly<Record<Section, Columns>> = {
  contacts: {
    key: "email",
    storable: new Set(["email", ...contactTextFields]),
    readable: new Set([
      "id",
      "status",
      "source",
      "email_status",
      "engagement_state",
      "unsubscribed",
      "quality_score",
      "imported_at",
      "enriched_at",
      "synced_at",
      "updated_at",
    ]),
    numbers: new Set(),
    storableJson: new Set(["custom"]),
    readableJson: new Set(["intelligence", "company_record", "provenance"]),
  },
  customers: {
    key: "ban",
    storable: new Set([...customerNumberFields, ...customerTextFields]),
    readable: new Set(["id", "ban", "created_at", "updated_at"]),
    numbers: new Set(customerNumberFields),
    storableJson: new Set(customerJsonFields),
    readableJson: new Set(),
  },
};

/** The column that an object's records are matched with HubSpot by. */
export function keyColumn(object: Section): string {
  return columns[object].key;
}

/** Whether the object's records have what a path names. */
export function isReadable(object: Section, [column = "", key]: readonly string[]): boolean {
  const { storable, readable, storableJson, readableJson } = columns[object];
  return key === undefined
    ? storable.has(column) || readable.has(column)
    : storableJson.has(column) || readableJson.has(column);
}

/** Whether values from HubSpot can be stored where a path leads. */
export function isStorable(object: Section, [column = "", key]: readonly string[]): boolean {
  const { storable, storableJson } = columns[object];
  return key === undefined ? storable.has(column) : storableJson.has(column);
}

/** Whether a path leads to a column of decimal numbers. */
export function isNumberColumn(object: Section, path: readonly string[]): boolean {
  return path.length === 1 && columns[object].numbers.has(path[0] ?? "");
}

/** Whether a column holds JSON, so that its keys can be named. */
export function isJsonColumn(object: Section, column: string): boolean {
  return columns[object].storableJson.has(column) || columns[object].readableJson.has(column);
}

/** The plain and JSON columns that values can be pulled into, for a message. */
export function storablePlaces(object: Section): string {
  const { storable, storableJson } = columns[object];
  return [...storable, ...[...storableJson].map((column) => `${column}->>'key'`)].join(", ");
}

/** Every column that a field can be read from, for a message. */
export function readablePlaces(object: Section): string {
  const { readable, readableJson } = columns[object];
  const json = [...readableJson].map((column) => `${column}->>'key'`);
  return [storablePlaces(object), ...readable, ...json].join(", ");
}
