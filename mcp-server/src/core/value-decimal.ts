/** Decimal numbers as text, worked on digit by digit so that money and long ids keep every one of them. */

const ZERO = 48;
const POINT = 46;
const canonicalForm = /^(?:0|-?[1-9]\d*|-?(?:0|[1-9]\d*)\.\d*[1-9])$/;
// Three digits of exponent: more would let a dozen characters grow into a text of gigabytes.
const written = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i;

/**
 * The number that a text writes, times ten to the power of `shift`, without leading or trailing zeros, plus sign or exponent.
 *
 * @returns undefined when the text is no decimal number; separators of thousands make it none, because their meaning depends on the country
 */
export function plainDecimal(text: string, shift = 0): string | undefined {
  if (shift === 0) {
    // The two commonest forms by far, 10.5 and a database's 10.50, are told at a glance.
    if (canonicalForm.test(text)) return text;
    const shorter = withoutEndZeros(text);
    if (canonicalForm.test(shorter)) return shorter;
  }
  const [match, sign, whole = "", fraction = "", exponent = "0"] = written.exec(text) ?? [];
  const digits = whole + fraction;
  if (match === undefined || digits === "") return undefined;
  const magnitude = placePoint(digits, whole.length + Number(exponent) + shift);
  return sign === "-" && magnitude !== "0" ? `-${magnitude}` : magnitude;
}

/** Whether a text is in the form that `plainDecimal` gives. */
export function isPlainDecimal(text: string): boolean {
  return canonicalForm.test(text);
}

/** Zeros at the end of a fraction, and the point when nothing is left of it. */
function withoutEndZeros(text: string): string {
  if (!text.includes(".")) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO) end -= 1;
  return text.slice(0, text.charCodeAt(end - 1) === POINT ? end - 1 : end);
}

/** @param point how many of the digits stand before the decimal point; may lie outside of them */
function placePoint(digits: string, point: number): string {
  const padded = point > 0 ? digits.padEnd(point, "0") : "0".repeat(1 - point) + digits;
  const at = Math.max(point, 1);
  const whole = padded.slice(0, at).replace(/^0+(?=\d)/, "");
  const fraction = padded.slice(at).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
