/** Company domains: the registrable part of a host, URL or e-mail address, which is a company's key. */
import { parse } from "tldts";
import { toAscii } from "./ascii-host.ts";

const ASCII = /^[\x21-\x7E]+$/;

/**
 * The registrable domain of a host, URL or e-mail address, lower-case, in ASCII (`xn--…`) form; customers of shared
 * suffixes keep their own name (`acme.github.io`).
 *
 * @returns null for IP addresses, localhost, names without a known public suffix, and anything that is not a host
 */
export function registrableDomain(text: string): string | null {
  const trimmed = text.trim().replace(/[.,;]+$/, "");
  if (trimmed === "" || trimmed.length > 2048 || /\s/.test(trimmed)) return null;
  const own = domainOf(trimmed, true) ?? domainOf(trimmed, false);
  return own === null || ASCII.test(own) ? own : toAscii(own);
}

function domainOf(text: string, allowPrivateDomains: boolean): string | null {
  const parsed = parse(text, { allowPrivateDomains });
  // Without a listed suffix tldts guesses the last label, and "St.Gallen" would become a domain.
  if (!parsed.isIcann && !parsed.isPrivate) return null;
  return parsed.domain?.toLowerCase() ?? null;
}
