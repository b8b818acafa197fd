/** What a request says about a property, checked: names, types, field types, options, limits. */
import type { Account } from "./account.ts";
import { asObject } from "./call.ts";
import { invalid, missingAttributes } from "./errors.ts";
import type {
  PropertyDefinition,
  PropertyGroup,
  PropertyOption,
  PropertyStore,
} from "./property-store.ts";

const MAX_UNIQUE = 10;
const MAX_CUSTOM = 1_000;
const REQUIRED = ["name", "label", "type", "fieldType", "groupName"] as const;

/** Which field types go with which type. HubSpot docs, properties guide, read 2026-04. */
const FIELD_TYPES: Readonly<Record<string, readonly string[]>> = {
  string: ["text", "textarea", "html", "file", "phonenumber", "calculation_equation"],
  number: ["number", "calculation_equation"],
  date: ["date"],
  datetime: ["date"],
  enumeration: ["checkbox", "booleancheckbox", "radio", "select", "calculation_equation"],
  bool: ["booleancheckbox", "calculation_equation"],
  phone_number: ["phonenumber"],
};

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** 400 unless the two types exist and go together. */
export function checkTypes(type: string, fieldType: string): void {
  const fields = FIELD_TYPES[type];
  if (fields === undefined)
    throw invalid(`Invalid property type ${type}: [${Object.keys(FIELD_TYPES).join(", ")}]`);
  if (!fields.includes(fieldType))
    throw invalid(`Field type ${fieldType} does not go with type ${type}: [${fields.join(", ")}]`);
}

/** 400 unless the group is there. */
export function checkGroup(store: PropertyStore, name: string): void {
  if (store.groups.get(name)?.archived === false) return;
  throw invalid(`Property group '${name}' does not exist for ${store.type.name}.`, {
    context: { groupName: [name] },
  });
}

function readOption(
  given: unknown,
): Omit<PropertyOption, "displayOrder"> & { order: number | null } {
  const row = asObject(given);
  if (typeof row["label"] !== "string" || typeof row["value"] !== "string")
    throw missingAttributes("OptionInput", ["label", "value"]);
  const description = row["description"];
  return {
    label: row["label"],
    value: row["value"],
    ...(typeof description === "string" ? { description } : {}),
    order: typeof row["displayOrder"] === "number" ? row["displayOrder"] : null,
    hidden: row["hidden"] === true,
  };
}

/** Options of a request. Recorded 2026-02: one without an order goes behind the ordered ones. */
export function readOptions(given: unknown): PropertyOption[] {
  if (!Array.isArray(given)) return [];
  const rows = given.map(readOption);
  const values = rows.map(({ value }) => value);
  const doubled = values.find((value, index) => values.indexOf(value) !== index);
  if (doubled !== undefined) throw invalid(`Property option values must be unique: ${doubled}`);
  let last = Math.max(-1, ...rows.map(({ order }) => order ?? -1));
  return rows.map(({ order, hidden, ...row }) => {
    if (order === null) last += 1;
    return { ...row, displayOrder: order ?? last, hidden };
  });
}

function checkUniqueness(store: PropertyStore, type: string, wantsUnique: boolean): void {
  const custom = [...store.definitions.values()].filter(
    (definition) => !definition.hubspotDefined && definition.archivedAt === null,
  );
  if (custom.length >= MAX_CUSTOM)
    throw invalid(`The limit of ${MAX_CUSTOM} custom properties is reached.`);
  if (!wantsUnique) return;
  if (type !== "string" && type !== "number")
    throw invalid("Only string and number properties can have unique values.");
  if (custom.filter(({ hasUniqueValue }) => hasUniqueValue).length >= MAX_UNIQUE)
    throw invalid(`The limit of ${MAX_UNIQUE} unique properties per object type is reached.`);
}

function checkName(name: string): void {
  if (/^[a-z][a-z0-9_]{0,99}$/.test(name)) return;
  throw invalid(
    `Property name '${name}' is not valid: use lower-case letters, digits and underscores, and start with a letter.`,
    { context: { name: [name] } },
  );
}

function requiredFields(row: Record<string, unknown>) {
  return {
    name: text(row["name"]),
    label: text(row["label"]),
    type: text(row["type"]),
    fieldType: text(row["fieldType"]),
    groupName: text(row["groupName"]),
  };
}

/** A new definition out of a create request. Throws 400 with what is wrong. */
export function readProperty(
  account: Account,
  store: PropertyStore,
  row: Record<string, unknown>,
): PropertyDefinition {
  const missing = REQUIRED.filter((field) => text(row[field]) === "");
  if (missing.length > 0) throw missingAttributes("PropertyCreate", missing);
  const named = requiredFields(row);
  checkName(named.name);
  checkTypes(named.type, named.fieldType);
  checkGroup(store, named.groupName);
  checkUniqueness(store, named.type, row["hasUniqueValue"] === true);
  const formula = text(row["calculationFormula"]);
  return {
    ...named,
    description: text(row["description"]),
    options: readOptions(row["options"]),
    displayOrder: typeof row["displayOrder"] === "number" ? row["displayOrder"] : -1,
    hidden: row["hidden"] === true,
    formField: row["formField"] === true,
    dataSensitivity: text(row["dataSensitivity"]) || "non_sensitive",
    hasUniqueValue: row["hasUniqueValue"] === true,
    calculated: formula !== "",
    externalOptions: row["externalOptions"] === true,
    hubspotDefined: false,
    readOnlyValue: formula !== "",
    ...(formula === "" ? {} : { calculationFormula: formula }),
    createdAt: account.now(),
    updatedAt: account.now(),
    archivedAt: null,
  };
}

/** A new group out of a create request. */
export function readGroup(store: PropertyStore, row: Record<string, unknown>): PropertyGroup {
  const missing = ["name", "label"].filter((name) => text(row[name]) === "");
  if (missing.length > 0) throw missingAttributes("PropertyGroupCreate", missing);
  checkName(text(row["name"]));
  return {
    name: text(row["name"]),
    label: text(row["label"]),
    displayOrder: typeof row["displayOrder"] === "number" ? row["displayOrder"] : store.groups.size,
    archived: false,
  };
}
