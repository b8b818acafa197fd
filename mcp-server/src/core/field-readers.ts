/** How the text of one cell becomes a field's value; null = it cannot be that field's value. */
import type { ContactFields } from "./contact.ts";
import { registrableDomain } from "./domain.ts";
import { isFreeMailDomain } from "./mail-domains.ts";
import { cleanText } from "./text.ts";

const MAX_TEXT = 200;
const MAX_URL = 500;
const MAX_STATE = 60;

const FILLER =
  /^(?:n\/?a|n\.a\.?|#n\/a|#ref!|null|none|nil|nan|undefined|unknown|tbd|tba|k\.a\.|[\s\-–—_.?*#/\\]*)$/i;

/** True for text that stands for an empty cell: `N/A`, `-`, `null`. A name that reads so is judged by core/name.ts. */
export function isFiller(text: string): boolean {
  return text.length <= 20 && FILLER.test(text.trim());
}

/** A short plain text such as a company, title or city. */
export function readText(text: string): string | null {
  return isFiller(text) ? null : cleanText(text, MAX_TEXT);
}

/** A short state word such as `emailsReplied`. */
export function readState(text: string): string | null {
  return isFiller(text) ? null : cleanText(text, MAX_STATE);
}

/** A company's registrable domain; mail providers are nobody's company. */
export function readCompanyDomain(text: string): string | null {
  const domain = registrableDomain(text);
  return domain === null || isFreeMailDomain(domain) ? null : domain;
}

/** A web address with http or https, or a bare host, as it was written; anything else could be script. */
export function readWebsite(text: string): string | null {
  const url = cleanText(text, MAX_URL);
  if (url === null || /\s/.test(url)) return null;
  if (/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(url) && !/^https?:\/\//i.test(url)) return null;
  return registrableDomain(url) === null ? null : url;
}

const LINKEDIN =
  /^(?:https?:\/\/)?(?:[a-z]{2,3}\.)?linkedin\.com\/((?:in|pub|company|sales|profile)\/[^\s?#]+)/i;

/** A LinkedIn address in one spelling: https, www, no query, no trailing slash. */
export function readLinkedinUrl(text: string): string | null {
  const path = LINKEDIN.exec(cleanText(text, MAX_URL) ?? "")?.[1];
  return path === undefined ? null : `https://www.linkedin.com/${path.replace(/\/+$/, "")}`;
}

const EMAIL_STATUSES: Readonly<Record<string, NonNullable<ContactFields["email_status"]>>> = {
  deliverable: "deliverable",
  valid: "deliverable",
  verified: "deliverable",
  ok: "deliverable",
  risky: "risky",
  catchall: "risky",
  acceptall: "risky",
  undeliverable: "undeliverable",
  invalid: "undeliverable",
  bounced: "undeliverable",
};

/** A verification service's verdict in Lemlist's words. */
export function readEmailStatus(text: string): ContactFields["email_status"] {
  const word = text.toLowerCase().replace(/[^a-z]/g, "");
  return Object.hasOwn(EMAIL_STATUSES, word) ? (EMAIL_STATUSES[word] ?? null) : null;
}

const STILL_SUBSCRIBED = /^(?:no|n|non|nein|false|f|0|subscribed|opted[ -]?in)$/i;

/** True unless the text clearly says no: a date or a reason in such a column is an objection, and errs that way. */
export function readUnsubscribed(text: string): boolean {
  return !isFiller(text) && !STILL_SUBSCRIBED.test(text.trim());
}
