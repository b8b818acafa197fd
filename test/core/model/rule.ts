/** A rule for tests of the planner that shows only what matters. */
import type { FieldRule } from "../../../mcp-server/src/core/field-map.ts";

/** A two-way text field `field` on the property `property`, which HubSpot has. */
export function ruleOf(given: Partial<FieldRule> = {}): FieldRule {
  return {
    field: "field",
    property: "property",
    path: ["field"],
    type: "text",
    transform: null,
    enumValues: null,
    direction: "BIDIRECTIONAL",
    strategy: "WARP_WINS",
    clears: false,
    realTime: false,
    createProperty: null,
    ...given,
  };
}
