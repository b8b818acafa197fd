/** Which HubSpot contacts an import means: conditions in HubSpot's own words, or our field names in a simple form. */
import { z } from "zod";

// HubSpot docs, search: at most 6 filters in a group (read 2026-11); one is kept for paging past 10,000 results.
const MAX_CONDITIONS = 5;

const operators = [
  "EQ",
  "NEQ",
  "LT",
  "LTE",
  "GT",
  "GTE",
  "IN",
  "HAS_PROPERTY",
  "NOT_HAS_PROPERTY",
  "CONTAINS_TOKEN",
] as const;

const conditionSchema = z
  .strictObject({
    property: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,99}$/, "write HubSpot's internal name, e.g. lifecyclestage")
      .describe("HubSpot property, e.g. lifecyclestage"),
    operator: z.enum(operators).default("EQ"),
    value: z.string().max(3_000).optional(),
    values: z.array(z.string().max(500)).min(1).max(100).optional().describe("For IN only"),
  })
  .refine(
    (condition) => hasItsValue(condition),
    "IN needs values, HAS_PROPERTY and NOT_HAS_PROPERTY need neither, every other operator needs value",
  );

/**
 * Conditions that all must hold. Besides the list itself, one condition alone and a plain object such as
 * `{"lifecyclestage": "lead", "country": ["Germany", "Austria"]}` (equal, or one of) are understood.
 */
export const crmConditionsSchema = z.preprocess(
  asConditions,
  z.array(conditionSchema).max(MAX_CONDITIONS),
);

// What people call a field here → what HubSpot calls it.
const hubspotNames: Readonly<Record<string, string>> = {
  first_name: "firstname",
  last_name: "lastname",
  job_title: "jobtitle",
  domain: "hs_email_domain",
  updated_since: "lastmodifieddate",
};

function asConditions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inHubspotWords);
  if (value === null || typeof value !== "object") return value;
  if ("property" in value) return [inHubspotWords(value)];
  if ("filters" in value) return asConditions(value.filters);
  return Object.entries(value).map(([name, wanted]) => equality(name, wanted));
}

function inHubspotWords(condition: unknown): unknown {
  if (condition === null || typeof condition !== "object" || !("property" in condition)) {
    return condition;
  }
  const { property } = condition;
  return typeof property === "string"
    ? { ...condition, property: hubspotName(property) }
    : condition;
}

function equality(name: string, wanted: unknown): unknown {
  const property = hubspotName(name);
  if (Array.isArray(wanted)) return { property, operator: "IN", values: wanted.map(String) };
  return { property, operator: operatorFor(name), value: String(wanted) };
}

function operatorFor(name: string): (typeof operators)[number] {
  if (name === "updated_since") return "GTE";
  return name === "job_title" ? "CONTAINS_TOKEN" : "EQ";
}

function hubspotName(name: string): string {
  return Object.hasOwn(hubspotNames, name) ? (hubspotNames[name] ?? name) : name;
}

function hasItsValue(condition: {
  readonly operator: (typeof operators)[number];
  readonly value?: string | undefined;
  readonly values?: readonly string[] | undefined;
}): boolean {
  const { operator, value, values } = condition;
  if (operator === "IN") return values !== undefined && value === undefined;
  if (operator === "HAS_PROPERTY" || operator === "NOT_HAS_PROPERTY") {
    return value === undefined && values === undefined;
  }
  return value !== undefined && values === undefined;
}
