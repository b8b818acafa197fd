/** Foreign text in a line of an answer: cleaned, and visibly cut where it is long. */
import { cleanText } from "../core/text.ts";

// Longer values are stored, but nobody compares them by eye.
const MAX_CLEANED = 100_000;

/** The text without invisible characters, in at most about `maxChars`; what was cut is said, with the whole length. */
export function shownText(text: string, maxChars: number): string {
  const clean = cleanText(text, MAX_CLEANED) ?? "";
  if (clean.length <= maxChars) return clean;
  return `${cleanText(clean, maxChars) ?? ""}… (${clean.length.toLocaleString("en-US")} characters)`;
}
