/** Whether a field map fits the properties that HubSpot has: every mistake at once, each with its field and the mend. */
import type { ExistingProperty } from "./crm-setup.ts";
import type { FieldMap, FieldRule } from "./field-map.ts";
import { misfit } from "./property-fit.ts";
import type { ValueType } from "./value-types.ts";

/**
 * What is wrong with a map in this HubSpot account, in the order of its fields; empty when it can be used. Properties that are missing and can
 * be created are no mistake.
 *
 * @param existing the definitions of the object that the map's records are in HubSpot
 */
export function mapProblems(
  map: FieldMap,
  existing: readonly ExistingProperty[],
): readonly string[] {
  const byName = new Map(existing.map((property) => [property.name, property]));
  return map.rules
    .filter(({ direction }) => direction !== "NONE")
    .flatMap((rule) =>
      ruleProblems(rule, byName.get(rule.property)).map(
        (problem) => `${map.object}.${rule.field}: ${problem}`,
      ),
    );
}

function ruleProblems(rule: FieldRule, property: ExistingProperty | undefined): readonly string[] {
  if (property === undefined) return rule.createProperty ? [] : [cannotBeCreated(rule)];
  return [
    ...readOnlyProblem(rule, property),
    ...typeProblem(rule, property),
    ...optionProblem(rule, property),
    ...uniqueProblem(rule, property),
  ];
}

function cannotBeCreated({ property }: FieldRule): string {
  return property.startsWith("hs_")
    ? `HubSpot has no property ${property}, and names with hs_ are kept for its own; correct the name`
    : `HubSpot has no property ${property}; correct the name or add create_property`;
}

function writes({ direction }: FieldRule): boolean {
  return direction === "WARP_TO_HUBSPOT" || direction === "BIDIRECTIONAL";
}

function readOnlyProblem(rule: FieldRule, property: ExistingProperty): readonly string[] {
  if (!writes(rule) || !(property.readOnly || property.calculated)) return [];
  const why = property.calculated ? "calculated by HubSpot" : "read-only in HubSpot";
  return [`${property.name} is ${why}; use HUBSPOT_TO_WARP or another property`];
}

// Values that are only read have to be what the map says; text may be anything.
const strict: ReadonlySet<ValueType> = new Set(["number", "date", "datetime", "boolean"]);

function typeProblem(rule: FieldRule, property: ExistingProperty): readonly string[] {
  const allowed = misfit(property.type, rule.type);
  if (allowed === null) return [];
  if (!writes(rule) && (!strict.has(rule.type) || property.type === "enumeration")) return [];
  return [
    `${property.name} is of type ${property.type} in HubSpot, which does not fit type ${rule.type}; use type ${allowed[0]}, or another property`,
  ];
}

/** HubSpot refuses a value that is not among the options, exactly as they are spelt; what is only pulled may differ in case. */
function optionProblem(rule: FieldRule, property: ExistingProperty): readonly string[] {
  const { options = [], externalOptions } = property;
  if (property.type !== "enumeration" || rule.enumValues === null) return [];
  if (externalOptions || options.length === 0) return [];
  const spelt = (value: string) => (writes(rule) ? value : value.toLowerCase());
  const known = new Set(options.map(({ value }) => spelt(value)));
  const missing = rule.enumValues.filter((value) => !known.has(spelt(value)));
  return missing.length === 0
    ? []
    : [
        `${property.name} lacks the option(s) ${missing.join(", ")} in HubSpot; add them there, or remove them from enum_values`,
      ];
}

function uniqueProblem(rule: FieldRule, property: ExistingProperty): readonly string[] {
  const isKey = rule.createProperty?.has_unique_value === true;
  return isKey && property.hasUniqueValue !== true
    ? [
        `${property.name} exists in HubSpot without unique values, which only its creation could give it; map another property name, which is then created`,
      ]
    : [];
}
