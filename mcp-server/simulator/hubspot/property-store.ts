/** Property definitions and groups of one object type, in memory. */
import type { ObjectType } from "./object-types.ts";
import { catalogueOf } from "./property-catalogue.ts";

/** One allowed value of an enumeration. */
export type PropertyOption = {
  label: string;
  value: string;
  description?: string;
  displayOrder: number;
  hidden: boolean;
};

/** One property. Times in ms; `archivedAt` null while it is live. */
export type PropertyDefinition = {
  readonly name: string;
  label: string;
  type: string;
  fieldType: string;
  description: string;
  groupName: string;
  options: PropertyOption[];
  displayOrder: number;
  hidden: boolean;
  formField: boolean;
  dataSensitivity: string;
  readonly hasUniqueValue: boolean;
  readonly calculated: boolean;
  readonly externalOptions: boolean;
  readonly hubspotDefined: boolean;
  readonly readOnlyValue: boolean;
  readonly calculationFormula?: string;
  readonly createdAt: number;
  updatedAt: number;
  archivedAt: number | null;
};

/** One group of properties. */
export type PropertyGroup = {
  readonly name: string;
  label: string;
  displayOrder: number;
  archived: boolean;
};

/** All properties and groups of one object type. */
export type PropertyStore = {
  readonly type: ObjectType;
  readonly definitions: Map<string, PropertyDefinition>;
  readonly groups: Map<string, PropertyGroup>;
};

const LAUNCH = Date.UTC(2019, 7, 6, 2, 41, 8, 109);

function parseOptions(text: string): PropertyOption[] {
  if (text === "") return [];
  return text.split(",").map((entry, displayOrder) => {
    const [value = entry, label = value] = entry.split("=");
    return { label, value, displayOrder, hidden: false };
  });
}

function parseLine(line: string, groupName: string): PropertyDefinition {
  const [name = "", label = "", type = "", fieldType = "", flags = "", options = ""] =
    line.split("|");
  return {
    name,
    label,
    type,
    fieldType,
    description: "",
    groupName,
    options: parseOptions(options),
    displayOrder: -1,
    hidden: flags.includes("h"),
    formField: !flags.includes("r"),
    dataSensitivity: "non_sensitive",
    hasUniqueValue: flags.includes("u"),
    calculated: flags.includes("c"),
    externalOptions: flags.includes("x"),
    hubspotDefined: true,
    readOnlyValue: flags.includes("r"),
    createdAt: LAUNCH,
    updatedAt: LAUNCH,
    archivedAt: null,
  };
}

/** The group that a type's built-in properties belong to: `contactinformation`, `notesinformation`. */
function builtInGroup(type: ObjectType): PropertyGroup {
  const stem = type.scopeObject === type.name || type.name === "deals" ? type.singular : type.name;
  const title = stem.charAt(0).toUpperCase() + stem.slice(1);
  return {
    name: `${stem}information`,
    label: `${title} information`,
    displayOrder: 0,
    archived: false,
  };
}

/** A store with HubSpot's own properties of the type. */
export function createPropertyStore(type: ObjectType): PropertyStore {
  const group = builtInGroup(type);
  const lines = catalogueOf(type.name)
    .split("\n")
    .filter((line) => line !== "");
  return {
    type,
    definitions: new Map(
      lines.map((line) => parseLine(line, group.name)).map((entry) => [entry.name, entry]),
    ),
    groups: new Map([[group.name, group]]),
  };
}

/** The live definition, or undefined when there is none or it is archived. */
export function liveProperty(store: PropertyStore, name: string): PropertyDefinition | undefined {
  const definition = store.definitions.get(name);
  return definition?.archivedAt === null ? definition : undefined;
}

/** Whether records may be looked up and upserted by this property. */
export function identifiesRecords(store: PropertyStore, name: string): boolean {
  if (store.type.identifiers.includes(name)) return true;
  return name !== "hs_object_id" && liveProperty(store, name)?.hasUniqueValue === true;
}
