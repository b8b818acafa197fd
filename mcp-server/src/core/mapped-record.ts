/** Stored records as the field map sees them: what its paths are read from, and what a value on its way in changes. */
import type { Company } from "./company.ts";
import {
  type Contact,
  type ContactPatch,
  type ContactTextField,
  contactTextFields,
} from "./contact.ts";
import {
  type Customer,
  type CustomerNumberField,
  type CustomerPatch,
  type CustomerTextField,
  customerJsonFields,
  customerNumberFields,
  customerTextFields,
  type JsonObject,
} from "./customer.ts";
import type { FieldMap, FieldRule } from "./field-map.ts";
import { localForm, localText } from "./local-form.ts";
import type { CanonicalValue, Stated } from "./value-types.ts";

/** A value on its way into a stored record. */
export interface Pull {
  readonly rule: FieldRule;
  readonly value: CanonicalValue;
}

/** The record that the paths of the contacts' map are read from. A custom field that the contact lacks is empty, not unsaid. */
export function contactRecord(map: FieldMap, contact: Contact, company: Company | null): unknown {
  const keys = keysBelow(map, "custom");
  const custom = contact.custom_unreadable ? undefined : withKeys(contact.custom ?? {}, keys);
  return {
    ...contact,
    ...(keys.length > 0 ? { custom } : {}),
    company_record: company?.firmographics ?? null,
  };
}

/** The record that the paths of the customers' map are read from. A leaf that is missing is empty; a column that is no JSON object says nothing. */
export function customerRecord(map: FieldMap, customer: Customer): unknown {
  const columns = customerJsonFields.flatMap((column) => {
    const value = customer[column];
    return value === undefined ? [] : [[column, withKeys(value ?? {}, keysBelow(map, column))]];
  });
  return { ...customer, ...Object.fromEntries(columns) };
}

function keysBelow(map: FieldMap, column: string): readonly string[] {
  return map.rules.flatMap(({ path }) => (path[0] === column ? path.slice(1) : []));
}

function withKeys(value: JsonObject, keys: readonly string[]): JsonObject {
  return { ...Object.fromEntries(keys.map((key) => [key, null])), ...value };
}

/** Who stated a contact's present value when, as its provenance has it: by column, or `custom.key`. */
export function contactStated(contact: Contact, rule: FieldRule): Stated {
  const said = contact.provenance[rule.path.join(".")];
  return said ? { at: said.at, by: said.source } : { at: contact.imported_at, by: contact.source };
}

/** The stored fields of a contact that values change, with who said so. The field map lets only plain and custom fields be set. */
export function pulledPatch(
  contact: Contact,
  pulls: readonly Pull[],
  said: { readonly now: string; readonly source: string },
): ContactPatch {
  if (pulls.length === 0) return {};
  const texts: Partial<Record<ContactTextField, string | null>> = {};
  const provenance = { ...contact.provenance };
  let { email, custom } = contact;
  for (const { rule, value: canonical } of pulls) {
    const [column = "", key] = rule.path;
    const value = localText(rule, canonical);
    const text = contactTextFields.find((name) => name === column);
    if (text) texts[text] = value;
    else if (column === "email") email = value ?? email;
    else if (key !== undefined) custom = withCustom(custom, key, value);
    provenance[rule.path.join(".")] = { source: said.source, at: said.now };
  }
  return {
    ...texts,
    ...(email === contact.email ? {} : { email }),
    ...(custom === contact.custom ? {} : { custom }),
    provenance,
  };
}

function withCustom(custom: Contact["custom"], key: string, value: CanonicalValue) {
  const others = Object.entries(custom ?? {}).filter(([name]) => name !== key);
  const all = value === null ? others : [...others, [key, value] as const];
  return all.length === 0 ? null : Object.fromEntries(all);
}

/** The stored fields of a customer that values change. A leaf that is emptied stays in its object, as null or as the array it is. */
export function customerPatch(customer: Customer, pulls: readonly Pull[]): CustomerPatch {
  const columns: Partial<Record<CustomerNumberField | CustomerTextField, string | null>> = {};
  const objects: Partial<Record<(typeof customerJsonFields)[number], JsonObject>> = {};
  for (const { rule, value } of pulls) {
    const [column = "", key] = rule.path;
    const plain = [...customerNumberFields, ...customerTextFields].find((name) => name === column);
    const json = customerJsonFields.find((name) => name === column);
    if (plain) columns[plain] = localText(rule, value);
    else if (json && key !== undefined)
      objects[json] = withLeaf(objects[json] ?? customer[json] ?? {}, key, { rule, value });
  }
  return { ...columns, ...objects };
}

function withLeaf(object: JsonObject, key: string, { rule, value }: Pull): JsonObject {
  const present = Object.hasOwn(object, key) ? object[key] : undefined;
  return { ...object, [key]: localForm(rule, value, present) };
}
