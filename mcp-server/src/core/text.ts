/** Foreign text made safe to store and show: one normal form, no invisible characters, bounded length. */

// The common case by far: nothing to do, decided without allocating.
const ALREADY_CLEAN = /^[!-~]+(?: [!-~]+)*$/;

// Controls (NUL is refused by PostgreSQL), bidirectional marks that reorder what a person reads, zero-width
// characters and tag characters that hide text from people but not from models. The joiners U+200C/U+200D stay:
// Persian, Indic scripts and emoji are misspelt without them.
const INVISIBLE =
  /[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0000}-\u{E007F}]/gu;
// Signs that choose a variant of the sign before them, and joiners, are needed one at a time after a sign that has variants. Anywhere else, or many in a row,
// they show nothing and can spell a whole hidden text.
const VARIANT =
  /(?<![\p{Extended_Pictographic}\p{Script=Han}\p{Script=Mongolian}\p{So}\p{Sm}\d#*])[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/gu;
const JOINERS = /([\u200C\u200D])[\u200C\u200D]+/gu;
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
    .replace(VARIANT, "")
    .replace(JOINERS, "$1")
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

/** Foreign text within a sentence: what is longer than `maxLength` UTF-16 units ends with … */
export function shortened(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${cut(text, maxLength - 1)}…`;
}
