/** Field maps for store tests: a line a field. */
import type { FieldMap, FieldMaps, FieldRule } from "../../mcp-server/src/core/field-map.ts";

/** A field by the path of its local value; two-way unless the test says more. */
export type GivenRule = Partial<Omit<FieldRule, "path">> & { readonly path: readonly string[] };

/** Maps with these fields, each named by its path unless the test names it. */
export function mapsOf(given: {
  readonly contacts?: readonly GivenRule[];
  readonly customers?: readonly GivenRule[];
}): FieldMaps {
  return {
    contacts: mapOf("contacts", given.contacts ?? []),
    customers: mapOf("customers", given.customers ?? []),
    version: "test",
    warnings: [],
  };
}

function mapOf(object: FieldMap["object"], given: readonly GivenRule[]): FieldMap {
  const rules = given.map(ruleOf);
  return { object, rules, properties: rules.map((rule) => rule.property) };
}

function ruleOf(given: GivenRule): FieldRule {
  const field = given.field ?? given.path.join(".");
  return {
    field,
    property: field,
    type: "text",
    direction: "BIDIRECTIONAL",
    strategy: "LATEST_WINS",
    clears: false,
    transform: null,
    enumValues: null,
    realTime: false,
    createProperty: null,
    ...given,
  };
}
