/** What HubSpot must have before the first write: one property group and our own properties, worked out from the field map. */
import type { FieldMap, FieldRule } from "./field-map.ts";

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

/** Our own properties on the object of a map: one for every field that flows and is not on a property of HubSpot's own. */
export function neededProperties(map: FieldMap): readonly NeededProperty[] {
  return map.rules.filter(isSynced).flatMap((rule) => {
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
        ...(create.has_unique_value ? { hasUniqueValue: true } : {}),
      },
    ];
  });
}

/** Our own properties on companies, whatever the map says. */
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

/**
 * What each field that flows depends on, by field, as text that only serves to compare: where its base comes from, then how it flows.
 * Fields that are only noted are left out, so that one which begins to flow is new.
 */
export function mapSignature(map: FieldMap): Readonly<Record<string, string>> {
  return Object.fromEntries(
    map.rules.filter(isSynced).map((rule) => {
      const { property, path, type, transform, enumValues, direction, strategy, clears } = rule;
      const base = [property, path, type, transform, enumValues?.toSorted() ?? null];
      return [rule.field, `${JSON.stringify(base)}\n${[direction, strategy, clears].join(" ")}`];
    }),
  );
}

/**
 * What is different in a map. `altered`: the base says nothing any more about what the field compares now. `added`: new, or flowing otherwise
 * than before; a base it may have still holds. Either way records that were equal may have something to exchange.
 *
 * @param before the signature of the map as it was; {} = there was none
 */
export function changedFields(
  before: Readonly<Record<string, string>>,
  after: FieldMap,
): { readonly added: readonly string[]; readonly altered: readonly string[] } {
  const changed = Object.entries(mapSignature(after)).filter(
    ([field, signature]) => !Object.hasOwn(before, field) || before[field] !== signature,
  );
  const isAltered = ([field, signature]: readonly [string, string]) =>
    Object.hasOwn(before, field) && baseOf(before[field] ?? "") !== baseOf(signature);
  return {
    added: changed.filter((one) => !isAltered(one)).map(([field]) => field),
    altered: changed.filter(isAltered).map(([field]) => field),
  };
}

function baseOf(signature: string): string {
  return signature.slice(0, signature.indexOf("\n"));
}

function isSynced({ direction }: FieldRule): boolean {
  return direction !== "NONE";
}
