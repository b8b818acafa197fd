/** One canonical text per value and type, so that two spellings of the same thing compare as equal. */
import { countryCode, countryName } from "./country.ts";
import { normaliseEmail } from "./email.ts";
import { normalisePhone } from "./phone.ts";
import type { CanonicalValue, ValueType } from "./value-types.ts";

/**
 * The canonical form of a value as either side holds it.
 *
 * Text that does not parse as its type stays as trimmed text: it then differs from a value that does parse, and nothing is lost.
 * `list` keeps order (one item a line), `set` does not (`;` as in HubSpot's multi-checkbox).
 * @returns undefined only for undefined
 */
export function canonical(type: ValueType, value: unknown): CanonicalValue | undefined {
  if (value === undefined) return undefined;
  const text = plainText(value);
  if (text === "") return null;
  // A set of nothing but separators is empty, too.
  return canonicalText(type, text) || null;
}

/** A value as it is written, trimmed; null when empty. For types whose canonical form only serves to compare. */
export function asWritten(value: unknown): CanonicalValue {
  return value === undefined ? null : plainText(value) || null;
}

/** The text HubSpot is sent for a canonical value; "" clears a property (HubSpot docs, properties guide). */
export function toWire(type: ValueType, value: CanonicalValue): string {
  if (value === null) return "";
  // HubSpot's default `country` is free text in which people read names, not codes.
  return type === "country" ? (countryName(value) ?? value) : value;
}

function plainText(value: unknown): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(plainText).filter(Boolean).join("\n");
  if (typeof value === "object") return JSON.stringify(value);
  return String(value).replaceAll("\r\n", "\n").trim();
}

function canonicalText(type: ValueType, text: string): string {
  switch (type) {
    case "text":
    case "list":
      return text;
    case "email":
      return normaliseEmail(text) ?? text.toLowerCase();
    case "phone":
      return normalisePhone(text, null) ?? text;
    case "country":
      return countryCode(text) ?? text;
    case "url":
      return canonicalUrl(text);
    case "number":
      return canonicalNumber(text);
    case "boolean":
      return canonicalBoolean(text);
    case "date":
      return canonicalDate(text);
    case "datetime":
      return canonicalInstant(text);
    case "set":
      return [...new Set(text.split(/[;\n]/).map((item) => item.trim()))]
        .filter(Boolean)
        .sort()
        .join(";");
  }
}

/** Scheme, case of the host, `www.` and a trailing slash make no other address. */
function canonicalUrl(text: string): string {
  const [, host = "", rest = ""] = /^(?:https?:\/\/)?(?:www\.)?([^/?#]+)(.*)$/is.exec(text) ?? [];
  return host ? `${host.toLowerCase()}${rest.replace(/\/$/, "")}` : text;
}

const decimal = /^([+-]?)0*(\d+)(?:\.(\d*?)0*)?$/;

/** Works on the digits, so that money and long ids keep every one of them. */
function canonicalNumber(text: string): string {
  const match = decimal.exec(text);
  if (!match) return canonicalExponent(text);
  const [, sign = "", whole = "0", fraction = ""] = match;
  const digits = fraction ? `${whole}.${fraction}` : whole;
  return sign === "-" && digits !== "0" ? `-${digits}` : digits;
}

function canonicalExponent(text: string): string {
  const value = Number(text);
  return Number.isFinite(value) ? String(value) : text;
}

function canonicalBoolean(text: string): string {
  const lower = text.toLowerCase();
  if (lower === "true" || lower === "1" || lower === "yes") return "true";
  if (lower === "false" || lower === "0" || lower === "no") return "false";
  return text;
}

const DAY_MS = 86_400_000;

/** A day without a time zone. HubSpot sends dates as `YYYY-MM-DD` or as midnight UTC in milliseconds. */
function canonicalDate(text: string): string {
  const day = /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0];
  if (day) return day;
  const ms = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(ms)) return text;
  return isoDay(Math.floor(ms / DAY_MS)) ?? text;
}

const instant =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})$/;

/** An instant as milliseconds since the epoch, which is one of the two forms HubSpot takes. */
function canonicalInstant(text: string): string {
  if (/^-?\d{1,16}$/.test(text)) return String(Number(text));
  const match = instant.exec(text);
  if (!match) return text;
  const [, year, month, day, hour, minute, second = "0", fraction = "", zone = "Z"] = match;
  const days = daysFromCivil(Number(year), Number(month), Number(day));
  const seconds = days * 86_400 + Number(hour) * 3_600 + Number(minute) * 60 + Number(second);
  return String(
    (seconds - offsetSeconds(zone)) * 1_000 + Number(fraction.padEnd(3, "0").slice(0, 3)),
  );
}

function offsetSeconds(zone: string): number {
  if (zone === "Z") return 0;
  const sign = zone.startsWith("-") ? -1 : 1;
  const digits = zone.slice(1).replace(":", "");
  return sign * (Number(digits.slice(0, 2)) * 3_600 + Number(digits.slice(2)) * 60);
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; plain arithmetic because core/ has no clock. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse of `daysFromCivil`, as `YYYY-MM-DD`; null outside the years 0 to 9999. */
function isoDay(days: number): string | null {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1_460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  if (year < 0 || year > 9_999) return null;
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1;
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
