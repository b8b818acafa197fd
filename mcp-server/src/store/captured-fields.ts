/** Which fields of the tables triggers watch, read from the field maps. */

import { customerJsonFields } from "../core/customer.ts";
import type { FieldMap, FieldMaps, FieldRule } from "../core/field-map.ts";
import type { ChangingObject } from "../ports/change-store.ts";
import { contactColumns } from "./contact-rows.ts";
import { customerColumns } from "./customer-rows.ts";

/** One watched field: a column, or with `key` an entry of the JSON object that the column holds. */
export interface CapturedField {
  readonly field: string;
  readonly column: string;
  readonly key: string | null;
  /** A change may go to HubSpot. */
  readonly isSent: boolean;
  readonly isRealTime: boolean;
}

/** The watched fields of a table; the table has the object's name. */
export interface CapturedTable {
  readonly object: ChangingObject;
  readonly fields: readonly CapturedField[];
}

// Where a value came from changes with the value itself.
const { provenance: _, ...contactData } = contactColumns;

const tables: Readonly<
  Record<ChangingObject, { columns: readonly string[]; json: readonly string[] }>
> = {
  contacts: { columns: Object.keys(contactData), json: ["custom", "intelligence"] },
  customers: { columns: Object.keys(customerColumns), json: customerJsonFields },
};

/** The tables of the maps, each with its fields in the order of the map. Fields that lie in other tables are left out. */
export function capturedTables(maps: FieldMaps): readonly CapturedTable[] {
  return [maps.contacts, maps.customers].map((map) => ({
    object: map.object,
    fields: capturedFields(map),
  }));
}

function capturedFields({ object, rules }: FieldMap): readonly CapturedField[] {
  const { columns, json } = tables[object];
  return rules.flatMap((rule) => {
    const [column = "", key = null] = rule.path;
    const isHere = (key === null ? columns : json).includes(column);
    return isHere && rule.direction !== "NONE" ? [captured(rule, column, key)] : [];
  });
}

function captured(rule: FieldRule, column: string, key: string | null): CapturedField {
  const isSent = rule.direction === "WARP_TO_HUBSPOT" || rule.direction === "BIDIRECTIONAL";
  return { field: rule.field, column, key, isSent, isRealTime: isSent && rule.realTime };
}
