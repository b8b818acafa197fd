/** Finds and removes what names a person in texts that were written about other things. */

/** What stands where a person was named. */
export const ERASED = "[erased]";

/** What names one person and nobody else, wherever it stands. */
export interface PersonTraces {
  /** Lower-case, each once. */
  readonly terms: readonly string[];
  /** Whether a text names the person; of a JSON text, whether any string or key in it does. */
  areIn(text: string): boolean;
  /** The text without them; a JSON text keeps its shape. */
  removedFrom(text: string): string;
}

/**
 * Traces for terms such as addresses and numbers. Case does not matter; a term inside a longer one is somebody else's: erasing
 * bo@example.com leaves jimbo@example.com alone.
 */
export function personTraces(given: Iterable<string>): PersonTraces {
  const terms = [...new Set([...given].map((term) => term.trim().toLowerCase()))].filter(
    (term) => term !== "",
  );
  const pattern = namesAny(terms);
  const cleanString = (text: string) => text.replaceAll(pattern, ERASED);
  return {
    terms,
    areIn: (text) => terms.length > 0 && removed(text, cleanString) !== removed(text, asItIs),
    removedFrom: (text) => (terms.length > 0 ? removed(text, cleanString) : text),
  };
}

/** A full stop may end a sentence after an address; the address goes on when a letter follows it. */
function namesAny(terms: readonly string[]): RegExp {
  const longestFirst = terms.toSorted((a, b) => b.length - a.length).map(escaped);
  return new RegExp(
    `(?<![\\p{L}\\p{N}._%+'-])(?:${longestFirst.join("|")})(?![\\p{L}\\p{N}_%+@-]|\\.[\\p{L}\\p{N}])`,
    "giu",
  );
}

/** The text as a part of a pattern that means it to the letter. */
export function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");
}

function asItIs(text: string): string {
  return text;
}

type Cleaning = (text: string) => string;

/** In JSON the strings are cleaned, not the text: an escaped line break before an address would look like a letter of it. */
function removed(text: string, clean: Cleaning): string {
  const value = parsed(text);
  return value === undefined ? clean(text) : JSON.stringify(cleanedValue(value, clean));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function cleanedValue(value: unknown, clean: Cleaning): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) return value.map((item) => cleanedValue(item, clean));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [clean(key), cleanedValue(item, clean)]),
  );
}
