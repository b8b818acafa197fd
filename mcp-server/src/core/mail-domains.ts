/** What a mail domain says of its users: free for all, thrown away, or an employer's own. */
import { disposableEmailBlocklistSet } from "disposable-email-domains-js";
import providers from "email-providers/all.json" with { type: "json" };

// Relay and mailbox providers the list lacks; facebook.com is on it, but is a company's own domain by now.
const FREE_MAIL_TOO = [
  "privaterelay.appleid.com",
  "mozmail.com",
  "duck.com",
  "mailbox.org",
  "mail.com",
];
const FREE_MAIL_TUTA = ["tutanota.com", "tutanota.de", "tutamail.com", "tuta.io", "keemail.me"];
const NOT_FREE_MAIL = ["facebook.com"];

const freeMail = new Set<string>([...providers, ...FREE_MAIL_TOO, ...FREE_MAIL_TUTA]);
for (const domain of NOT_FREE_MAIL) freeMail.delete(domain);
const disposable = disposableEmailBlocklistSet();

/** True when anyone can get a mailbox there, so that the domain says nothing of an employer. Subdomains count. */
export function isFreeMailDomain(domain: string): boolean {
  return anySuffixIn(freeMail, domain);
}

/** True for throw-away mailboxes. Subdomains count. */
export function isDisposableDomain(domain: string): boolean {
  return anySuffixIn(disposable, domain);
}

function anySuffixIn(domains: ReadonlySet<string>, domain: string): boolean {
  let rest = domain.toLowerCase();
  while (rest.includes(".")) {
    if (domains.has(rest)) return true;
    rest = rest.slice(rest.indexOf(".") + 1);
  }
  return false;
}
