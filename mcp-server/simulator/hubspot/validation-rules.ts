/** Rules that an account's admins set on properties; HubSpot enforces them on 2026-09 paths only. */
import type { Account } from "./account.ts";
import { ApiFailure, type ErrorDetail } from "./errors.ts";
import type { ObjectType } from "./object-types.ts";
import type { Values } from "./records.ts";

function detail(name: string, code: string, message: string): ErrorDetail {
  return { message, code, context: { propertyName: [name] } };
}

/** Texts of HubSpot's changelog of 2026-08. */
function problemsOf(account: Account, type: ObjectType, after: Values): ErrorDetail[] {
  const { requiredProperties, conditionalProperties } = account.settings;
  const isEmpty = (name: string) => (after[name] ?? "") === "";
  const missing = (requiredProperties[type.name] ?? []).filter(isEmpty);
  const conditional = (conditionalProperties[type.name] ?? []).filter(
    ({ property, basedOn, values }) =>
      isEmpty(property) && !isEmpty(basedOn) && values.includes(after[basedOn] ?? ""),
  );
  return [
    ...missing.map((name) =>
      detail(name, "MISSING_REQUIRED_PROPERTY", `A value for ${name} must be provided`),
    ),
    ...conditional.map(({ property, basedOn }) =>
      detail(
        property,
        "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
        `${property} is required because of a conditional property rule based on [${basedOn}]`,
      ),
    ),
  ];
}

/** 400 when the record would lack a value that a rule demands. `after` is how it would stand. */
export function requireByRules(account: Account, type: ObjectType, after: Values): void {
  const errors = problemsOf(account, type, after);
  if (errors.length === 0) return;
  throw new ApiFailure(400, {
    message: errors[0]?.message ?? "",
    category: "VALIDATION_ERROR",
    errors,
  });
}
