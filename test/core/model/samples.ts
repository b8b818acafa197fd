/** Rules of every kind and the values that people, programs and HubSpot write into such fields, good and bad. */
import fc from "fast-check";
import type { FieldRule } from "../../../mcp-server/src/core/field-map.ts";
import { directions, strategies } from "../../../mcp-server/src/core/merge.ts";
import type { ValueType } from "../../../mcp-server/src/core/value-types.ts";

/** What a rule is about besides its names. */
export type RuleKind = Pick<FieldRule, "type" | "transform" | "enumValues"> & {
  /** Raw values as either side may hold them; several spell the same, some are no value of the type. */
  readonly values: readonly unknown[];
};

const text = (type: ValueType, values: readonly unknown[]): RuleKind => ({
  type,
  transform: null,
  enumValues: null,
  values,
});

const amounts = ["1", "1.0", "01.50", "250", "-3", "1e2", "0.015", "n/a", "1,5", 7, 0];

/** Every value type, listed values, and a conversion of each way. */
export const ruleKinds: readonly RuleKind[] = [
  text("text", ["x", "X", "a  b", "a b", " x ", "zoë \u{1f600}", "a\r\nb", true]),
  // What no text stands for: it goes nowhere, and may be written over.
  text("text", ["x", { deep: 1 }, ["a", "b"], "y", Number.POSITIVE_INFINITY]),
  // Few values, of which HubSpot stores two in another form: what was sent and what came back meet again and again.
  text("text", ["a  b", "a b", "x", " b  c"]),
  text("email", ["ada@acme.com", "ADA@Acme.com", " ada@acme.com", "bob@acme.com", "no mail"]),
  text("phone", ["+4930901820", "+49 30 901820", "+14155552671", "call me"]),
  text("country", ["DE", "Germany", "US", "United States", "Narnia"]),
  text("url", ["https://www.Acme.com/", "acme.com", "http://b.org/x", "b.org/x/", "::"]),
  text("number", amounts),
  text("boolean", ["true", "yes", true, false, "0", "maybe", 1]),
  text("date", ["2026-01-02", "1767312000000", "2026-02-30", "2027-12-31T10:00:00Z", "soon"]),
  text("datetime", ["2026-01-02T00:00:00Z", "1767312000000", "2026-01-02T01:00:00+01:00", "now"]),
  text("list", ["a\nb", "b\na", ["a", "b"], [], "a", [["a"]]]),
  text("set", ["a;b", "b;a", "c", "a;;b", ["b", "a"], ";"]),
  {
    ...text("text", ["ACTIVE", "active", "TRIAL", "Trial", "GONE"]),
    enumValues: ["ACTIVE", "TRIAL"],
  },
  { ...text("set", ["a;B", "b;a", "A", "a;z", "c"]), enumValues: ["a", "b", "C"] },
  { ...text("number", amounts), transform: "hubspot_value_in_cents_to_dollars" },
  { ...text("text", ["abc", "ABC", "Abc", "ß"]), transform: "uppercase" },
];

/** A field that is empty in one of the two ways that a raw value can be. */
const emptied = [null, ""];

/** The nth raw value of a kind; every fourth one is empty. */
export function rawValue(kind: RuleKind, n: number): unknown {
  if (n % 4 === 3) return emptied[n % 2];
  return kind.values[n % kind.values.length];
}

/** A rule with the values that its field meets. */
export interface ModelRule extends FieldRule {
  readonly kind: RuleKind;
}

const shape = fc.record({
  kind: fc.constantFrom(...ruleKinds),
  direction: fc.oneof(
    { weight: 3, arbitrary: fc.constant("BIDIRECTIONAL" as const) },
    { weight: 2, arbitrary: fc.constantFrom(...directions) },
  ),
  strategy: fc.constantFrom(...strategies),
  clears: fc.boolean(),
  isNested: fc.boolean(),
  isOurs: fc.boolean(),
});

/** One to four rules on different properties, some of them leaves of one JSON column. */
export const modelRules: fc.Arbitrary<readonly ModelRule[]> = fc
  .array(shape, { minLength: 1, maxLength: 4 })
  .map((shapes) => shapes.map(toRule));

function toRule(
  { kind, isNested, isOurs, ...policy }: typeof shape extends fc.Arbitrary<infer S> ? S : never,
  n: number,
): ModelRule {
  const field = `f${n}`;
  return {
    field,
    property: `p${n}`,
    path: isNested ? ["box", field] : [field],
    type: kind.type,
    transform: kind.transform,
    enumValues: kind.enumValues,
    realTime: false,
    createProperty: isOurs ? { label: field, type: "string", field_type: "text" } : null,
    ...policy,
    // The field map lets nothing travel to HubSpot through a conversion that has no inverse.
    direction: kind.transform === "uppercase" ? "HUBSPOT_TO_WARP" : policy.direction,
    kind,
  };
}
