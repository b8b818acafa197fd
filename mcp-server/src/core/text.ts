/** Foreign text made safe to store and show: one normal form, no invisible characters, bounded length. */

// The common case by far: nothing to do, decided without allocating.
const ALREADY_CLEAN = /^[!-~]+(?: [!-~]+)*$/;

// Controls (NUL is refused by PostgreSQL), bidirectional marks that reorder what a person reads, zero-width
// characters and tag characters that hide text from people but not from models. The joiners U+200C/U+200D stay:
// Persian, Indic scripts and emoji are misspelt without them.
const INVISIBLE =
  /[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;
const CONTROL_OR_SPACE = /[\p{Cc}\s]+/gu;

/**
 * Text in NFC without control, bidirectional and zero-width characters, whitespace collapsed to single spaces.
 *
 * @param maxLength in UTF-16 units; longer text is cut at a character boundary
 * @returns null when nothing is left
 */
export function cleanText(text: string, maxLength: number): string | null {
  if (text.length <= maxLength && ALREADY_CLEAN.test(text)) return text;
  const visible = text
    .toWellFormed()
    .replace(INVISIBLE, "")
    .replace(CONTROL_OR_SPACE, " ")
    .normalize("NFC")
    .trim();
  return cut(visible, maxLength) || null;
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(maxLength - 1));
  return text.slice(0, splitsPair ? maxLength - 1 : maxLength).trimEnd();
}
