/** Amounts of money as people write them, read only where one reading is possible: a wrong one is off by a factor of 1,000. */
import { cleanText } from "./text.ts";
import { plainDecimal } from "./value-decimal.ts";

/** The amount as plain decimal text ("1234.5"), or why it cannot be read: the end of a sentence that begins with the field's name. */
export type AmountReading =
  | { readonly kind: "amount"; readonly value: string }
  | { readonly kind: "unreadable"; readonly because: string };

const MEND = "Write it as 1234.50, without separators of thousands, and import the row again.";
const NO_AMOUNT = unreadable(`is not an amount. ${MEND}`);
const AMBIGUOUS = unreadable(
  `can be read in two ways: its separator may stand for thousands or for decimals. ${MEND}`,
);
const FOREIGN = unreadable(
  `names a currency other than the dollar. Convert it to dollars, leave the currency out, and import the row again.`,
);
const INEXACT = unreadable(
  `has more digits than a JSON number keeps. Write it as text, as in "1234.50", and import the row again.`,
);
const TOO_LONG = unreadable(`has too many digits to be an amount. ${MEND}`);

// Numbers of more digits are rounded by databases that keep doubles, by JSON and by HubSpot.
const MAX_DIGITS = 15;
const MAX_TEXT = 60;

/**
 * Reads `1234.5`, `1,234.50`, `1.234,50`, `1 234,50`, `$1,234.50`, `-12`, `(12.00)`. `1,234` and `1.234` mean different amounts in
 * different countries and are refused, as are exponents, which spreadsheets write when digits are lost already.
 */
export function readAmount(value: unknown): AmountReading {
  if (typeof value === "number") return fromNumber(value);
  if (typeof value !== "string") return NO_AMOUNT;
  const text = cleanText(value.slice(0, MAX_TEXT * 2), MAX_TEXT * 2);
  if (text === null) return NO_AMOUNT;
  if (text.length > MAX_TEXT) return TOO_LONG;
  const parts = split(text.replace("\u2212", "-"));
  if (parts === null) return hasForeignCurrency(text) ? FOREIGN : NO_AMOUNT;
  const digits = plainDigits(parts.digits, parts.isDollars);
  return digits.kind === "amount" ? bounded(parts.isNegative, digits.value) : digits;
}

function unreadable(because: string): AmountReading {
  return { kind: "unreadable", because };
}

function fromNumber(value: number): AmountReading {
  if (!Number.isFinite(value)) return NO_AMOUNT;
  const text = plainDecimal(String(value));
  if (text === undefined) return NO_AMOUNT;
  // A longer number may already be another one than was typed.
  return countDigits(text) > MAX_DIGITS
    ? INEXACT
    : bounded(text.startsWith("-"), text.replace("-", ""));
}

interface Parts {
  readonly isNegative: boolean;
  readonly isDollars: boolean;
  /** Digits with separators between them. */
  readonly digits: string;
}

const CURRENCY = String.raw`(?:US\$|USD|\$)`;
const SIGNED = new RegExp(
  `^([+-]?) ?(${CURRENCY}?) ?([+-]?)([0-9.,][0-9.,'’ ]*?) ?(${CURRENCY}?)$`,
  "i",
);

function split(text: string): Parts | null {
  // Accountants write negative amounts in parentheses.
  const inner = /^\((.+)\)$/.exec(text)?.[1];
  const match = SIGNED.exec(inner ?? text);
  if (match === null) return null;
  const [, before = "", prefix = "", after = "", digits = "", suffix = ""] = match;
  const signs = before + after;
  if (signs.length > 1 || (inner !== undefined && signs !== "")) return null;
  const isDollars = prefix + suffix !== "";
  return { isNegative: inner !== undefined || signs === "-", isDollars, digits };
}

function hasForeignCurrency(text: string): boolean {
  return /\p{Sc}|\b[A-Z]{3}\b/u.test(text.replaceAll("$", "")) && /\d/.test(text);
}

/** The digits with a point for decimals and nothing else. */
function plainDigits(text: string, isDollars: boolean): AmountReading {
  const marks = text.replace(/\d/g, "");
  if (marks === "") return amount(text);
  const decimalMark = decimalMarkOf(text, marks);
  const at = decimalMark === null ? text.length : text.lastIndexOf(decimalMark);
  const whole = text.slice(0, at);
  const decimals = text.slice(at + 1);
  if (marks.length === 1 && decimalMark !== null && isGroup(whole, decimals)) {
    // Nobody writes decimals of dollars as a comma and three digits.
    return isDollars && decimalMark === "," ? amount(whole + decimals) : AMBIGUOUS;
  }
  const plainWhole = ungrouped(whole);
  if (plainWhole === null || !/^\d*$/.test(decimals)) return NO_AMOUNT;
  if (decimalMark === null) return amount(plainWhole);
  return decimals === "" ? NO_AMOUNT : amount(`${plainWhole || "0"}.${decimals}`);
}

/** The mark before the decimals: the last of `.` and `,`, unless it stands there more than once; null = there are no decimals. */
function decimalMarkOf(text: string, marks: string): "." | "," | null {
  const last = text.lastIndexOf(".") > text.lastIndexOf(",") ? "." : ",";
  return marks.split(last).length === 2 ? last : null;
}

/** `1` and `234`: what could as well be thousands. `0.125` and `1234.567` could not. */
function isGroup(whole: string, decimals: string): boolean {
  return /^[1-9]\d{0,2}$/.test(whole) && decimals.length === 3;
}

const GROUPED = /^[1-9]\d{0,2}([.,'’ ])\d{3}(?:\1\d{3})*$/;

/** Digits without their separators of thousands; null when those stand in other places than every three digits. */
function ungrouped(whole: string): string | null {
  if (/^\d*$/.test(whole)) return whole;
  return GROUPED.test(whole) ? whole.replace(/\D/g, "") : null;
}

function bounded(isNegative: boolean, digits: string): AmountReading {
  const text = plainDecimal(digits);
  if (text === undefined) return NO_AMOUNT;
  if (countDigits(text) > MAX_DIGITS) return TOO_LONG;
  return amount(isNegative && text !== "0" ? `-${text}` : text);
}

/** All digits but a lone zero before the decimals. */
function countDigits(text: string): number {
  return text.replace(/\D/g, "").replace(/^0/, "").length;
}

function amount(value: string): AmountReading {
  return { kind: "amount", value };
}
