/** Property endpoints: definitions one by one and in batches. */
import { propertiesOf } from "./account.ts";
import { batchReply, emptyBatch } from "./batch.ts";
import { asObject, batchInputs, bodyObject, type Call, idText, type Reply } from "./call.ts";
import { ApiFailure, type BatchError, invalid, missingAttributes } from "./errors.ts";
import { checkGroup, checkTypes, readOptions, readProperty } from "./property-input.ts";
import { renderBare, renderDated } from "./property-render.ts";
import { liveProperty, type PropertyDefinition, type PropertyOption } from "./property-store.ts";

const MAX_INPUTS = 100;

function alreadyExists(name: string): ApiFailure {
  return new ApiFailure(409, {
    message: `A property named '${name}' already exists.`,
    category: "OBJECT_ALREADY_EXISTS",
    subCategory: "Properties.PROPERTY_WITH_NAME_EXISTS",
    context: { name: [name] },
  });
}

function notFound(name: string): ApiFailure {
  return new ApiFailure(404, {
    message: `No property named '${name}' exists.`,
    category: "OBJECT_NOT_FOUND",
    context: { name: [name] },
  });
}

/** Stores a new definition; the name of an archived one brings that one back. */
function add(call: Call, row: Record<string, unknown>): PropertyDefinition {
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
  const results = all.filter(({ archivedAt }) => (archivedAt !== null) === wantsArchived);
  return { status: 200, body: { results: results.map(renderDated) } };
}

/** GET of one. */
export function getProperty(call: Call): Reply {
  return { status: 200, body: renderDated(find(call)) };
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

function archiveOne(call: Call, definition: PropertyDefinition): void {
  if (definition.hubspotDefined)
    throw invalid(`Property '${definition.name}' is defined by HubSpot and cannot be archived.`);
  definition.archivedAt = call.account.now();
}

/** DELETE of one. */
export function archiveProperty(call: Call): Reply {
  archiveOne(call, find(call));
  return { status: 204 };
}

function asBatchError(failure: unknown): BatchError {
  if (!(failure instanceof ApiFailure) || failure.fault.category === undefined) throw failure;
  return { status: "error", ...failure.fault };
}

/** Runs each input; what fails becomes an error beside the results. */
function each(call: Call, run: (row: Record<string, unknown>) => PropertyDefinition | null) {
  const results: unknown[] = [];
  const errors: BatchError[] = [];
  for (const row of batchInputs(call, MAX_INPUTS) ?? []) {
    try {
      const definition = run(row);
      if (definition !== null) results.push(renderBare(definition));
    } catch (failure) {
      errors.push(asBatchError(failure));
    }
  }
  return { results, errors };
}

/** batch/create: existing names become errors in a 207, the others are created. */
export function batchCreateProperties(call: Call): Reply {
  if (batchInputs(call, MAX_INPUTS) === null) return emptyBatch(call);
  return batchReply(
    call,
    each(call, (row) => add(call, row)),
    201,
  );
}

function inputName(row: Record<string, unknown>): string {
  const name = idText(row["name"]);
  if (name === undefined) throw missingAttributes("PropertyName", ["name"]);
  return name;
}

/** batch/read: unknown names become errors in a 207. */
export function batchReadProperties(call: Call): Reply {
  if (batchInputs(call, MAX_INPUTS) === null) return emptyBatch(call);
  const wantsArchived = asObject(call.body)["archived"] === true;
  const store = propertiesOf(call.account, call.type);
  const outcome = each(call, (row) => {
    const name = inputName(row);
    const definition = store.definitions.get(name);
    if (definition === undefined || (definition.archivedAt !== null) !== wantsArchived)
      throw notFound(name);
    return definition;
  });
  return batchReply(call, outcome, 200);
}

/** batch/archive: unknown names are passed over. */
export function batchArchiveProperties(call: Call): Reply {
  const store = propertiesOf(call.account, call.type);
  for (const row of batchInputs(call, MAX_INPUTS) ?? []) {
    const definition = liveProperty(store, inputName(row));
    if (definition !== undefined) archiveOne(call, definition);
  }
  return { status: 204 };
}
