/** Days and instants as text, by plain arithmetic because core/ has no clock. */

const DAY_MS = 86_400_000;
const dayForm = /^(\d{4})-(\d{2})-(\d{2})$/;
const instantForm =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)$/;

/** Whether a text is a day of the calendar, `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  return daysOf(text) !== undefined;
}

/**
 * The day that a text begins with or, in milliseconds since the epoch, whose midnight UTC it is: HubSpot sends dates in either form
 * (HubSpot docs, properties guide, read 2026-11).
 *
 * @returns `YYYY-MM-DD`; undefined when the text is neither. A number that is no midnight is no date: it may well be `20240117`
 */
export function dayOf(text: string): string | undefined {
  const start = text.slice(0, 10);
  if (isDay(start)) return /^\d/.test(text.slice(10)) ? undefined : start;
  const ms = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return ms % DAY_MS === 0 ? isoDay(ms / DAY_MS) : undefined;
}

/**
 * An instant as milliseconds since the epoch, from those or from ISO-8601 with a zone.
 *
 * @returns undefined when the text is neither; without a zone nobody knows which instant is meant
 */
export function instantOf(text: string): string | undefined {
  // Adding zero turns minus zero into zero.
  if (/^-?\d{1,16}$/.test(text)) return String(Number(text) + 0);
  const [match, day = "", hour, minute, second = "0", fraction = "", zone = "Z"] =
    instantForm.exec(text) ?? [];
  const days = daysOf(day);
  if (match === undefined || days === undefined) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const seconds = days * 86_400 + Number(hour) * 3_600 + Number(minute) * 60 + Number(second);
  const ms = Number(fraction.padEnd(3, "0").slice(0, 3));
  return String((seconds - offsetSeconds(zone)) * 1_000 + ms);
}

/**
 * The inverse of `instantOf`: ISO-8601 UTC, with milliseconds where there are any.
 *
 * @returns undefined when the text is no instant in the form that `instantOf` gives, or outside the years 0 to 9999
 */
export function isoInstant(text: string): string | undefined {
  const ms = isInstant(text) ? Number(text) : Number.NaN;
  const day = isoDay(Math.floor(ms / DAY_MS));
  if (day === undefined) return undefined;
  const sinceMidnight = ms - Math.floor(ms / DAY_MS) * DAY_MS;
  const seconds = Math.floor(sinceMidnight / 1_000);
  const time = [seconds / 3_600, (seconds / 60) % 60, seconds % 60].map(twoDigits).join(":");
  const fraction = sinceMidnight % 1_000;
  return `${day}T${time}${fraction === 0 ? "" : `.${String(fraction).padStart(3, "0")}`}Z`;
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}

/** Whether a text is an instant in the form that `instantOf` gives. */
export function isInstant(text: string): boolean {
  return /^(?:0|-?[1-9]\d{0,15})$/.test(text);
}

function offsetSeconds(zone: string): number {
  if (zone === "Z") return 0;
  const sign = zone.startsWith("-") ? -1 : 1;
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  return sign * (Number(digits.slice(0, 2)) * 3_600 + Number(digits.slice(2)) * 60);
}

/** Days since 1970-01-01 of `YYYY-MM-DD`; undefined when the calendar has no such day. */
function daysOf(text: string): number | undefined {
  const [match, year, month, day] = dayForm.exec(text) ?? [];
  if (match === undefined) return undefined;
  const date = [Number(year), Number(month), Number(day)] as const;
  return exists(date) ? daysFromCivil(...date) : undefined;
}

const LONG_MONTHS = new Set([1, 3, 5, 7, 8, 10, 12]);

function exists([year, month, day]: readonly [number, number, number]): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  if (month !== 2) return day <= (LONG_MONTHS.has(month) ? 31 : 30);
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (isLeap ? 29 : 28);
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse of `daysFromCivil`, as `YYYY-MM-DD`; undefined outside the years 0 to 9999. */
function isoDay(days: number): string | undefined {
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
  if (!(year >= 0 && year <= 9_999)) return undefined;
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1;
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
