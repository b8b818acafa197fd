/** Values by a JSON Schema: in order, nearly in order, and not at all. */
import fc from "fast-check";
import type { JsonSchema } from "../../mcp-server/src/tools/advertised.ts";
import { type Json, nastyText, nastyValue, spoiled, spoilings } from "./nasty.ts";

const object = (value: unknown): JsonSchema =>
  value !== null && typeof value === "object" ? { ...value } : {};

const number = (value: unknown, otherwise: number): number =>
  typeof value === "number" && Math.abs(value) < 2 ** 52 ? value : otherwise;

const texts = fc.oneof(
  fc.emailAddress(),
  fc.constantFrom("ada@example.com", "1001", "company", "job_1", "2026-11-21T10:00:00Z", "email"),
  nastyText,
);

/** Values that the schema allows, as far as it says so. */
export function valueFor(schema: JsonSchema, depth = 0): fc.Arbitrary<Json> {
  const options = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(options) && options.length > 0)
    return fc.oneof(...options.map((one) => valueFor(object(one), depth + 1)));
  const allowed = schema["enum"];
  if (Array.isArray(allowed)) return fc.constantFrom<Json>(...allowed);
  if ("const" in schema) return fc.constant(JSON.parse(JSON.stringify(schema["const"])));
  switch (schema["type"]) {
    case "object":
      return objectFor(schema, depth);
    case "array": {
      const element = valueFor(object(schema["items"]), depth + 1);
      const minLength = Math.min(3, number(schema["minItems"], 0));
      return fc.array(element, { minLength, maxLength: 3 });
    }
    case "integer":
    case "number":
      return fc.integer({ min: number(schema["minimum"], -5), max: number(schema["maximum"], 50) });
    case "boolean":
      return fc.boolean();
    case "string":
      return texts;
    default:
      return depth > 4 ? fc.constant("x") : nastyValue;
  }
}

function objectFor(schema: JsonSchema, depth: number): fc.Arbitrary<Json> {
  const entries = Object.entries(object(schema["properties"]));
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  const known = fc
    .tuple(
      ...entries.map(([name, inner]) =>
        fc
          .oneof(
            { weight: required.has(name) ? 30 : 1, arbitrary: valueFor(object(inner), depth + 1) },
            // Calls with every argument at once are refused before anything is looked at.
            { weight: required.has(name) ? 1 : 3, arbitrary: fc.constant(undefined) },
          )
          .map((value) => [name, value] as const),
      ),
    )
    .map((pairs) => pairs.filter((pair): pair is readonly [string, Json] => pair[1] !== undefined));
  const more = schema["additionalProperties"];
  const others =
    more === false || entries.length > 0
      ? fc.constant<[string, Json][]>([])
      : fc.array(fc.tuple(texts, more === true ? nastyValue : valueFor(object(more), depth + 1)), {
          maxLength: 3,
        });
  return fc.tuple(known, others).map(([a, b]) => Object.fromEntries([...a, ...b]));
}

/** Arguments of a tool: half of them as the schema says, the others with one to three parts spoiled. */
export function argumentsFor(schema: JsonSchema): fc.Arbitrary<Json> {
  const good = valueFor(schema);
  const asText = good.map((value) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value).map(([name, inner]) => [name, JSON.stringify(inner)]),
        )
      : value,
  );
  return fc.oneof(
    { weight: 4, arbitrary: good },
    { weight: 4, arbitrary: fc.tuple(good, spoilings).map(([value, how]) => spoiled(value, how)) },
    { weight: 1, arbitrary: asText },
    { weight: 1, arbitrary: nastyValue },
  );
}
