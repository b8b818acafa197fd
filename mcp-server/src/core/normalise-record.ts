/** One row of an input to a contact's fields: every value normalised, nothing that was said lost. */
import type { Column, ImportTarget } from "./column-names.ts";
import type { ContactFields } from "./contact.ts";
import { countryCode } from "./country.ts";
import { registrableDomain } from "./domain.ts";
import { emailDomain, normaliseEmail } from "./email.ts";
import {
  readCompanyDomain,
  readEmailStatus,
  readLinkedinUrl,
  readState,
  readText,
  readUnsubscribed,
  readWebsite,
} from "./field-readers.ts";
import { splitFullName } from "./full-name.ts";
import type { Rejection } from "./import-row.ts";
import { isDisposableDomain, isFreeMailDomain } from "./mail-domains.ts";
import { normaliseName } from "./name.ts";
import { normalisePhone } from "./phone.ts";
import { remembering } from "./remember.ts";
import { RowReader } from "./row-reader.ts";

export type NormalisedRow =
  | {
      readonly kind: "record";
      readonly fields: ContactFields;
      readonly companyDomain: string | null;
      readonly warnings?: readonly string[];
    }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/** Turns the cells of a row, in the order of the columns, into a contact's fields or a reason why not. */
export type NormaliseRow = (cells: readonly string[]) => NormalisedRow;

/** A normaliser for rows of these columns; it remembers recent values, so use one for a whole input. */
export function createRowNormaliser(columns: readonly Column[]): NormaliseRow {
  const at = indexesByTarget(columns);
  const others = columns.flatMap(({ target }, index) => (target === null ? [index] : []));
  const readers = createReaders();
  return (cells) => {
    const row = new RowReader(columns, cells);
    const email = row.read(at.email, "email", normaliseEmail);
    if (email === null) return { kind: "rejected", rejection: row.emailRejection(at.email) };
    const fields = readFields(row, { at, readers, email });
    for (const index of others) row.keep(index);
    const { custom, warnings } = row;
    const companyDomain = siteDomain(fields.website) ?? readers.employer(emailDomain(email));
    const record = { kind: "record", fields: { ...fields, custom }, companyDomain } as const;
    return warnings === null ? record : { ...record, warnings };
  };
}

/** Names, titles and places repeat from row to row; what is costly to read is read once. */
interface Readers {
  readonly name: (text: string) => string | null;
  readonly text: (text: string) => string | null;
  readonly country: (text: string) => string | null;
  /** The company domain that a mail domain suggests. */
  readonly employer: (mailDomain: string) => string | null;
}

function createReaders(): Readers {
  return {
    name: remembering(normaliseName),
    text: remembering(readText),
    country: remembering(countryCode, 2_000),
    employer: remembering(employerDomain, 30_000),
  };
}

type Indexes = Readonly<Record<ImportTarget, readonly number[]>>;

function indexesByTarget(columns: readonly Column[]): Indexes {
  const of = (target: ImportTarget): readonly number[] =>
    columns.flatMap((column, index) => (column.target === target ? [index] : []));
  return {
    email: of("email"),
    first_name: of("first_name"),
    last_name: of("last_name"),
    full_name: of("full_name"),
    company: of("company"),
    domain: of("domain"),
    job_title: of("job_title"),
    phone: of("phone"),
    country: of("country"),
    city: of("city"),
    website: of("website"),
    linkedin_url: of("linkedin_url"),
    email_status: of("email_status"),
    engagement_state: of("engagement_state"),
    unsubscribed: of("unsubscribed"),
    ignore: of("ignore"),
  };
}

interface Reading {
  readonly at: Indexes;
  readonly readers: Readers;
  readonly email: string;
}

function readFields(row: RowReader, reading: Reading): Omit<ContactFields, "custom"> {
  const { at, readers, email } = reading;
  const country = row.read(at.country, "country", readers.country);
  const { first_name, last_name } = readNames(row, reading);
  const { company, domain } = readCompany(row, at);
  return {
    email,
    first_name,
    last_name,
    company,
    domain,
    job_title: row.read(at.job_title, "job_title", readers.text),
    phone: row.read(at.phone, "phone", (text) => normalisePhone(text, country)),
    country,
    city: row.read(at.city, "city", readers.text),
    website: row.read(at.website, "website", readWebsite),
    linkedin_url: row.read(at.linkedin_url, "linkedin_url", readLinkedinUrl),
    email_status: row.read(at.email_status, "email_status", readEmailStatus),
    engagement_state: row.read(at.engagement_state, "engagement_state", readState),
    unsubscribed: row.some(at.unsubscribed, readUnsubscribed),
  };
}

type Names = Pick<ContactFields, "first_name" | "last_name">;

function readNames(row: RowReader, { at, readers }: Reading): Names {
  const first_name = row.read(at.first_name, "first_name", readers.name);
  const last_name = row.read(at.last_name, "last_name", readers.name);
  if (at.full_name.length === 0) return { first_name, last_name };
  if (first_name === null && last_name === null) return readFullName(row, at);
  const known = [first_name, last_name].filter((part) => part !== null).join(" ");
  // Only a full name that says more than its parts is worth keeping.
  row.read(at.full_name, "full_name", (text) => (normaliseName(text) === known ? known : null));
  return { first_name, last_name };
}

function readFullName(row: RowReader, at: Indexes): Names {
  const full = row.read(at.full_name, "full_name", (text) => (splitFullName(text) ? text : null));
  const split = full === null ? null : splitFullName(full);
  if (split === null) return { first_name: null, last_name: null };
  return { first_name: normaliseName(split.first), last_name: normaliseName(split.last) };
}

/** Exports put the domain into the company column and the other way round; the values decide which is which. */
function readCompany(row: RowReader, at: Indexes): Pick<ContactFields, "company" | "domain"> {
  const company = row.read(at.company, "company", readText);
  const statedDomain = row.text(at.domain) ?? "";
  const nameInDomain = registrableDomain(statedDomain) === null ? readText(statedDomain) : null;
  const domainInName = company !== null && isBareHost(company) ? readCompanyDomain(company) : null;
  if (nameInDomain !== null && (company === null || domainInName !== null)) {
    return { company: nameInDomain, domain: domainInName };
  }
  const domain = row.read(at.domain, "domain", readCompanyDomain);
  const saysItTwice = domainInName !== null && (domain === null || domain === domainInName);
  return saysItTwice ? { company: null, domain: domainInName } : { company, domain };
}

/** Lower-case with a dot: `booking.com` is a host; `Booking.com` is how the company writes its name. */
function isBareHost(text: string): boolean {
  return /^[a-z0-9:/_-]+\.[a-z0-9./_-]+$/.test(text);
}

// Pages that companies keep on other people's sites say nothing of their own domain.
const SHARED_SITES = new Set([
  "linkedin.com",
  "facebook.com",
  "instagram.com",
  "x.com",
  "twitter.com",
  "linktr.ee",
]);

function siteDomain(website: string | null): string | null {
  const domain = website === null ? null : readCompanyDomain(website);
  return domain === null || SHARED_SITES.has(domain) ? null : domain;
}

/** The employer's domain that a mailbox suggests; null for mailboxes that anyone can have. */
function employerDomain(mailDomain: string): string | null {
  if (isFreeMailDomain(mailDomain) || isDisposableDomain(mailDomain)) return null;
  return registrableDomain(mailDomain);
}
