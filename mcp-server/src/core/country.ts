/** Countries: any usual spelling to ISO 3166-1 alpha-2, and back to an English name. */
import countries from "i18n-iso-countries/index.js";
import de from "i18n-iso-countries/langs/de.json" with { type: "json" };
import en from "i18n-iso-countries/langs/en.json" with { type: "json" };
import es from "i18n-iso-countries/langs/es.json" with { type: "json" };
import fr from "i18n-iso-countries/langs/fr.json" with { type: "json" };
import it from "i18n-iso-countries/langs/it.json" with { type: "json" };
import nl from "i18n-iso-countries/langs/nl.json" with { type: "json" };
import pt from "i18n-iso-countries/langs/pt.json" with { type: "json" };

// What people write and no list has. UK is not the ISO code, but nobody means anything else by it.
const ALIASES: Readonly<Record<string, string>> = {
  uk: "GB",
  "great britain": "GB",
  england: "GB",
  scotland: "GB",
  wales: "GB",
  "northern ireland": "GB",
  america: "US",
  "united states of america": "US",
  usa: "US",
  holland: "NL",
  "the netherlands": "NL",
  "czech republic": "CZ",
  czechia: "CZ",
  korea: "KR",
  "south korea": "KR",
  "north korea": "KP",
  "ivory coast": "CI",
  russia: "RU",
  "viet nam": "VN",
  uae: "AE",
  emirates: "AE",
  "hong kong sar": "HK",
  brd: "DE",
  bosnia: "BA",
  macedonia: "MK",
  turkey: "TR",
  turkiye: "TR",
  swaziland: "SZ",
  "cape verde": "CV",
  "mainland china": "CN",
  prc: "CN",
  "republic of ireland": "IE",
  eire: "IE",
  el: "GR",
  osterreich: "AT",
  schweiz: "CH",
  svizzera: "CH",
  sverige: "SE",
  norge: "NO",
  danmark: "DK",
  suomi: "FI",
  polska: "PL",
  magyarorszag: "HU",
  cesko: "CZ",
  "ceska republika": "CZ",
  hrvatska: "HR",
  eesti: "EE",
  brasil: "BR",
  nippon: "JP",
  日本: "JP",
  中国: "CN",
  대한민국: "KR",
  россия: "RU",
  україна: "UA",
};

const byName = namesToCodes();

function namesToCodes(): ReadonlyMap<string, string> {
  const spellings = [en, de, fr, es, it, nl, pt].flatMap((locale) => localNames(locale.countries));
  // The first locale wins; codes and our own aliases win over all of them.
  return new Map<string, string>([
    ...spellings.reverse(),
    ...Object.keys(countries.getAlpha2Codes()).map((code) => [code.toLowerCase(), code] as const),
    ...Object.entries(countries.getAlpha3Codes()).map(
      ([alpha3, code]) => [alpha3.toLowerCase(), code] as const,
    ),
    ...Object.entries(ALIASES).map(([name, code]) => [key(name), code] as const),
  ]);
}

function localNames(locale: Readonly<Record<string, string | string[]>>): [string, string][] {
  return Object.entries(locale).flatMap(([code, names]) =>
    [names].flat().map((name): [string, string] => [key(name), code]),
  );
}

/** Spelling without case, accents and punctuation; scripts other than Latin keep their letters. */
function key(name: string): string {
  return name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/\./g, "")
    .replace(/[^\p{L}]+/gu, " ")
    .trim();
}

/**
 * ISO 3166-1 alpha-2 for a code (alpha-2, alpha-3) or a name in English, German, French, Spanish, Italian, Dutch or
 * Portuguese. A two-letter text is always a country code (`CA` is Canada, not California).
 *
 * @returns null when it names no country
 */
export function countryCode(text: string): string | null {
  if (text.length > 100) return null;
  const exact = byName.get(text.toLowerCase());
  if (exact !== undefined) return exact;
  return byName.get(key(text)) ?? null;
}

/** The English name of an alpha-2 code; null when there is no such country. */
export function countryName(code: string): string | null {
  const name = Object.entries(en.countries).find(([known]) => known === code.toUpperCase())?.[1];
  return (typeof name === "string" ? name : name?.[0]) ?? null;
}
