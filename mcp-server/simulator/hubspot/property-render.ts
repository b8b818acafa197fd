/** Property definitions and groups as HubSpot's answers show them. */
import { isoTime } from "./history.ts";
import type { PropertyDefinition, PropertyGroup } from "./property-store.ts";

const EDITOR = "76070032";

/** A definition as batch answers show it: without dates. */
export function renderBare(definition: PropertyDefinition): Record<string, unknown> {
  const { hubspotDefined } = definition;
  return {
    name: definition.name,
    label: definition.label,
    type: definition.type,
    fieldType: definition.fieldType,
    description: definition.description,
    groupName: definition.groupName,
    options: definition.options,
    displayOrder: definition.displayOrder,
    calculated: definition.calculated,
    externalOptions: definition.externalOptions,
    hasUniqueValue: definition.hasUniqueValue,
    hidden: definition.hidden,
    ...(hubspotDefined ? { hubspotDefined: true } : {}),
    modificationMetadata: {
      archivable: !hubspotDefined,
      readOnlyDefinition: hubspotDefined,
      readOnlyValue: definition.readOnlyValue,
      ...(hubspotDefined && definition.type === "enumeration"
        ? { readOnlyOptions: definition.readOnlyValue }
        : {}),
    },
    formField: definition.formField,
    dataSensitivity: definition.dataSensitivity,
    ...(definition.calculationFormula === undefined
      ? {}
      : { calculationFormula: definition.calculationFormula }),
  };
}

/** A definition as single reads and writes show it. */
export function renderDated(definition: PropertyDefinition): Record<string, unknown> {
  const { archivedAt, hubspotDefined } = definition;
  return {
    updatedAt: isoTime(definition.updatedAt),
    createdAt: isoTime(definition.createdAt),
    ...renderBare(definition),
    ...(hubspotDefined ? {} : { createdUserId: EDITOR, updatedUserId: EDITOR }),
    archived: archivedAt !== null,
    ...(archivedAt === null ? {} : { archivedAt: isoTime(archivedAt) }),
  };
}

/** A group. */
export function renderGroup(group: PropertyGroup): Record<string, unknown> {
  const { name, label, displayOrder, archived } = group;
  return { name, label, displayOrder, archived };
}
