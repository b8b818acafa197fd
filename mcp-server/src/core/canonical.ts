/** One canonical text per value and type, so that two spellings of the same thing compare as equal. */
import { countryCode, countryName } from "./country.ts";
import { normaliseEmail } from "./email.ts";
import { normalisePhone } from "./phone.ts";
import { remembering } from "./remember.ts";
import { dayOf, instantOf } from "./value-calendar.ts";
import { plainDecimal } from "./value-decimal.ts";
import type { CanonicalValue, ValueType } from "./value-types.ts";

/**
 * The canonical form of a value as either side holds it.
 *
 * Text that does not parse as its type stays as trimmed text: it then differs from a value that does parse, and nothing is lost.
 * `list` keeps order (one item a line, and no empty ones), `set` does not (`;` as in HubSpot's multi-checkbox).
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
  return type === "country" ? nameOfCountry(value) : value;
}

// Both sides of a record ask for the same texts one after the other: parsing each once keeps a plan fast. Few, so that what is
// forgotten was never old: ten times as many cost three times the time, in collecting garbage.
const KEPT = 1_000;
const email = remembering((text) => normaliseEmail(text) ?? text.toLowerCase(), KEPT);
const phone = remembering((text) => normalisePhone(text, null) ?? text, KEPT);
const country = remembering((text) => countryCode(text) ?? text, KEPT);
const nameOfCountry = remembering((code) => countryName(code) ?? code, KEPT);
const url = remembering(canonicalUrl, KEPT);
const instant = remembering((text) => instantOf(text) ?? text, KEPT);
const lines = remembering(canonicalList, KEPT);
const items = remembering(canonicalSet, KEPT);

function plainText(value: unknown): string {
  if (typeof value === "string") return trimmed(value);
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(plainText).filter(Boolean).join("\n");
  if (typeof value === "object") return JSON.stringify(value);
  return trimmed(String(value));
}

function trimmed(text: string): string {
  return (text.includes("\r\n") ? text.replace(/\r+\n/g, "\n") : text).trim();
}

function canonicalText(type: ValueType, text: string): string {
  switch (type) {
    case "text":
      return text;
    case "list":
      return lines(text);
    case "email":
      return email(text);
    case "phone":
      return phone(text);
    case "country":
      return country(text);
    case "url":
      return url(text);
    case "number":
      return plainDecimal(text) ?? text;
    case "boolean":
      return canonicalBoolean(text);
    case "date":
      return dayOf(text) ?? text;
    case "datetime":
      return instant(text);
    case "set":
      return items(text);
  }
}

/** Scheme, case of the host, `www.` and a trailing slash make no other address. */
function canonicalUrl(text: string): string {
  const [, host = "", rest = ""] = /^(?:https?:\/\/|www\.)*([^/?#]+)(.*)$/is.exec(text) ?? [];
  return host ? `${host.toLowerCase()}${rest.replace(/\/+$/, "")}` : text;
}

function canonicalList(text: string): string {
  const each = text.split("\n").map((item) => item.trim());
  return each.filter(Boolean).join("\n");
}

function canonicalSet(text: string): string {
  const each = text.split(/[;\n]/).map((item) => item.trim());
  return [...new Set(each)].filter(Boolean).sort().join(";");
}

function canonicalBoolean(text: string): string {
  const lower = text.toLowerCase();
  if (lower === "true" || lower === "1" || lower === "yes") return "true";
  if (lower === "false" || lower === "0" || lower === "no") return "false";
  return text;
}
