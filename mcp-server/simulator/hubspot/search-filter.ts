/** Search filters: parsing with HubSpot's complaints, and matching against indexed values. */
import { asObject } from "./call.ts";
import { invalid, unreadable } from "./errors.ts";
import type { PropertyDefinition } from "./property-store.ts";
import type { Values } from "./records.ts";
import { parseTime } from "./value-rules.ts";

/** One parsed filter. */
export type Filter = {
  readonly property: string;
  readonly operator: string;
  readonly value: string;
  readonly highValue: string;
  readonly values: readonly string[];
};

/** A filter made ready: takes the values of one record. */
export type Matcher = (values: Values) => boolean;

const NEEDS_VALUE = ["EQ", "NEQ", "LT", "LTE", "GT", "GTE", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"];
const OPERATORS = [...NEEDS_VALUE, "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"];
const FILTER_CLASS = "com.hubspot.inbounddb.publicobject.core.v3.search.Filter";

function problem(text: string): Error {
  return unreadable(`Cannot construct instance of \`${FILTER_CLASS}\`, problem: ${text}`);
}

function checkOperands(operator: string, row: Record<string, unknown>): void {
  if (!OPERATORS.includes(operator))
    throw unreadable(
      `Cannot deserialize value of type \`${FILTER_CLASS}$Operator\` from String "${operator}": not one of the values accepted for Enum class: [${OPERATORS.join(", ")}]`,
    );
  const values = Array.isArray(row["values"]) ? row["values"] : [];
  if (["IN", "NOT_IN"].includes(operator) && values.length === 0)
    throw problem(`operator ${operator} requires values`);
  const lacksValue = row["value"] === undefined || row["value"] === null;
  if (lacksValue && (NEEDS_VALUE.includes(operator) || operator === "BETWEEN"))
    throw problem(`operator ${operator} requires a value`);
  if (operator === "BETWEEN" && row["highValue"] === undefined)
    throw problem("operator BETWEEN requires a highValue");
}

/** Parses one filter of the body. */
export function parseFilter(given: unknown): Filter {
  const row = asObject(given);
  const missing = ["propertyName", "operator"].filter((name) => typeof row[name] !== "string");
  if (missing.length > 0)
    throw unreadable(
      `Cannot build Filter, some of required attributes are not set [${missing.join(", ")}]`,
    );
  const operator = String(row["operator"]);
  if (Array.isArray(row["value"]))
    throw unreadable("Cannot deserialize instance of `java.lang.String` out of START_ARRAY token");
  checkOperands(operator, row);
  return {
    property: String(row["propertyName"]),
    operator,
    value: String(row["value"] ?? ""),
    highValue: String(row["highValue"] ?? ""),
    values: Array.isArray(row["values"]) ? row["values"].map(String) : [],
  };
}

type Kind = "number" | "time" | "exact" | "text";

function kindOf(definition: PropertyDefinition): Kind {
  if (definition.type === "number") return "number";
  if (definition.type === "date" || definition.type === "datetime") return "time";
  return definition.type === "enumeration" || definition.type === "bool" ? "exact" : "text";
}

/** A value in the form in which it is compared; NaN where it has none. */
function comparable(kind: Kind, value: string): number | string {
  if (kind === "number") return value === "" ? Number.NaN : Number(value);
  if (kind === "time") return parseTime(value) ?? Number.NaN;
  return kind === "text" ? value.toLowerCase() : value;
}

function tokensOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}*]+/u)
    .filter((token) => token !== "");
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern.toLowerCase().replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*")}$`, "u");
}

/** Whether the text holds the given token; `*` stands for any characters. */
function containsToken(pattern: string): (text: string) => boolean {
  const whole = wildcard(pattern);
  const parts = tokensOf(pattern).map(wildcard);
  return (text) => {
    const lower = text.toLowerCase();
    if (whole.test(lower) || lower.split(/\s+/).some((word) => whole.test(word))) return true;
    if (pattern.includes("*") && parts.length > 1) return false;
    const tokens = tokensOf(lower);
    return parts.length > 0 && parts.every((part) => tokens.some((token) => part.test(token)));
  };
}

/**
 * IN and NOT_IN on text compare with the values as given: the index is lower-cased, they are not,
 * so a value with capitals never matches. HubSpot docs, search, read 2026-04.
 */
function listed(kind: Kind, values: readonly string[]): (value: string) => boolean {
  const set = new Set(values.map((value) => (kind === "text" ? value : comparable(kind, value))));
  return (value) => set.has(comparable(kind, value));
}

type Test = (value: string) => boolean;

/** Reads values for comparison. Records of one mass edit share a time, which is parsed once. */
function reader(kind: Kind): (value: string) => number | string {
  if (kind !== "time") return (value) => comparable(kind, value);
  let last = { text: "", time: comparable(kind, "") };
  return (text) => {
    if (text !== last.text) last = { text, time: comparable(kind, text) };
    return last.time;
  };
}

function ordering(filter: Filter, kind: Kind): Test | null {
  const bound = comparable(kind, filter.value);
  const high = comparable(kind, filter.highValue);
  const read = reader(kind);
  switch (filter.operator) {
    case "LT":
      return (value) => read(value) < bound;
    case "LTE":
      return (value) => read(value) <= bound;
    case "GT":
      return (value) => read(value) > bound;
    case "GTE":
      return (value) => read(value) >= bound;
    case "BETWEEN":
      return (value) => {
        const own = read(value);
        return own >= bound && own <= high;
      };
    default:
      return null;
  }
}

function equality(filter: Filter, kind: Kind): Test {
  const wanted = comparable(kind, filter.value);
  switch (filter.operator) {
    case "EQ":
      return (value) => comparable(kind, value) === wanted;
    case "NEQ":
      return (value) => comparable(kind, value) !== wanted;
    case "IN":
      return listed(kind, filter.values);
    case "NOT_IN": {
      const isListed = listed(kind, filter.values);
      return (value) => !isListed(value);
    }
    default: {
      const contains = containsToken(filter.value);
      return filter.operator === "CONTAINS_TOKEN" ? contains : (value) => !contains(value);
    }
  }
}

/** Multiple-checkbox values match when any of their options does; so do secondary e-mails. */
function perOption(definition: PropertyDefinition, test: Test, operator: string): Test {
  const isList = definition.fieldType === "checkbox" || definition.name === "hs_additional_emails";
  if (!isList) return test;
  const isNegative = operator.startsWith("N");
  return (value) => {
    const options = value.split(";");
    return isNegative ? options.every(test) : options.some(test);
  };
}

/** 400 when a date or time property is compared with something that is no time. */
function refuseUnreadableTime({ operator, value, highValue, values }: Filter, kind: Kind): void {
  if (kind !== "time" || operator.endsWith("CONTAINS_TOKEN")) return;
  const range = operator === "BETWEEN" ? [value, highValue] : [value];
  const bad = (operator.endsWith("IN") ? values : range).find((one) => parseTime(one) === null);
  if (bad === undefined) return;
  throw invalid("There was a problem with the request.", {
    errors: [{ message: `${bad} was not a valid long.`, code: "INVALID_LONG" }],
  });
}

/** Makes a filter ready. Throws 400 when the property is unknown. */
export function matcherOf(filter: Filter, definition: PropertyDefinition | undefined): Matcher {
  const { property, operator } = filter;
  if (definition === undefined)
    throw invalid("There was a problem with the request.", {
      errors: [{ message: `Property "${property}" does not exist`, code: "PROPERTY_DOESNT_EXIST" }],
    });
  if (operator === "HAS_PROPERTY") return (values) => (values[property] ?? "") !== "";
  if (operator === "NOT_HAS_PROPERTY") return (values) => (values[property] ?? "") === "";
  const kind = kindOf(definition);
  refuseUnreadableTime(filter, kind);
  const test = perOption(definition, ordering(filter, kind) ?? equality(filter, kind), operator);
  // A record without a value matches no comparison, a negative one neither.
  return (values) => {
    const value = values[property] ?? "";
    return value !== "" && test(value);
  };
}
