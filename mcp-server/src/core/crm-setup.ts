/** What HubSpot must have before the first write: one property group and our own properties, worked out from the field map. */
import type { FieldMap } from "./field-map.ts";

/** The group our properties live in, for every object. */
export const propertyGroup = { name: "hubspot_sync", label: "HubSpot sync" } as const;

/**
 * Our own unique key of a company: its domain. HubSpot cannot upsert companies by `domain` (it is not a unique property), and
 * search lags, so only a `hasUniqueValue` property makes creating one idempotent.
 */
export const companyKeyProperty = "sync_company_key";

/** A property to create. HubSpot's further types (phone numbers, coordinates) read as string. */
export interface NeededProperty {
  readonly name: string;
  readonly label: string;
  readonly type: "string" | "number" | "date" | "datetime" | "enumeration" | "bool";
  readonly fieldType: string;
  readonly groupName: string;
  readonly description?: string;
  readonly hasUniqueValue?: boolean;
  readonly options?: readonly { readonly label: string; readonly value: string }[];
}

/** A property as HubSpot describes it, with what decides whether we may write it. */
export interface ExistingProperty extends NeededProperty {
  readonly readOnly: boolean;
  readonly calculated: boolean;
  /** Its options are kept elsewhere (owners, pipelines), so that `options` does not list them. */
  readonly externalOptions?: boolean;
}

/** Our own properties on contacts: those of the map that say how to create them. */
export function neededContactProperties(map: FieldMap): readonly NeededProperty[] {
  return map.rules.flatMap((rule) => {
    const create = rule.createProperty;
    if (!create) return [];
    const { label, type, field_type: fieldType, description, options } = create;
    return [
      {
        name: rule.property,
        label,
        type,
        fieldType,
        groupName: propertyGroup.name,
        ...(description === undefined ? {} : { description }),
        ...(options === undefined ? {} : { options }),
      },
    ];
  });
}

/** Our own properties on companies. */
export const neededCompanyProperties: readonly NeededProperty[] = [
  {
    name: companyKeyProperty,
    label: "Sync key",
    type: "string",
    fieldType: "text",
    groupName: propertyGroup.name,
    description: "Written by hubspot-sync so that one domain is created once. Do not edit.",
    hasUniqueValue: true,
  },
];

/** Those of the needed properties that HubSpot does not have. */
export function missingProperties(
  needed: readonly NeededProperty[],
  existing: readonly ExistingProperty[],
): readonly NeededProperty[] {
  const names = new Set(existing.map((property) => property.name));
  return needed.filter((property) => !names.has(property.name));
}

/** Mapped properties that HubSpot lacks and the map does not create, or that cannot be written; a sentence with the mend each. */
export function mapProblems(
  map: FieldMap,
  existing: readonly ExistingProperty[],
): readonly string[] {
  const byName = new Map(existing.map((property) => [property.name, property]));
  return map.rules.flatMap((rule) => {
    const property = byName.get(rule.property);
    if (!property) {
      return rule.createProperty
        ? []
        : [
            `contacts.${rule.field}: HubSpot has no property ${rule.property}; correct the name or add create_property`,
          ];
    }
    const writes = rule.direction === "WARP_TO_HUBSPOT" || rule.direction === "BIDIRECTIONAL";
    return writes && (property.readOnly || property.calculated)
      ? [
          `contacts.${rule.field}: ${rule.property} is read-only in HubSpot; use HUBSPOT_TO_WARP or another property`,
        ]
      : [];
  });
}
