/** E-mail addresses: one spelling each, and whether they name a person or a function. */
import { toAscii } from "./ascii-host.ts";

// RFC 5321 limits: 64 octets before the @, 254 in all.
const MAX_LOCAL = 64;
const MAX_EMAIL = 254;

// A leading apostrophe is a spreadsheet's mark for text, not part of anybody's address.
const ADDRESS =
  /^(?!')([a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59}))$/;
const PLAIN = /^[!-~]+$/;
const INVISIBLE = /[\s\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF]+/g;

/**
 * An address in its one spelling: lower-case, the domain in ASCII; `mailto:`, a display name with angle brackets,
 * quotes and trailing punctuation are stripped.
 *
 * @returns null when the text is not exactly one address that mail systems and HubSpot accept
 */
export function normaliseEmail(text: string): string | null {
  if (text.length > 1_000) return null;
  return checked(text.toLowerCase()) ?? checked(unwrapped(text));
}

function checked(address: string | null): string | null {
  if (address === null || address.length > MAX_EMAIL) return null;
  const local = ADDRESS.exec(address)?.[1];
  return local !== undefined && local.length <= MAX_LOCAL ? address : null;
}

function unwrapped(text: string): string | null {
  const bare = PLAIN.test(text) ? text : text.normalize("NFKC").trim();
  const address = unwrap(bare).toLowerCase();
  return PLAIN.test(address) ? address : withAsciiDomain(address);
}

function unwrap(text: string): string {
  const open = text.lastIndexOf("<");
  const inner = open >= 0 && text.endsWith(">") ? text.slice(open + 1, -1) : text;
  const stripped = inner.replace(/^["'\s]*(?:mailto:)?["'\s]*/i, "").replace(/["'\s,;.]+$/, "");
  const question = stripped.indexOf("?");
  // Only mailto links carry a query; a question mark elsewhere belongs to the address and is judged there.
  return question > 0 && /mailto:/i.test(inner) ? stripped.slice(0, question) : stripped;
}

function withAsciiDomain(address: string): string | null {
  const visible = address.replace(INVISIBLE, (gap) => (/^\s+$/.test(gap) ? " " : ""));
  const at = visible.lastIndexOf("@");
  if (at <= 0) return null;
  const host = toAscii(visible.slice(at + 1));
  return host === null ? null : `${visible.slice(0, at)}@${host}`;
}

/** What stands after the @ of a normalised address. */
export function emailDomain(email: string): string {
  return email.slice(email.lastIndexOf("@") + 1);
}

const ROLES = new Set(
  (
    "abuse accounting accounts admin administration administrator ap ar bewerbung billing booking bookings bonjour " +
    "buchhaltung career careers compliance contact contacto contactus customercare customerservice customersupport " +
    "datenschutz dev devops dpo einkauf enquiries enquiry events feedback finance frontdesk hallo hello help helpdesk " +
    "hola hostmaster hr info infos inquiries inquiry invoice invoices it jobs kontakt legal mail mailbox mailerdaemon " +
    "management marketing media members membership newsletter noc noreply donotreply office operations ops order " +
    "orders partner partners payments postmaster pr press presse privacy procurement purchasing recruiting recruitment " +
    "reception root rrhh sales security service services shop staff subscribe support team tech unsubscribe ventas " +
    "verkauf vertrieb web webmaster welcome"
  ).split(" "),
);

/** True when the mailbox belongs to a function (`info@`, `sales-de@`, `no-reply@`), not to a person. */
export function isRoleAccount(email: string): boolean {
  const local = email.slice(0, email.lastIndexOf("@")).split("+")[0] ?? "";
  const words = local
    .toLowerCase()
    .split(/[-_.]|\d+/)
    .filter((word) => word !== "");
  if (ROLES.has(words.join(""))) return true;
  const [first, ...rest] = words;
  return first !== undefined && ROLES.has(first) && rest.every((word) => isRegion(word));
}

function isRegion(word: string): boolean {
  return word.length <= 2 || ROLES.has(word) || REGIONS.has(word);
}

const REGIONS = new Set([
  "emea",
  "apac",
  "dach",
  "amer",
  "latam",
  "europe",
  "global",
  "usa",
  "int",
]);
