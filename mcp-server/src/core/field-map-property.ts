/** How a mapped field's HubSpot property is created when it is missing. */
import { type Entry, isKey } from "./field-map-entries.ts";
import { isHubspotOwn } from "./field-map-hubspot.ts";
import type { WrittenDefinition } from "./field-map-schema.ts";

/** A property to create. `has_unique_value`: no two records share a value, which HubSpot only takes at creation. */
export interface PropertyDefinition extends WrittenDefinition {
  readonly has_unique_value?: true;
}

/**
 * The definition that the file gives, with the options that follow where it lists none, or the one that follows from the field's type; null for HubSpot's own properties, which are there. The
 * key of customers is unique: it is what makes creating a company idempotent.
 */
export function definitionOf(entry: Entry): PropertyDefinition | null {
  const { create_property: given } = entry.written;
  if (given === undefined && isHubspotOwn(entry.object, entry.property)) return null;
  const definition = given === undefined ? derived(entry) : withOptions(entry, given);
  return entry.object === "customers" && isKey(entry)
    ? { ...definition, has_unique_value: true }
    : definition;
}

function derived(entry: Entry): WrittenDefinition {
  const { description } = entry.written;
  return {
    label: labelOf(entry.property),
    ...formOf(entry),
    ...(description === undefined ? {} : { description }),
  };
}

function withOptions({ written }: Entry, given: WrittenDefinition): WrittenDefinition {
  if (given.options !== undefined && given.options.length > 0) return given;
  const { enum_values: values } = written;
  if (given.type === "bool") return { ...given, options: yesAndNo };
  if (given.type !== "enumeration" || values === undefined) return given;
  return { ...given, options: values.map(optionOf) };
}

function optionOf(value: string) {
  return { label: value, value };
}

function labelOf(property: string): string {
  const words = property.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

type Form = Pick<WrittenDefinition, "type" | "field_type" | "options">;

function formOf({ type, written: { enum_values: values } }: Entry): Form {
  if (values !== undefined) {
    const options = values.map(optionOf);
    return { type: "enumeration", field_type: type === "set" ? "checkbox" : "select", options };
  }
  switch (type) {
    case "number":
      return { type: "number", field_type: "number" };
    case "date":
      return { type: "date", field_type: "date" };
    case "datetime":
      return { type: "datetime", field_type: "date" };
    case "boolean":
      return { type: "bool", field_type: "booleancheckbox", options: yesAndNo };
    case "list":
      return { type: "string", field_type: "textarea" };
    case "text":
    case "email":
    case "phone":
    case "country":
    case "url":
    case "set":
      return { type: "string", field_type: "text" };
  }
}

// HubSpot wants both options of a bool spelt out (HubSpot docs, properties guide, read 2026-11).
const yesAndNo = [
  { label: "Yes", value: "true" },
  { label: "No", value: "false" },
];
