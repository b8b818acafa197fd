/** What can be wrong with a property that the file would have created: HubSpot would refuse it, or every value of the field afterwards. */
import { type Entry, isKey, isPushed } from "./field-map-entries.ts";
import type { PropertyType, WrittenDefinition } from "./field-map-schema.ts";
import { misfit } from "./property-fit.ts";

// HubSpot docs, properties guide: which form fields go with a type (read 2026-11). Calculated ones take no values.
const formFields: Readonly<Record<PropertyType, readonly string[]>> = {
  string: ["text", "textarea", "html", "file", "phonenumber"],
  number: ["number"],
  date: ["date"],
  datetime: ["date"],
  enumeration: ["select", "radio", "checkbox", "booleancheckbox"],
  bool: ["booleancheckbox"],
};

/** The mistakes in an entry's create_property; none when it says nothing of it. */
export function definitionMistakes(entry: Entry): readonly string[] {
  const { create_property: given, sub_mappings } = entry.written;
  // That it cannot be said of several parts at once is told of the whole.
  if (given === undefined || sub_mappings !== undefined) return [];
  const mistakes = [
    ...formMistakes(given),
    ...typeMistakes(entry, given),
    ...optionMistakes(entry, given),
  ];
  return mistakes.map((mistake) => `create_property: ${mistake}`);
}

function formMistakes({ type, field_type }: WrittenDefinition): readonly string[] {
  const allowed = formFields[type];
  return allowed.includes(field_type)
    ? []
    : [`field_type ${field_type} does not go with type ${type}; use ${allowed.join(", ")}`];
}

function typeMistakes(entry: Entry, { type, field_type }: WrittenDefinition): readonly string[] {
  const allowed = misfit(type, entry.type);
  if (allowed !== null) {
    return [
      `it would be of type ${type}, which does not fit type ${entry.type}; use type ${allowed[0]} for the field, or string here`,
    ];
  }
  if (entry.object === "customers" && isKey(entry) && type !== "string") {
    return ["the key's property must be of type string; correct it, or leave create_property out"];
  }
  return entry.type === "set" && type === "enumeration" && field_type !== "checkbox"
    ? [`field_type ${field_type} holds one value, and a set several; use checkbox`]
    : [];
}

function optionMistakes(entry: Entry, given: WrittenDefinition): readonly string[] {
  const { enum_values: values } = entry.written;
  const { type, options = [] } = given;
  if (type !== "enumeration") return [];
  if (options.length === 0) {
    return values === undefined
      ? ["it would be an enumeration without options; list them in enum_values, or here in options"]
      : [];
  }
  // HubSpot takes a value only as its option is spelt; what is only pulled may differ in case.
  const spelt = (value: string) => (isPushed(entry) ? value : value.toLowerCase());
  const known = new Set(options.map(({ value }) => spelt(value)));
  const missing = (values ?? []).filter((value) => !known.has(spelt(value)));
  return missing.length === 0
    ? []
    : [`options lack ${missing.join(", ")}; add it, or leave options out, so that enum_values are`];
}
