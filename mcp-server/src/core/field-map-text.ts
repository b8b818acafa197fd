/** From the text of field-map.json to its mappings, with everything that is wrong with its shape. */
import type { z } from "zod";
import { AppError } from "./errors.ts";
import {
  isFieldName,
  type Mapping,
  mappingSchema,
  type Section,
  sections,
} from "./field-map-schema.ts";
import { repeatedKeys } from "./json-keys.ts";

/** A mapping that has the right shape. */
export interface WrittenField {
  readonly object: Section;
  readonly field: string;
  readonly written: Mapping;
}

/** A field that cannot be read. `column` is its `warp_field`, whatever stands there. */
export interface UnreadField {
  readonly object: Section;
  readonly field: string;
  readonly column: unknown;
}

/** What a text holds: the fields with the right shape in the order of the file, those without, and a sentence for each mistake. */
export interface WrittenMap {
  readonly fields: readonly WrittenField[];
  readonly unread: readonly UnreadField[];
  readonly mistakes: readonly string[];
}

/**
 * Reads the text.
 *
 * @param file how the file is called in messages
 * @throws AppError `input` when it is no JSON object, so that nothing more can be said about it
 */
export function readMapText(text: string, file: string): WrittenMap {
  // Editors on Windows put a mark before the first character.
  const json = text.replace(/^\uFEFF/, "").trim();
  const parsed = json === "" ? undefined : parseJson(json, file);
  if (!isObject(parsed)) throw noObject(file, json);
  const found: Found = { fields: [], unread: [] };
  const mistakes = repeatedKeys(text).map(
    (path) => `${path}: stands there twice, and only the last one counts; remove one`,
  );
  for (const [name, content] of Object.entries(parsed)) {
    const object = sections.find((section) => section === name);
    if (object !== undefined) mistakes.push(...readSection(object, content, found));
    else if (name !== "$schema") mistakes.push(unknownSection(name));
  }
  if (found.fields.length === 0 && mistakes.length === 0) mistakes.push(noFields);
  return { ...found, mistakes };
}

interface Found {
  readonly fields: WrittenField[];
  readonly unread: UnreadField[];
}

const noFields = `no field is mapped; add the sections ${sections.join(" and ")} with their fields, such as those of the field-map.json that comes with hubspot-sync`;

function noObject(file: string, json: string): AppError {
  const why = json === "" ? "; it is empty" : "";
  return new AppError(
    "input",
    `${file} must be a JSON object with the sections ${sections.join(" and ")}${why}.`,
    { code: "INVALID_FIELD_MAP" },
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("input", `${file} is not valid JSON; check for a missing comma or quote.`, {
      cause,
      code: "INVALID_FIELD_MAP",
    });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownSection(name: string): string {
  return `${name}: is no section; the sections are ${sections.join(" and ")}, and fields stand inside of them`;
}

/** Adds the fields of a section, and returns what is wrong with their shape. */
function readSection(object: Section, content: unknown, found: Found): readonly string[] {
  if (!isObject(content)) {
    return [`${object}: must be an object of fields; write {} when there are none`];
  }
  return Object.entries(content).flatMap(([field, value]) => {
    const parsed = mappingSchema.safeParse(value);
    const name = isFieldName(field)
      ? []
      : [
          "a field's name is up to 64 letters, digits, _ and -, and begins with a letter; rename it",
        ];
    const wrong = [...name, ...(parsed.error?.issues.flatMap(shapeMistakes) ?? [])];
    if (parsed.success && name.length === 0)
      found.fields.push({ object, field, written: parsed.data });
    else found.unread.push({ object, field, column: isObject(value) ? value["warp_field"] : null });
    return wrong.map((mistake) => `${object}.${field}: ${mistake}`);
  });
}

function shapeMistakes(issue: z.core.$ZodIssue): readonly string[] {
  const key = issue.path.join(".") || "the field";
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map(
        (unknown) =>
          `${unknown} is no key of a field; the keys are ${keysAt(issue.path).join(", ")}`,
      );
    case "invalid_value":
      return [`${key} is not known; write one of ${issue.values.map(String).join(", ")}`];
    case "invalid_type":
      return [typeMistake(key, issue)];
    default:
      return [`${key} ${issue.message}`];
  }
}

function typeMistake(key: string, issue: z.core.$ZodIssueInvalidType): string {
  // The default message is the only place that tells a missing value from a wrong one.
  const isMissing = issue.message.endsWith("received undefined");
  const kind = issue.expected === "record" ? "object" : issue.expected;
  return isMissing
    ? `${key} is missing; add it`
    : `${key} must be of JSON type ${kind}; correct it`;
}

function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const { create_property, ...shape } = mappingSchema.shape;
  const inner = path[0] === "create_property" ? create_property.unwrap().shape : undefined;
  if (path.length > 1) return ["label", "value"];
  return Object.keys(inner ?? { ...shape, create_property });
}
