/** Conditions on contacts: the shared filter and the free-text search, alike on both engines. */
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely";
import { AppError } from "../core/errors.ts";
import type { ContactFilter } from "../core/selection.ts";
import type { Tables } from "./tables.ts";
import { anyOf, likePatterns, spellings } from "./text-search.ts";

type Contacts = ExpressionBuilder<Tables, "contacts">;
type Condition = Expression<SqlBool>;

/** One condition per thing given; all must hold. */
export function filterConditions(eb: Contacts, filter: ContactFilter): readonly Condition[] {
  return [
    ...exactConditions(eb, filter),
    ...rangeConditions(eb, filter),
    ...textConditions(filter),
  ];
}

function exactConditions(eb: Contacts, filter: ContactFilter): readonly Condition[] {
  const found: Condition[] = [];
  if (filter.status !== undefined) found.push(eb("status", "=", filter.status));
  if (filter.source !== undefined) found.push(eb("source", "=", filter.source));
  if (filter.domain !== undefined) found.push(eb("domain", "=", filter.domain.toLowerCase()));
  if (filter.country !== undefined) found.push(eb("country", "=", filter.country.toUpperCase()));
  if (filter.unsubscribed !== undefined) {
    found.push(eb("unsubscribed", "=", filter.unsubscribed ? 1 : 0));
  }
  return found;
}

function rangeConditions(eb: Contacts, filter: ContactFilter): readonly Condition[] {
  const found: Condition[] = [];
  if (filter.min_quality !== undefined) found.push(eb("quality_score", ">=", filter.min_quality));
  if (filter.max_quality !== undefined) found.push(eb("quality_score", "<=", filter.max_quality));
  if (filter.updated_since !== undefined)
    found.push(eb("updated_at", ">=", instant(filter.updated_since)));
  return found;
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** The form in which times are stored, so that comparing texts compares times. */
function instant(text: string): string {
  const time = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new AppError(
    "input",
    "updated_since takes an ISO-8601 time, e.g. 2026-11-21 or 2026-11-21T08:00:00Z.",
  );
}

function textConditions(filter: ContactFilter): readonly Condition[] {
  const found: Condition[] = [];
  if (filter.company !== undefined) {
    found.push(anyOf(spellings(filter.company).map((text) => sql`lower(company) = ${text}`)));
  }
  for (const word of words(filter.job_title ?? "")) found.push(contains(["job_title"], word));
  return found;
}

/** The search text inside e-mail, one of the names, the full name or the company. */
export function searchCondition(search: string): Condition {
  const columns = [
    "email",
    "company",
    "coalesce(first_name, '') || ' ' || coalesce(last_name, '')",
  ];
  return contains(columns, search.trim());
}

/** `columns` are our own words, never a caller's. */
function contains(columns: readonly string[], text: string): Condition {
  const patterns = likePatterns(text);
  return anyOf(
    columns.flatMap((column) =>
      patterns.map((pattern) => sql`lower(${sql.raw(column)}) like ${pattern} escape '\\'`),
    ),
  );
}

function words(text: string): readonly string[] {
  return text.split(/\s+/u).filter((word) => word !== "");
}
