/** Finds rows whose texts may contain one of many terms. */
import { type Expression, type SqlBool, sql } from "kysely";
import { anyOf, likePatterns } from "./text-search.ts";

// SQLite refuses a condition of more than a thousand parts.
const TERMS_AT_ONCE = 100;

/**
 * Conditions that together meet every row in which one of the columns contains one of the terms, in JSON or plain; rows may be met
 * twice, and some name something longer. No term, no condition.
 */
export function mentioning(
  columns: readonly string[],
  terms: readonly string[],
): readonly Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [];
  const atOnce = Math.max(1, Math.floor(TERMS_AT_ONCE / columns.length));
  for (let at = 0; at < terms.length; at += atOnce) {
    const patterns = terms.slice(at, at + atOnce).flatMap(patternsOf);
    conditions.push(
      anyOf(
        columns.flatMap((column) =>
          patterns.map((pattern) => sql`lower(${sql.ref(column)}) like ${pattern} escape '\\'`),
        ),
      ),
    );
  }
  return conditions;
}

/** JSON writes some letters of a term differently. */
function patternsOf(term: string): readonly string[] {
  const inJson = JSON.stringify(term).slice(1, -1);
  return [...new Set([...likePatterns(term), ...likePatterns(inJson)])];
}
