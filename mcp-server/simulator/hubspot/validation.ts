/** Checks what a write wants to set, and tells it in both places where HubSpot tells it. */
import { type Account, propertiesOf } from "./account.ts";
import { ApiFailure, type ErrorDetail, invalid, type Refusal, unreadable } from "./errors.ts";
import type { ObjectType } from "./object-types.ts";
import { liveProperty, type PropertyStore } from "./property-store.ts";
import type { Values } from "./records.ts";
import { problemOf } from "./value-rules.ts";

function asText(name: string, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const kind = Array.isArray(value) ? "Array" : "Object";
  throw unreadable(
    `Cannot deserialize value of type \`java.lang.String\` from ${kind} value of ${name}`,
  );
}

/** The given properties as text. Null means "not said": what HubSpot makes of it is unknown. */
export function readValues(properties: unknown): Values {
  if (typeof properties !== "object" || properties === null || Array.isArray(properties))
    throw unreadable("Cannot deserialize value of type `java.util.LinkedHashMap` for properties");
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties)) {
    const text = asText(name, value);
    if (text !== null) values[name] = text;
  }
  return values;
}

/** Builds one refusal. */
export function refusal(
  account: Account,
  name: string,
  problem: { code: string; message: string },
): Refusal {
  return {
    isValid: false,
    message: problem.message,
    error: problem.code,
    name,
    localizedErrorMessage: problem.message,
    portalId: account.portalId,
  };
}

function refuseValue(
  account: Account,
  store: PropertyStore,
  entry: [string, string],
): Refusal | null {
  const [name, value] = entry;
  const definition = liveProperty(store, name);
  if (definition === undefined)
    return refusal(account, name, {
      code: "PROPERTY_DOESNT_EXIST",
      message: `Property "${name}" does not exist`,
    });
  if (definition.readOnlyValue)
    return refusal(account, name, {
      code: "READ_ONLY_VALUE",
      message: `"${name}" is a read only property; its value cannot be set.`,
    });
  const problem = problemOf(definition, value);
  return problem === null ? null : refusal(account, name, problem);
}

/** Everything wrong with these values, in the order given; empty when they may be written. */
export function refusalsOf(account: Account, type: ObjectType, values: Values): Refusal[] {
  const store = propertiesOf(account, type);
  return Object.entries(values)
    .map((entry) => refuseValue(account, store, entry))
    .filter((entry) => entry !== null);
}

/** 400 with the refusals embedded in the message as JSON and listed in errors[]. */
export function refused(account: Account, refusals: readonly Refusal[]): ApiFailure {
  const errors = refusals.map(
    (entry): ErrorDetail => ({
      message: entry.message,
      code: entry.error,
      context: { propertyName: [entry.name] },
    }),
  );
  return new ApiFailure(
    400,
    {
      message: `Property values were not valid: ${JSON.stringify(refusals)}`,
      errors: errors.slice(0, account.settings.errorsListLimit),
      category: "VALIDATION_ERROR",
    },
    { refusals },
  );
}

/** 400 when a create lacks what its type needs. */
export function requireForCreate(type: ObjectType, values: Values): void {
  const isSet = (name: string) => (values[name] ?? "") !== "";
  const missing = type.requiredAll.filter((name) => !isSet(name));
  const lacksAny = type.requiredAny.length > 0 && !type.requiredAny.some(isSet);
  if (missing.length === 0 && !lacksAny) return;
  throw invalid(
    `Error creating ${type.singular.toUpperCase()}. Some required properties were not set.`,
    { context: { properties: lacksAny ? [...type.requiredAny] : missing } },
  );
}
