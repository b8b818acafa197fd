/** The fields of a section, each with what follows from what it says: the parts of a complex field stand for themselves. */
import { isNumberColumn, keyColumn } from "./field-map-columns.ts";
import type { Mapping, Section } from "./field-map-schema.ts";
import type { ValueType } from "./value-types.ts";

/** One field or part of a complex field. `written` is the mapping it comes from. */
export interface Entry {
  readonly object: Section;
  /** The name in messages and tables; of a part `address.street`. */
  readonly field: string;
  readonly property: string;
  /** A column, or a column and a key of its JSON. */
  readonly path: readonly string[];
  readonly type: ValueType;
  readonly written: Mapping;
}

/** Where an e-mail that was mapped to a company's `domain` is kept instead: that property takes domain names only. */
const emailProperty = "warp_contact_email";

/** The entries of one mapping: itself, or its parts. */
export function entriesOf(object: Section, field: string, written: Mapping): readonly Entry[] {
  const parts = Object.entries(written.sub_mappings ?? {});
  if (parts.length > 0) {
    return parts.map(([part, text]) => ({
      object,
      field: `${field}.${part}`,
      property: part === "street" ? written.hubspot_property : part,
      path: pathOf(text),
      type: written.type ?? "text",
      written,
    }));
  }
  const path = pathOf(written.warp_field_path ?? written.warp_field);
  const type = written.type ?? defaultType(object, path);
  const entry = { object, field, property: written.hubspot_property, path, type, written };
  return [isEmailInDomain(entry) ? { ...entry, property: emailProperty } : entry];
}

/** What the loader changed of an entry, and why; null when it stands as it is written. */
export function changeWarning({ field, object, property, written }: Entry): string | null {
  return property === emailProperty && written.hubspot_property === "domain"
    ? `${object}.${field}: HubSpot's domain cannot hold an e-mail address, so ${emailProperty} is used instead; write "hubspot_property": "${emailProperty}"`
    : null;
}

/** Whether values of the entry are written into HubSpot. */
export function isPushed({ written: { sync_direction } }: Entry): boolean {
  return sync_direction === "WARP_TO_HUBSPOT" || sync_direction === "BIDIRECTIONAL";
}

/** Whether values of the entry are stored here. */
export function isPulled({ written: { sync_direction } }: Entry): boolean {
  return sync_direction === "HUBSPOT_TO_WARP" || sync_direction === "BIDIRECTIONAL";
}

/** Whether the entry is the key that the object's records are matched by. */
export function isKey({ object, path }: Entry): boolean {
  return path.length === 1 && path[0] === keyColumn(object);
}

function pathOf(text: string): readonly string[] {
  const [, column, key] = /^(\w+)->>'([^']+)'$/.exec(text) ?? [];
  return column === undefined || key === undefined ? [text] : [column, key];
}

function defaultType(object: Section, path: readonly string[]): ValueType {
  return isNumberColumn(object, path) ? "number" : "text";
}

function isEmailInDomain({ object, field, property, path, type }: Entry): boolean {
  if (object !== "customers" || property !== "domain") return false;
  return type === "email" || [field, ...path].some((name) => /e-?mail/i.test(name));
}
