/** The values of a mapped field as either side holds them: in the form that compares, with why one may not travel. */
import { asWritten, canonical, toWire } from "./canonical.ts";
import type { FieldRule } from "./field-map.ts";
import { transformOf } from "./transforms.ts";
import { isDay, isInstant } from "./value-calendar.ts";
import { isPlainDecimal } from "./value-decimal.ts";
import type { CanonicalValue, ValueType } from "./value-types.ts";

/**
 * `value` is canonical in the local side's form; undefined = that side did not say. `problem` is why the value may not be taken over by the
 * other side, with the mend and without the value itself; null when it may. A value with a problem is its trimmed text: it still compares.
 */
export interface RuleValue {
  readonly value: CanonicalValue | undefined;
  readonly problem: string | null;
}

/** What a rule needs of itself to read and write values. */
export type ValueRule = Pick<FieldRule, "type" | "transform" | "enumValues">;

// One object for the many: a plan reads every field of every record twice.
const unsaid: RuleValue = { value: undefined, problem: null };
const empty: RuleValue = { value: null, problem: null };

/** Reads HubSpot's text of a property. Listed values are told apart without regard to case and take the listed spelling. */
export function readRemote(rule: ValueRule, text: string | null | undefined): RuleValue {
  if (text === undefined) return unsaid;
  if (rule.transform === null) return judged(rule, text);
  const trimmed = asWritten(text);
  if (trimmed === null) return empty;
  const converted = transformOf(rule.transform).toLocal(trimmed);
  return converted === undefined
    ? { value: trimmed, problem: unconvertible(rule.transform) }
    : judged(rule, converted);
}

/** Reads the local value that the rule's path led to. What no plain text can stand for keeps its JSON text as its value, and has a problem. */
export function readLocal(rule: ValueRule, raw: unknown): RuleValue {
  if (raw === undefined) return unsaid;
  const read = shaped(rule.type, raw, judged(rule, raw));
  if (rule.transform === null || read.problem !== null || typeof read.value !== "string") {
    return read;
  }
  const { toRemote } = transformOf(rule.transform);
  return toRemote !== null && toRemote(read.value) === undefined
    ? { value: read.value, problem: unconvertible(rule.transform) }
    : read;
}

/**
 * The text HubSpot is sent for a canonical local value without a problem; "" clears the property. A one-way transform, which the field map
 * lets nobody push through, leaves it as it is.
 */
export function writeRemote(rule: ValueRule, value: CanonicalValue): string {
  if (value === null || rule.transform === null) return toWire(rule.type, value);
  return transformOf(rule.transform).toRemote?.(value) ?? toWire(rule.type, value);
}

function shaped(type: ValueType, raw: unknown, read: RuleValue): RuleValue {
  if (typeof raw === "string" || typeof read.value !== "string") return read;
  const problem = shapeProblem(type, raw);
  return problem === null ? read : { value: read.value, problem };
}

/** HubSpot would store the JSON of it, or the word Infinity, as if somebody had written that. */
function shapeProblem(type: ValueType, raw: unknown): string | null {
  if (!Array.isArray(raw)) return isPlain(raw) ? null : notPlain(raw);
  if (type !== "list" && type !== "set") return "it is a JSON array; use type list or set";
  return raw.every(isPlain)
    ? null
    : "an item of it is no plain value; write texts, numbers, true or false";
}

/** A number too large to be read is infinite. */
function isPlain(raw: unknown): boolean {
  return raw === null || (typeof raw === "number" ? Number.isFinite(raw) : typeof raw !== "object");
}

function notPlain(raw: unknown): string {
  return typeof raw === "number"
    ? "it is a number too large to be read; write a smaller one, or text"
    : "it is a JSON object; write a plain value";
}

function judged(rule: ValueRule, raw: unknown): RuleValue {
  const value = canonical(rule.type, raw);
  if (value === undefined) return unsaid;
  if (value === null) return empty;
  if (rule.enumValues !== null) return listed(rule.type, rule.enumValues, value);
  return { value, problem: isOfType(rule.type, value) ? null : notOfType(rule.type) };
}

/** HubSpot refuses a property's value of these types when it is written otherwise; the others take any text. */
function isOfType(type: ValueType, value: string): boolean {
  switch (type) {
    case "number":
      return isPlainDecimal(value);
    case "boolean":
      return value === "true" || value === "false";
    case "date":
      return isDay(value);
    case "datetime":
      return isInstant(value);
    case "text":
    case "email":
    case "phone":
    case "country":
    case "url":
    case "list":
    case "set":
      return true;
  }
}

const shapes: Partial<Readonly<Record<ValueType, string>>> = {
  number: "a number without separators",
  boolean: "true or false",
  date: "a day as YYYY-MM-DD",
  datetime: "a time as ISO-8601 with its zone",
};

function notOfType(type: ValueType): string {
  return `it is no ${type}; write ${shapes[type] ?? "another value"}`;
}

function unconvertible(transform: string): string {
  return `${transform} cannot convert it; write a value that it can`;
}

function listed(type: ValueType, enumValues: readonly string[], value: string): RuleValue {
  const spellings = spellingsOf(enumValues);
  const items = type === "set" ? value.split(";") : [value];
  const found = items.map((item) => spellings.get(item.toLowerCase()));
  if (found.includes(undefined)) return { value, problem: notListed(enumValues) };
  return {
    value: type === "set" ? [...new Set(found)].sort().join(";") : (found[0] ?? value),
    problem: null,
  };
}

const spellingsByList = new WeakMap<readonly string[], ReadonlyMap<string, string>>();

function spellingsOf(enumValues: readonly string[]): ReadonlyMap<string, string> {
  const known = spellingsByList.get(enumValues);
  if (known !== undefined) return known;
  const spellings = new Map(enumValues.map((spelling) => [spelling.toLowerCase(), spelling]));
  spellingsByList.set(enumValues, spellings);
  return spellings;
}

function notListed(enumValues: readonly string[]): string {
  return `it is none of enum_values (${enumValues.join(", ")}); write one of them or add it to the map`;
}
