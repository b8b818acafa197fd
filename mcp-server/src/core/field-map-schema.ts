/** The shape of field-map.json: its keys, what each may hold, and the JSON Schema that editors show. */
import { z } from "zod";
import { directions, strategies } from "./merge.ts";
import { transformNames } from "./transforms.ts";
import { valueTypes } from "./value-types.ts";

/** The kinds of local record that have a section in the file. */
export const sections = ["contacts", "customers"] as const;
export type Section = (typeof sections)[number];

/** The type of a HubSpot property. */
export const propertyTypes = [
  "string",
  "number",
  "date",
  "datetime",
  "enumeration",
  "bool",
] as const;

export type PropertyType = (typeof propertyTypes)[number];

const PATH = /^[A-Za-z_]\w*->>'[^']+'$/;
const PART = /^[A-Za-z_]\w*(?:->>'[^']+')?$/;
const FIELD = /^[A-Za-z][\w-]{0,63}$/;
const PROPERTY = /^[a-z][a-z0-9_]{0,99}$/;

/** How HubSpot may call a property: lower-case letters, digits and _ (HubSpot docs, properties guide, read 2026-11). */
export function isPropertyName(text: string): boolean {
  return PROPERTY.test(text);
}

/** What a field may be called; "." stands between a complex field and its part, "@" marks entries of ours beside a base. */
export function isFieldName(text: string): boolean {
  return FIELD.test(text);
}

const definitionSchema = z
  .strictObject({
    label: z.string().min(1).describe("What people read in HubSpot"),
    type: z.enum(propertyTypes),
    field_type: z.string().min(1).describe("HubSpot's form field, e.g. text, textarea, select"),
    description: z.string().optional(),
    options: z
      .array(z.strictObject({ label: z.string(), value: z.string() }))
      .optional()
      .describe("The options of an enumeration"),
  })
  .describe(
    "How the HubSpot property is created when it is missing; left out, it follows from type",
  );

/** One field as the file writes it. */
export const mappingSchema = z
  .strictObject({
    hubspot_property: z
      .string()
      .regex(PROPERTY, "must be lower-case letters, digits and _, as HubSpot calls it")
      .describe("HubSpot's internal name of the property"),
    warp_field: z.string().min(1).describe("The column of the local record"),
    warp_field_path: z
      .string()
      .regex(PATH, "must be written as column->>'key'")
      .optional()
      .describe("A key of a JSON column: column->>'key'"),
    sync_direction: z
      .enum(directions)
      .describe("Where values flow; WARP is the local side. NONE: only noted, never synced"),
    conflict_resolution: z
      .enum(strategies)
      .optional()
      .describe("Who wins when both sides changed a BIDIRECTIONAL field"),
    type: z
      .enum(valueTypes)
      .optional()
      .describe("How values compare; left out, number for the columns of numbers, else text"),
    transform: z
      .enum(transformNames)
      .optional()
      .describe("How HubSpot's value and the local one convert"),
    enum_values: z
      .array(z.string())
      .optional()
      .describe("The only values that may travel, in their one spelling"),
    is_complex: z.boolean().optional().describe("True when sub_mappings hold the parts"),
    sub_mappings: z
      .record(z.string(), z.string().regex(PART, "must be written as column->>'key'"))
      .optional()
      .describe(
        "Part to path. `street` goes to hubspot_property, every other part to the property of its own name",
      ),
    update_frequency: z
      .enum(["real-time", "batch"])
      .optional()
      .describe("real-time: a change is sent before everything else that waits"),
    propagate_clear: z
      .boolean()
      .optional()
      .describe("True when an emptied value empties the other side; left out, it does not"),
    create_property: definitionSchema.optional(),
    description: z.string().optional(),
  })
  .describe("One field: where it flows and under which rule");

/** One field as the file writes it. */
export type Mapping = z.infer<typeof mappingSchema>;
/** A property to create, as the file writes it. */
export type WrittenDefinition = z.infer<typeof definitionSchema>;

const sectionSchema = z.record(z.string().regex(FIELD), mappingSchema);

const fileSchema = z.strictObject({
  $schema: z.string().optional(),
  contacts: sectionSchema.optional().describe("Contacts; HubSpot's side are contacts"),
  customers: sectionSchema.optional().describe("Customers; HubSpot's side are companies"),
});

/** The JSON Schema of field-map.json, for editors. */
export function fieldMapJsonSchema(): Readonly<Record<string, unknown>> {
  return { title: "Field map of hubspot-sync", ...z.toJSONSchema(fileSchema, { io: "input" }) };
}
