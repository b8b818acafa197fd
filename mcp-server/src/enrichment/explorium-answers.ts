/** Explorium's answers as they come over the wire, parsed leniently, and turned into our own names. */
import { z } from "zod";
import type { Firmographics } from "../core/company.ts";
import { countryCode } from "../core/country.ts";
import { cleanText } from "../core/text.ts";

const creditUsage = z
  .object({ total_credits: z.number().min(0).max(1e9) })
  .nullish()
  .catch(null);

/** POST /v1/businesses/match. A row without a match has a null id; one that failed by itself has `error`. */
export const matchAnswer = z.object({
  matched_businesses: z.array(
    z.object({
      input: z.object({ domain: z.string().nullish(), name: z.string().nullish() }),
      business_id: z.string().nullish(),
      error: z.unknown().optional(),
    }),
  ),
  credit_usage: creditUsage,
});

/** POST /v1/businesses/<enrichment>/bulk_enrich: rows in any order, some missing, some twice. */
export const bulkAnswer = z.object({
  data: z.array(
    z.object({
      business_id: z.string(),
      data: z.record(z.string(), z.unknown()).nullish().catch(null),
    }),
  ),
  credit_usage: creditUsage,
});

const text = z.string().nullish().catch(null);
// The schema says text, one table of the documentation says object: take both.
const range = z
  .union([
    z.string(),
    z
      .object({ min: z.number().nullish(), max: z.number().nullish() })
      .transform(({ min, max }) => rangeLabel(min ?? null, max ?? null)),
  ])
  .nullish()
  .catch(null);

const firmographicsRow = z.object({
  name: text,
  business_description: text,
  website: text,
  country_name: text,
  region_name: text,
  city_name: text,
  linkedin_industry_category: text,
  naics_description: text,
  number_of_employees_range: range,
  yearly_revenue_range: range,
  linkedin_profile: text,
});

function rangeLabel(min: number | null, max: number | null): string | null {
  if (min === null) return max === null ? null : `0-${max}`;
  return max === null ? `${min}+` : `${min}-${max}`;
}

const MAX_NAME = 256;
const MAX_DESCRIPTION = 2_000;
const MAX_TECHNOLOGIES = 200;

/** A company's rows of all enrichments as firmographics; null when the rows hold nothing at all. */
export function toFirmographics(
  row: Readonly<Record<string, unknown>> | null,
  technographics: Readonly<Record<string, unknown>> | null,
): Firmographics | null {
  if (row === null && technographics === null) return null;
  const known = firmographicsRow.parse(row ?? {});
  return {
    name: tidy(known.name, MAX_NAME),
    description: tidy(known.business_description, MAX_DESCRIPTION),
    website: tidy(known.website, MAX_NAME),
    country: known.country_name ? countryCode(known.country_name) : null,
    region: tidy(known.region_name, MAX_NAME),
    city: tidy(known.city_name, MAX_NAME),
    industry: tidy(known.linkedin_industry_category ?? known.naics_description, MAX_NAME),
    employees_range: tidy(known.number_of_employees_range, MAX_NAME),
    revenue_range: tidy(known.yearly_revenue_range, MAX_NAME),
    linkedin_url: tidy(known.linkedin_profile, MAX_NAME),
    technologies: technologies(technographics),
  };
}

function technologies(row: Readonly<Record<string, unknown>> | null): readonly string[] {
  const stack = z.array(z.string()).safeParse(row?.["full_tech_stack"]);
  if (!stack.success) return [];
  return stack.data.slice(0, MAX_TECHNOLOGIES).flatMap((name) => tidy(name, MAX_NAME) ?? []);
}

function tidy(value: string | null | undefined, maxLength: number): string | null {
  return value ? cleanText(value, maxLength) : null;
}
