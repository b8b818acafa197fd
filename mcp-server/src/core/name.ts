/** Person names: spelling that a letter may carry, without inventing anything. */
import { cleanText } from "./text.ts";

const MAX_NAME = 100;

const PLACEHOLDERS = new Set([
  "n/a",
  "n.a.",
  "n.a",
  "#n/a",
  "n\\a",
  "tbd",
  "tba",
  "unknown",
  "undefined",
  "(none)",
  "(unknown)",
  "(blank)",
  "no name",
  "noname",
  "anonymous",
  "firstname",
  "first name",
  "lastname",
  "last name",
  "vorname",
  "nachname",
  "xx",
  "xxx",
  "xxxx",
  "asdf",
  "qwerty",
  "not provided",
  "not available",
  "keine angabe",
  "k.a.",
]);
// Null, Na, None and Test are people's names when written as names; only all-lower or all-upper spelling is filler.
const FILLERS = new Set([
  "na",
  "null",
  "none",
  "nil",
  "nan",
  "test",
  "testing",
  "user",
  "blank",
  "empty",
]);

/** True when the text stands for "no value": `N/A`, `-`, `null`, `test`, … */
export function isPlaceholderName(text: string): boolean {
  const bare = text.trim();
  const lower = bare.toLowerCase();
  if (!/[\p{L}]/u.test(bare)) return true;
  if (PLACEHOLDERS.has(lower)) return true;
  return FILLERS.has(lower) && (bare === lower || bare === bare.toUpperCase());
}

/**
 * A name cleaned and, when it is all upper- or all lower-case, put in title case with the usual particles
 * (`VAN DER BERG` → `Van der Berg`, `o'brien` → `O'Brien`). Mixed case and scripts without case stay as written.
 *
 * @returns null when empty, a placeholder, or an e-mail address in the wrong column
 */
export function normaliseName(text: string): string | null {
  const clean = cleanText(text, MAX_NAME);
  if (clean === null || isPlaceholderName(clean) || clean.includes("@")) return null;
  return isOneCase(clean) ? titleCase(clean) : clean;
}

function isOneCase(name: string): boolean {
  const lower = name.toLowerCase();
  const upper = name.toUpperCase();
  if (lower === upper) return false;
  if (name === lower) return true;
  // Two capitals alone are initials (AJ, JD), not shouting.
  return name === upper && (name.match(/\p{L}/gu)?.length ?? 0) > 2;
}

const PARTICLES = new Set(
  "van von der den de del della da das di do dos du la le ten ter zu zum zur y e al el bin bint af av".split(
    " ",
  ),
);
const ROMAN = /^(?:ii|iii|iv|vi|vii|viii)$/;

function titleCase(name: string): string {
  return name
    .toLowerCase()
    .split(" ")
    .map((word, index) => titleWord(word, index))
    .join(" ");
}

function titleWord(word: string, index: number): string {
  if (index > 0 && PARTICLES.has(word)) return word;
  if (index > 0 && ROMAN.test(word)) return word.toUpperCase();
  return word
    .replace(
      /(^|[^\p{L}\p{M}'’]|(?<=(?:^|-)[dol])['’])(\p{L})/gu,
      (_, before, letter) => before + capital(letter),
    )
    .replace(/^Mc(\p{L})/u, (_, letter) => `Mc${capital(letter)}`);
}

function capital(letter: string): string {
  const upper = letter.toUpperCase();
  // Some letters (ß) have no one-letter capital; they stay.
  return upper.length === letter.length ? upper : letter;
}
