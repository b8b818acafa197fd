/** Whether one value suits one property, and HubSpot's words where it does not. */
import type { PropertyDefinition } from "./property-store.ts";
import { isTopLevelDomain } from "./top-level-domains.ts";

/** Why a value is refused. */
export type ValueProblem = { code: string; message: string };

const MAX_TEXT = 65_536;
const DAY_MS = 86_400_000;
const MAX_TIME = 8_640_000_000_000_000;
const EMAIL =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+([a-z]{2,24}|xn--[a-z0-9-]+)$/;
const EMAIL_UNICODE = /^[^\s@,;<>()[\]"]+@[^\s@,;<>()[\]"]+\.[^\s@,;<>()[\]".\d]{2,}$/u;

/** Whether HubSpot takes this as an e-mail address. A trailing space is enough to refuse it. */
export function isEmail(value: string): boolean {
  const address = value.toLowerCase();
  const tld = address.slice(address.lastIndexOf(".") + 1);
  if (!isTopLevelDomain(tld) || address.length > 254 || address.includes("..")) return false;
  return EMAIL.test(address) || (/[^\p{ASCII}]/u.test(address) && EMAIL_UNICODE.test(address));
}

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/;

/**
 * Milliseconds of an ISO time with its zone, a plain date or a number of ms; null when it is none
 * of them.
 */
export function parseTime(value: string): number | null {
  if (/^-?\d+$/.test(value)) return Math.abs(Number(value)) <= MAX_TIME ? Number(value) : null;
  if (!ISO.test(value)) return null;
  const time = Date.parse(value);
  if (Number.isNaN(time)) return null;
  // Date.parse rolls 30 February over; HubSpot does not.
  const day = Date.parse(value.slice(0, 10));
  return new Date(day).toISOString().startsWith(value.slice(0, 10)) ? time : null;
}

function dateProblem(value: string): ValueProblem | null {
  const time = parseTime(value);
  if (time === null) return { code: "INVALID_LONG", message: `${value} was not a valid long.` };
  if (time % DAY_MS === 0) return null;
  const at = new Date(time);
  const clock = `${at.getUTCHours()}:${at.getUTCMinutes()}:${at.getUTCSeconds()}.${at.getUTCMilliseconds()}`;
  return { code: "INVALID_DATE", message: `${value} is at ${clock} UTC, not midnight!` };
}

function optionProblem(definition: PropertyDefinition, value: string): ValueProblem | null {
  if (definition.externalOptions) return null;
  const allowed = definition.options.map((option) => option.value);
  const given = definition.fieldType === "checkbox" ? value.split(";").filter(Boolean) : [value];
  const unknown = given.find((one) => !allowed.includes(one));
  if (unknown === undefined) return null;
  return {
    code: "INVALID_OPTION",
    message: `${unknown} was not one of the allowed options: [${allowed.join(", ")}]`,
  };
}

function numberProblem(value: string): ValueProblem | null {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) return null;
  return { code: "INVALID_INTEGER", message: `${value} was not a valid number.` };
}

function boolProblem(value: string): ValueProblem | null {
  if (value === "true" || value === "false") return null;
  return {
    code: "INVALID_OPTION",
    message: `${value} was not one of the allowed options: [true, false]`,
  };
}

function emailProblem(definition: PropertyDefinition, value: string): ValueProblem | null {
  const addresses = definition.name === "email" ? [value] : value.split(";").filter(Boolean);
  const bad = addresses.find((address) => !isEmail(address));
  return bad === undefined
    ? null
    : { code: "INVALID_EMAIL", message: `Email address ${bad} is invalid` };
}

function textProblem(definition: PropertyDefinition, value: string): ValueProblem | null {
  if (definition.name === "email" || definition.name === "hs_additional_emails")
    return emailProblem(definition, value);
  if (value.length <= MAX_TEXT) return null;
  return {
    code: "PROPERTY_VALUE_TOO_LONG",
    message: `Property value was too long. The maximum length is ${MAX_TEXT} characters.`,
  };
}

/**
 * The value without blanks around it, except in text. HubSpot announced in 2025-11 that it would
 * refuse them in other properties, and took that back.
 */
export function withoutPadding(definition: PropertyDefinition, value: string): string {
  return definition.type === "string" ? value : value.trim();
}

/** Null when the value may be stored. An empty value clears, so it always may. */
export function problemOf(definition: PropertyDefinition, given: string): ValueProblem | null {
  const value = withoutPadding(definition, given);
  if (value === "") return null;
  switch (definition.type) {
    case "enumeration":
      return optionProblem(definition, value);
    case "bool":
      return boolProblem(value);
    case "number":
      return numberProblem(value);
    case "date":
      return dateProblem(value);
    case "datetime":
      return parseTime(value) === null
        ? { code: "INVALID_LONG", message: `${value} was not a valid long.` }
        : null;
    default:
      return textProblem(definition, value);
  }
}
