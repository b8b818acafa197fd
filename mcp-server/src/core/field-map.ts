/** The field map: which field flows where, under which rule; parsed and checked with every mistake named at once. */
import { z } from "zod";
import { contactTextFields } from "./contact.ts";
import { AppError } from "./errors.ts";
import {
  type Direction,
  directions,
  type FieldPolicy,
  type Strategy,
  strategies,
} from "./merge.ts";
import type { TransformName } from "./transforms.ts";
import { type ValueType, valueTypes } from "./value-types.ts";

const propertySchema = z.strictObject({
  label: z.string().min(1),
  type: z.enum(["string", "number", "date", "datetime", "enumeration", "bool"]),
  field_type: z.string().min(1),
  description: z.string().optional(),
  options: z.array(z.strictObject({ label: z.string(), value: z.string() })).optional(),
});

/** How a HubSpot property is created. */
export type PropertyDefinition = z.infer<typeof propertySchema>;

const mappingSchema = z.strictObject({
  hubspot_property: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, "HubSpot property names are lower-case letters, digits and _"),
  warp_field: z.string().min(1),
  warp_field_path: z
    .string()
    .regex(/^[a-z_]+->>'[^']+'$/, "write a path as column->>'key'")
    .optional(),
  sync_direction: z.enum(directions),
  conflict_resolution: z.enum(strategies).optional(),
  type: z.enum(valueTypes).default("text"),
  propagate_clear: z.boolean().default(false),
  create_property: propertySchema.optional(),
  description: z.string().optional(),
});

const fileSchema = z.object({
  $schema: z.string().optional(),
  contacts: z.record(z.string(), mappingSchema),
});

/** The kinds of local record that have a map; customers are companies in HubSpot. */
export const mappedObjects = ["contacts", "customers"] as const;
export type MappedObject = (typeof mappedObjects)[number];

/** One mapped field, ready for the planner. `path` leads from the local record to the value: a column, or a column and a key of its JSON. */
export interface FieldRule extends FieldPolicy {
  /** The map's name; of a part of a complex field `address.city`. */
  readonly field: string;
  readonly property: string;
  readonly path: readonly string[];
  readonly type: ValueType;
  /** How HubSpot's text and the local value convert; null = they are the same. */
  readonly transform: TransformName | null;
  /** The only values that may travel, in the spelling to use; null = any. */
  readonly enumValues: readonly string[] | null;
  /** A change is sent at once, before everything else that waits. */
  readonly realTime: boolean;
  /** How to create the property in HubSpot when it is missing; null = it must be there (HubSpot's own, e.g. `hs_object_id`). */
  readonly createProperty: PropertyDefinition | null;
}

/** The map of one object; `properties` are the HubSpot names to ask for, without repeats. */
export interface FieldMap {
  readonly object: MappedObject;
  readonly rules: readonly FieldRule[];
  readonly properties: readonly string[];
}

/** The whole map. `version` changes with anything that may change a plan; `warnings` are mistakes one can live with. */
export interface FieldMaps {
  readonly contacts: FieldMap;
  readonly customers: FieldMap;
  readonly version: string;
  readonly warnings: readonly string[];
}

/**
 * Parses the text of field-map.json.
 *
 * @param file how the file is called in messages
 * @throws AppError `input` that lists every mistake with the field's name and the mend
 */
export function parseFieldMap(text: string, file: string): FieldMaps {
  const parsed = fileSchema.safeParse(parseJson(text, file));
  if (!parsed.success) {
    throw invalid(
      file,
      parsed.error.issues.map((issue) => `${issue.path.join(".") || "the file"}: ${issue.message}`),
    );
  }
  const rules = Object.entries(parsed.data.contacts).map(([field, mapping]) =>
    toRule(field, mapping),
  );
  const problems = [
    ...missingStrategies(rules, parsed.data.contacts),
    ...sharedProperties(rules),
    ...notThere(rules),
    ...notStorable(rules),
  ];
  if (problems.length > 0) throw invalid(file, problems);
  const properties = [...new Set(rules.map((rule) => rule.property))];
  return {
    contacts: { object: "contacts", rules, properties },
    customers: { object: "customers", rules: [], properties: [] },
    version: text,
    warnings: [],
  };
}

/** The value a rule's path leads to; undefined when the record does not say. */
export function readPath(record: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === "object"
        ? Reflect.get(value, key)
        : value === null
          ? null
          : undefined,
    record,
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("input", `${file} is not valid JSON; check for a missing comma or quote.`, {
      cause,
    });
  }
}

function toRule(field: string, mapping: z.infer<typeof mappingSchema>): FieldRule {
  const key = /->>'([^']+)'$/.exec(mapping.warp_field_path ?? "")?.[1];
  return {
    field,
    property: mapping.hubspot_property,
    path: key === undefined ? [mapping.warp_field] : [mapping.warp_field, key],
    type: mapping.type,
    direction: mapping.sync_direction,
    strategy: mapping.conflict_resolution ?? oneWayStrategy(mapping.sync_direction),
    clears: mapping.propagate_clear,
    transform: null,
    enumValues: null,
    realTime: false,
    createProperty: mapping.create_property ?? null,
  };
}

/** Only two-way fields can meet a conflict; for the others the direction itself is the strategy. */
function oneWayStrategy(direction: Direction): Strategy {
  return direction === "WARP_TO_HUBSPOT" ? "WARP_WINS" : "HUBSPOT_WINS";
}

function missingStrategies(
  rules: readonly FieldRule[],
  mappings: Readonly<Record<string, z.infer<typeof mappingSchema>>>,
): string[] {
  return rules
    .filter(
      (rule) => rule.direction === "BIDIRECTIONAL" && !mappings[rule.field]?.conflict_resolution,
    )
    .map(
      (rule) =>
        `contacts.${rule.field}: a BIDIRECTIONAL field needs conflict_resolution (${strategies.join(", ")})`,
    );
}

function sharedProperties(rules: readonly FieldRule[]): string[] {
  const owner = new Map<string, string>();
  const problems: string[] = [];
  for (const rule of rules) {
    const earlier = owner.get(rule.property);
    if (earlier)
      problems.push(
        `contacts.${rule.field}: ${rule.property} is already mapped by ${earlier}; map each property once`,
      );
    else owner.set(rule.property, rule.field);
  }
  return problems;
}

const storable: ReadonlySet<string> = new Set(["email", ...contactTextFields]);

// What a contact's record has beside the columns that can be pulled into: by name, and by the key that a path adds.
const readable: ReadonlySet<string> = new Set([
  "id",
  "status",
  "source",
  "email_status",
  "engagement_state",
  "unsubscribed",
  "quality_score",
  "imported_at",
  "enriched_at",
  "synced_at",
  "updated_at",
]);
const nested: ReadonlySet<string> = new Set([
  "custom",
  "intelligence",
  "company_record",
  "provenance",
]);

/** A field that no contact has would be sent as empty for ever without a word. */
function notThere(rules: readonly FieldRule[]): string[] {
  return rules
    .filter(({ path: [column = "", key] }) =>
      key === undefined ? !storable.has(column) && !readable.has(column) : !nested.has(column),
    )
    .map(
      ({ field, path: [column = ""] }) =>
        `contacts.${field}: contacts have no ${column}; a column of an import that is none of ours is read with "warp_field": "custom", "warp_field_path": "custom->>'${column}'"`,
    );
}

/** A value that is pulled and not stored would look as if the local side had undone it, and be sent back over HubSpot's. */
function notStorable(rules: readonly FieldRule[]): string[] {
  return rules
    .filter(({ direction }) => direction === "BIDIRECTIONAL" || direction === "HUBSPOT_TO_WARP")
    .filter(({ path: [column = "", key] }) =>
      key === undefined ? !storable.has(column) : column !== "custom",
    )
    .map(
      ({ field, path }) =>
        `contacts.${field}: values from HubSpot cannot be stored in ${path.join(".")}; use WARP_TO_HUBSPOT, or pull into one of ${[...storable].join(", ")} or custom->>'name'`,
    );
}

function invalid(file: string, problems: readonly string[]): AppError {
  return new AppError(
    "input",
    `${file} has ${problems.length} mistake(s):\n- ${problems.join("\n- ")}`,
    {
      code: "INVALID_FIELD_MAP",
    },
  );
}
