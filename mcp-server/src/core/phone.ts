/** Phone numbers in one spelling each (E.164). */
import {
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from "libphonenumber-js/max";
import { plainNumber } from "./phone-plain.ts";

const MAX_PHONE = 60;

/**
 * A number as E.164, with `;ext=N` when it has an extension; never guesses a country.
 *
 * @param country alpha-2 code that a number without `+` or `00` belongs to; null when unknown
 * @returns null when the text is no number, its length is impossible in its country, or its country is unknown
 */
export function normalisePhone(text: string, country: string | null): string | null {
  if (text.length > MAX_PHONE) return null;
  const plain = plainNumber(text, country);
  if (plain !== null) return plain;
  const number = parsed(text, country);
  if (number === null || !number.isPossible()) return null;
  return number.ext === undefined ? number.number : `${number.number};ext=${number.ext}`;
}

/** The alpha-2 country of an E.164 number; null when the number belongs to none or to several. */
export function phoneCountry(e164: string): string | null {
  return parsed(e164, null)?.country ?? null;
}

/** True when the number is assigned in its country's plan, not merely of the right length. */
export function isValidPhone(e164: string): boolean {
  return parsed(e164, null)?.isValid() ?? false;
}

function parsed(text: string, country: string | null): PhoneNumber | null {
  const bare = text
    .normalize("NFKC")
    .trim()
    .replace(/^tel:\s*/i, "");
  const international = bare.replace(/^00\s?(?=[1-9])/, "+");
  // Without `extract` the whole text must be one number; it is also twice as fast.
  const options =
    country !== null && isSupportedCountry(country)
      ? ({ extract: false, defaultCountry: country } as const)
      : ({ extract: false } as const);
  return parsePhoneNumberFromString(international, options) ?? null;
}
