/** The numbers that need no library: plainly written ones of countries whose rules are simple. Ten times as fast. */
import { getCountries, getCountryCallingCode, Metadata } from "libphonenumber-js/max";

// Countries with trunk prefix 0 or none and without carrier codes. The library remains the judge of everything else;
// a property test compares the two.
const TRUNK_ZERO = new Set(["DE", "AT", "CH", "GB", "FR", "BE", "NL", "SE", "IE", "FI"]);
const NO_TRUNK = new Set(["ES", "PT", "DK", "NO", "PL", "CZ"]);
const NORTH_AMERICA = new Set(["US", "CA"]);

const SEPARATORS = /[ .\-()/\u00A0]/g;
const WRITTEN_PLAINLY = /^\+?[\d .\-()/\u00A0]+$/;

const codeOf: ReadonlyMap<string, string> = new Map(
  getCountries().map((country) => [country, getCountryCallingCode(country)]),
);

/** Lengths that a national number may have in every country of the calling code. */
const lengthsByCode: ReadonlyMap<string, ReadonlySet<number>> = new Map(
  [...TRUNK_ZERO, ...NO_TRUNK, ...NORTH_AMERICA].map((country) => {
    const code = codeOf.get(country) ?? "";
    return [code, commonLengths(code)];
  }),
);

function commonLengths(code: string): ReadonlySet<number> {
  const perCountry = getCountries()
    .filter((country) => codeOf.get(country) === code)
    .map((country) => {
      const metadata = new Metadata();
      metadata.selectNumberingPlan(country);
      return metadata.numberingPlan?.possibleLengths() ?? [];
    });
  const [first = [], ...others] = perCountry;
  return new Set(first.filter((length) => others.every((lengths) => lengths.includes(length))));
}

/**
 * E.164 of a plainly written number, in the cases where it follows from the digits alone.
 *
 * @param country alpha-2 code that a number without `+` belongs to
 * @returns null when the library has to look; never a number that it would read otherwise
 */
export function plainNumber(text: string, country: string | null): string | null {
  if (!WRITTEN_PLAINLY.test(text)) return null;
  const digits = text.replace(SEPARATORS, "");
  if (digits.startsWith("+")) return text.includes("(0") ? null : international(digits.slice(1));
  if (country === null) return null;
  if (TRUNK_ZERO.has(country))
    return digits.startsWith("0") ? national(digits.slice(1), country) : null;
  return NORTH_AMERICA.has(country) ? national(digits, country) : null;
}

function international(digits: string): string | null {
  for (let length = 1; length <= 3; length += 1) {
    const lengths = lengthsByCode.get(digits.slice(0, length));
    if (lengths !== undefined) return joined(digits.slice(0, length), digits.slice(length));
  }
  return null;
}

function national(digits: string, country: string): string | null {
  return joined(codeOf.get(country) ?? "", digits);
}

function joined(code: string, digits: string): string | null {
  const first = digits.charAt(0);
  // A leading 0, or 1 in North America, would be a prefix rather than the number.
  if (first === "0" || (code === "1" && first === "1")) return null;
  return lengthsByCode.get(code)?.has(digits.length) ? `+${code}${digits}` : null;
}
