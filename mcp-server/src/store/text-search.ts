/** Finding texts by a part of them, without regard to case, alike on both engines. */
import { type Expression, type SqlBool, sql } from "kysely";

/** Patterns for `lower(column) like pattern escape '\\'` that match what contains the text in any of its spellings. */
export function likePatterns(text: string): readonly string[] {
  return spellings(text).map((spelling) => `%${escapeLike(spelling)}%`);
}

/** One of the conditions holds; there must be one. */
export function anyOf(conditions: readonly Expression<unknown>[]): Expression<SqlBool> {
  return sql<SqlBool>`(${sql.join([...conditions], sql` or `)})`;
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/gu, String.raw`\$&`);
}

/**
 * The ways in which a text may be stored. lower() folds only ASCII letters on SQLite, and on PostgreSQL with our columns'
 * byte order, so letters beyond ASCII are tried as small, capital and initial: "özil" finds Özil and ÖZIL.
 */
export function spellings(text: string): readonly string[] {
  // No stored text holds a NUL, and SQLite's like would end the pattern there: "%" and nothing more matches everybody.
  const small = text.replaceAll("\0", "\uFFFD").normalize("NFC").toLowerCase();
  const initial = small.replaceAll(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase());
  return [...new Set([small, small.toUpperCase(), initial].map(lowerAscii))];
}

function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase());
}
