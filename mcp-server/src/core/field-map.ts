/** The field map: which field flows where, under which rule; parsed and checked with every mistake named at once. */
import { digest } from "./digest.ts";
import { AppError } from "./errors.ts";
import { entryMistakes, mappingMistakes, mappingWarnings } from "./field-map-checks.ts";
import { keyColumn } from "./field-map-columns.ts";
import { changeWarning, type Entry, entriesOf } from "./field-map-entries.ts";
import { definitionOf, type PropertyDefinition } from "./field-map-property.ts";
import { type Section, sections } from "./field-map-schema.ts";
import { readMapText, type WrittenField, type WrittenMap } from "./field-map-text.ts";
import { missingKeyMistakes, sectionMistakes, sectionWarnings } from "./field-map-whole.ts";
import type { FieldPolicy, Strategy } from "./merge.ts";
import { shortened } from "./text.ts";
import type { TransformName } from "./transforms.ts";
import type { ValueType } from "./value-types.ts";

/** The kinds of local record that have a map; customers are companies in HubSpot. */
export const mappedObjects = sections;
export type MappedObject = Section;

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
 * Parses the text of field-map.json. A section that is missing has no fields.
 *
 * @param file how the file is called in messages
 * @throws AppError `input` that lists every mistake with the field's name and the mend
 */
export function parseFieldMap(text: string, file: string): FieldMaps {
  const read = readMapText(text, file);
  const { fields } = read;
  const entries = fields.flatMap(({ object, field, written }) => entriesOf(object, field, written));
  const wrong = [...read.mistakes, ...mistakesOf(read, entries)];
  if (wrong.length > 0) throw invalid(file, wrong);
  const rules = (object: MappedObject): FieldMap => mapOf(object, entries);
  const maps = { contacts: rules("contacts"), customers: rules("customers") };
  return { ...maps, version: versionOf(maps), warnings: warningsOf(fields, entries) };
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

function mistakesOf({ fields, unread }: WrittenMap, entries: readonly Entry[]): string[] {
  const wrong = [
    ...fields.map((one) => ({ ...one, texts: mappingMistakes(one.written) })),
    ...entries.map((one) => ({ ...one, texts: entryMistakes(one) })),
  ].filter(({ texts }) => texts.length > 0);
  // A key whose entry has a mistake is not missing.
  const keyed = [
    ...unread,
    ...wrong.map(({ written, ...one }) => ({ ...one, column: written.warp_field })),
  ].filter(({ object, field, column }) => [field, column].includes(keyColumn(object)));
  return [
    ...wrong.flatMap((one) => one.texts.map((text) => named(one, text))),
    ...sections.flatMap((object) => sectionMistakes(of(object, entries))),
    ...sections
      .filter((object) => !keyed.some((one) => one.object === object))
      .flatMap((object) => missingKeyMistakes(object, of(object, entries))),
  ];
}

function warningsOf(fields: readonly WrittenField[], entries: readonly Entry[]): string[] {
  return [
    ...fields.flatMap((one) => mappingWarnings(one.written).map((text) => named(one, text))),
    ...entries.flatMap((one) => changeWarning(one) ?? []),
    ...sections.flatMap((object) => sectionWarnings(object, of(object, entries))),
  ];
}

function of(object: MappedObject, entries: readonly Entry[]): readonly Entry[] {
  return entries.filter((entry) => entry.object === object);
}

function named({ object, field }: { object: MappedObject; field: string }, text: string): string {
  return `${object}.${field}: ${text}`;
}

function mapOf(object: MappedObject, entries: readonly Entry[]): FieldMap {
  const rules = of(object, entries).map(toRule);
  return { object, rules, properties: [...new Set(rules.map((rule) => rule.property))] };
}

function toRule(entry: Entry): FieldRule {
  const { field, property, path, type, written } = entry;
  return {
    field,
    property,
    path,
    type,
    direction: written.sync_direction,
    strategy: strategyOf(entry),
    clears: written.propagate_clear ?? false,
    transform: written.transform ?? null,
    enumValues: written.enum_values ?? null,
    realTime: written.update_frequency === "real-time",
    createProperty: definitionOf(entry),
  };
}

/** Only two-way fields can meet a conflict; for the others the direction itself is the strategy. */
function strategyOf({ written: { sync_direction, conflict_resolution } }: Entry): Strategy {
  if (sync_direction === "BIDIRECTIONAL" && conflict_resolution) return conflict_resolution;
  return sync_direction === "WARP_TO_HUBSPOT" ? "WARP_WINS" : "HUBSPOT_WINS";
}

/** Neither the order of fields nor what people read about them can change a plan. */
function versionOf(maps: Readonly<Record<MappedObject, FieldMap>>): string {
  const lines = sections.flatMap((object) =>
    maps[object].rules.map((rule) =>
      JSON.stringify([
        object,
        rule.field,
        rule.property,
        rule.path,
        rule.type,
        rule.direction,
        rule.strategy,
        rule.clears,
        rule.transform,
        rule.enumValues?.toSorted() ?? null,
        rule.createProperty !== null,
      ]),
    ),
  );
  return digest(lines.sort().join("\n"));
}

// More than anybody reads at once; a file that is no field map at all has thousands of them.
const MAX_TOLD = 40;
const MAX_LINE = 600;
const SHOWN_OF_NAME = 100;
const MEND = 400;

function invalid(file: string, mistakes: readonly string[]): AppError {
  const told = mistakes.slice(0, MAX_TOLD).map(readable);
  const more = mistakes.length - told.length;
  const rest = more > 0 ? `\n- the file: ${more} more mistakes; correct these first` : "";
  return new AppError(
    "input",
    `${file} has ${mistakes.length} mistake(s):\n- ${told.join("\n- ")}${rest}`,
    { code: "INVALID_FIELD_MAP", details: { mistakes: told } },
  );
}

/** Any name of the file may be as long as the file. The place stands before the first colon, and the mend at the end. */
function readable(mistake: string): string {
  if (mistake.length <= MAX_LINE) return mistake;
  const colon = mistake.indexOf(": ");
  const place = shortened(mistake.slice(0, colon), SHOWN_OF_NAME);
  const said = mistake.slice(colon);
  if (said.length <= SHOWN_OF_NAME + MEND) return `${place}${said}`;
  return `${place}${said.slice(0, SHOWN_OF_NAME)} … ${said.slice(-MEND)}`.toWellFormed();
}
