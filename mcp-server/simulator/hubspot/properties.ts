/** Property endpoints for one definition, and the list of all. */
import { propertiesOf } from "./account.ts";
import { bodyObject, type Call, idText, type Reply } from "./call.ts";
import { ApiFailure, invalid } from "./errors.ts";
import { checkGroup, checkTypes, readOptions, readProperty } from "./property-input.ts";
import { renderDated } from "./property-render.ts";
import { liveProperty, type PropertyDefinition, type PropertyOption } from "./property-store.ts";

function alreadyExists(name: string): ApiFailure {
  return new ApiFailure(409, {
    message: `A property named '${name}' already exists.`,
    category: "OBJECT_ALREADY_EXISTS",
    subCategory: "Properties.PROPERTY_WITH_NAME_EXISTS",
    context: { name: [name] },
  });
}

/** 404 of a property. */
export function notFound(name: string): ApiFailure {
  return new ApiFailure(404, {
    message: `No property named '${name}' exists.`,
    category: "OBJECT_NOT_FOUND",
    context: { name: [name] },
  });
}

/** Stores a new definition; the name of an archived one brings that one back. */
export function add(call: Call, row: Record<string, unknown>): PropertyDefinition {
  const store = propertiesOf(call.account, call.type);
  const name = idText(row["name"]) ?? "";
  if (liveProperty(store, name) !== undefined) throw alreadyExists(name);
  const definition = readProperty(call.account, store, row);
  const archived = store.definitions.get(name);
  if (archived !== undefined) {
    archived.archivedAt = null;
    return archived;
  }
  store.definitions.set(name, definition);
  return definition;
}

/** A new definition stays unreadable for as long as the account is set to lag. */
export function isReadable(call: Call, definition: PropertyDefinition): boolean {
  return call.account.now() - definition.createdAt >= call.account.settings.propertyLagMs;
}

function find(call: Call): PropertyDefinition {
  const [name = ""] = call.params;
  const store = propertiesOf(call.account, call.type);
  const wantsArchived = call.query.get("archived") === "true";
  const definition = store.definitions.get(name);
  if (definition === undefined || (definition.archivedAt !== null) !== wantsArchived)
    throw notFound(name);
  return definition;
}

/** GET of all, or of the archived ones. */
export function listProperties(call: Call): Reply {
  const wantsArchived = call.query.get("archived") === "true";
  const all = [...propertiesOf(call.account, call.type).definitions.values()];
  const results = all.filter(
    (one) => (one.archivedAt !== null) === wantsArchived && isReadable(call, one),
  );
  return { status: 200, body: { results: results.map(renderDated) } };
}

/** GET of one. */
export function getProperty(call: Call): Reply {
  const definition = find(call);
  if (!isReadable(call, definition)) throw notFound(definition.name);
  return { status: 200, body: renderDated(definition) };
}

/** POST of one: 201 with its place. */
export function createProperty(call: Call): Reply {
  const definition = add(call, bodyObject(call));
  const place = `${call.url.origin}${call.url.pathname.replace(/\/$/, "")}/${definition.name}`;
  return { status: 201, body: renderDated(definition), headers: { Location: place } };
}

function mergedOptions(
  call: Call,
  former: readonly PropertyOption[],
  given: readonly PropertyOption[],
): PropertyOption[] {
  if (call.account.settings.patchOptions === "replace") return [...given];
  const values = new Set(given.map(({ value }) => value));
  return [...former.filter(({ value }) => !values.has(value)), ...given];
}

function applyChanges(call: Call, definition: PropertyDefinition, row: Record<string, unknown>) {
  const type = idText(row["type"]) ?? definition.type;
  const fieldType = idText(row["fieldType"]) ?? definition.fieldType;
  const groupName = idText(row["groupName"]) ?? definition.groupName;
  checkTypes(type, fieldType);
  checkGroup(propertiesOf(call.account, call.type), groupName);
  const options = Array.isArray(row["options"])
    ? mergedOptions(call, definition.options, readOptions(row["options"]))
    : definition.options;
  Object.assign(definition, {
    type,
    fieldType,
    groupName,
    options,
    label: idText(row["label"]) ?? definition.label,
    description: idText(row["description"]) ?? definition.description,
    displayOrder:
      typeof row["displayOrder"] === "number" ? row["displayOrder"] : definition.displayOrder,
    hidden: typeof row["hidden"] === "boolean" ? row["hidden"] : definition.hidden,
    formField: typeof row["formField"] === "boolean" ? row["formField"] : definition.formField,
    updatedAt: call.account.now(),
  });
}

/** PATCH of one. HubSpot's own definitions keep everything but their options. */
export function patchProperty(call: Call): Reply {
  const definition = find(call);
  const row = bodyObject(call);
  const touchesOptionsOnly = Object.keys(row).every((name) => name === "options");
  if (definition.hubspotDefined && (!touchesOptionsOnly || definition.readOnlyValue))
    throw invalid(`Property '${definition.name}' is defined by HubSpot and cannot be changed.`);
  applyChanges(call, definition, row);
  return { status: 200, body: renderDated(definition) };
}

/** 400 for HubSpot's own definitions and for those that a live calculation uses. */
export function refuseArchive(call: Call, { name, hubspotDefined }: PropertyDefinition): void {
  if (hubspotDefined)
    throw invalid(`Property '${name}' is defined by HubSpot and cannot be archived.`);
  const mention = new RegExp(`\\b${name}\\b`);
  const user = [...propertiesOf(call.account, call.type).definitions.values()].find(
    (one) => one.archivedAt === null && mention.test(one.calculationFormula ?? ""),
  );
  if (user !== undefined)
    throw invalid(`Property '${name}' is used by '${user.name}' and cannot be deleted.`, {
      subCategory: "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE",
    });
}

/** DELETE of one. */
export function archiveProperty(call: Call): Reply {
  const definition = find(call);
  refuseArchive(call, definition);
  definition.archivedAt = call.account.now();
  return { status: 204 };
}
