/** Reading of domains: what a domain, a URL or an e-mail says about the company behind it. */

// Enough of the public suffix rules for a stand-in: "co.uk", "com.au" and their like count as one ending.
const SECOND_LEVELS = new Set(["co", "com", "org", "net", "gov", "ac", "edu"]);

/** The registrable domain in lower case, or null when the text cannot be one. */
export function registrableDomain(text: string): string | null {
  const host = hostOf(text.trim().toLowerCase());
  if (host === null || !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host)) return null;
  const labels = host.split(".");
  const [secondLevel = "", top = ""] = labels.slice(-2);
  if (!/^([a-z]{2,}|xn--[a-z0-9-]+)$/.test(top)) return null;
  const kept = top.length === 2 && SECOND_LEVELS.has(secondLevel) ? 3 : 2;
  return labels.length < kept ? null : labels.slice(-kept).join(".");
}

function hostOf(text: string): string | null {
  const address = /^[a-z][a-z0-9+.-]*:\/\//.test(text) ? text : `http://${text}`;
  return URL.canParse(address) ? new URL(address).hostname.replace(/\.$/, "") : null;
}

/** False for the domains that the stand-in knows no company for. */
export function hasCompany(domain: string): boolean {
  return domain !== "fakeurl.xyz" && !/unknown|nomatch/.test(domain);
}

/** A company's name as its domain spells it: "acme-robotics.com" gives "Acme Robotics". */
export function nameFromDomain(domain: string): string {
  const [label = ""] = domain.split(".");
  return titleCase(label.replaceAll(/[-_]+/g, " "));
}

/** Every word with a capital. */
export function titleCase(words: string): string {
  return words.replaceAll(/(^|\s)\p{L}/gu, (letter) => letter.toUpperCase());
}

/** A name reduced to its letters and digits without legal forms, for the fuzzy match. */
export function nameKey(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\b(inc|llc|ltd|limited|gmbh|ag|sas|ab|pty|plc|corp|emea|group)\b/g, "")
    .replaceAll(/[^a-z0-9]/g, "");
}
