/** Header names of an input: compared without case and punctuation, made unique, and shown in messages. */
import { AppError } from "./errors.ts";
import { cleanText } from "./text.ts";

/** A name without case, accents, spaces and punctuation: `E-Mail Address` → `emailaddress`. */
export function headerKey(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/** The names cleaned, unique and safe as keys: `Notes`, `Notes (2)`; a column without a name becomes `Column 3`. */
export function uniqueNames(header: readonly string[]): readonly string[] {
  const used = new Set<string>();
  // Where counting goes on for a name: a header may repeat one name a hundred thousand times.
  const reached = new Map<string, number>();
  return header.map((raw, index) => {
    const clean = cleanText(raw, 200) ?? `Column ${index + 1}`;
    // Assigning to this key of an object would set its prototype and lose the value.
    const name = clean === "__proto__" ? "proto" : clean;
    let unique = name;
    let n = reached.get(name) ?? 1;
    while (used.has(unique)) {
      n += 1;
      unique = `${name} (${n})`;
    }
    reached.set(name, n);
    used.add(unique);
    return unique;
  });
}

/** Where the column stands, by its very name first and then without case and punctuation; -1 when there is none. */
export function findColumn(names: readonly string[], column: string): number {
  const exact = names.indexOf(column);
  return exact >= 0 ? exact : names.findIndex((name) => headerKey(name) === headerKey(column));
}

/** An `input` error about a column that column_map names and the input does not have. */
export function unknownColumn(column: string, names: readonly string[]): AppError {
  return new AppError(
    "input",
    `column_map names the column "${shownName(column)}", which the input does not have. Its columns are: ${listNames(names)}.`,
    { code: "UNKNOWN_COLUMN", details: { columns: firstNames(names) } },
  );
}

const LISTED = 40;

/** The names for an error's details, the first ones of many, each fit to be shown. */
export function firstNames(names: readonly string[]): readonly string[] {
  return names.slice(0, LISTED).map(shownName);
}

/** The names in quotes, the first ones of many. */
export function listNames(names: readonly string[]): string {
  const first = firstNames(names).map((name) => `"${name}"`);
  return names.length > LISTED
    ? `${first.join(", ")} and ${names.length - LISTED} more`
    : first.join(", ");
}

/** Header text is foreign: bounded and cleaned before it appears in a sentence of ours. */
export function shownName(text: string): string {
  return cleanText(text.replaceAll('"', "'"), 60) ?? "";
}

/** Column name → our field, and the names that mean none, for the report. */
export function describeColumns(
  columns: readonly { readonly name: string; readonly target: string | null }[],
): {
  readonly mapped: Readonly<Record<string, string>>;
  readonly unknown: readonly string[];
} {
  const mapped = columns.flatMap(({ name, target }) =>
    target === null ? [] : [[name, target] as const],
  );
  return {
    mapped: Object.fromEntries(mapped),
    unknown: columns.filter(({ target }) => target === null).map(({ name }) => name),
  };
}
