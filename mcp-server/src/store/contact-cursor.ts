/** Where a page of a query ended, as an opaque text that only fits the query it came from. */
import { createHash } from "node:crypto";
import { AppError } from "../core/errors.ts";
import type { ContactQuery } from "../ports/contact-store.ts";

/** The last row of a page: its value in the sort column (null sorts last) and its id. */
export interface PageEnd {
  readonly value: string | number | null;
  readonly id: number;
}

/** The cursor for the page after `end`. */
export function writeCursor(query: ContactQuery, end: PageEnd): string {
  return Buffer.from(JSON.stringify([fingerprint(query), end.value, end.id])).toString("base64url");
}

/** Throws `input` when the cursor is not one, or belongs to another filter, search or order. */
export function readCursor(query: ContactQuery, cursor: string): PageEnd {
  const parts = parse(cursor);
  if (parts?.print !== fingerprint(query)) {
    throw new AppError(
      "input",
      "This cursor does not belong to this query. Repeat the filter, search and sort that it came from, or leave the cursor out to start at the first page.",
      { code: "CURSOR_MISMATCH" },
    );
  }
  return parts.end;
}

function parse(cursor: string): { readonly print: string; readonly end: PageEnd } | null {
  const read = parseJson(Buffer.from(cursor, "base64url").toString("utf8"));
  if (!Array.isArray(read)) return null;
  const [print, value, id]: unknown[] = read;
  if (typeof print !== "string" || !isSortValue(value)) return null;
  return typeof id === "number" && Number.isSafeInteger(id) ? { print, end: { value, id } } : null;
}

function isSortValue(value: unknown): value is PageEnd["value"] {
  return value === null || typeof value === "string" || Number.isFinite(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fingerprint(query: ContactQuery): string {
  const filter = Object.entries(query.filter).sort(([a], [b]) => (a < b ? -1 : 1));
  const asked = [
    filter,
    query.search ?? "",
    query.sort?.field ?? "",
    query.sort?.descending ?? false,
  ];
  return createHash("sha256").update(JSON.stringify(asked)).digest("base64url").slice(0, 12);
}
