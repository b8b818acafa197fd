/** Who the stand-in knows: companies by domain and people by what identified them, found again by id. */

import { businessIdOf, isRare, pick, pickNumber, prospectIdOf } from "./digest.ts";
import { hasCompany, nameFromDomain, nameKey, registrableDomain, titleCase } from "./domains.ts";
import { textOf } from "./requests.ts";

/** A company; everything else about it follows from the domain. */
export type Company = { readonly id: string; readonly domain: string; readonly name: string };

/** A person; everything else follows from the seed. */
export type Person = {
  readonly id: string;
  readonly seed: string;
  readonly fullName: string;
  readonly companyName: string | null;
  readonly companyDomain: string | null;
  readonly email: string | null;
  readonly linkedin: string | null;
};

const GIVEN = ["Ada", "Noor", "Mateo", "Ines", "Kofi", "Linnea", "Ravi", "Yara"];
const FAMILY = ["Lindgren", "Mensah", "Costa", "Novak", "Iyer", "Moreau", "Keller", "Haddad"];

// Ids printed in Explorium's own examples, so that a copied example request finds the same company.
const PRINTED_IDS: Readonly<Record<string, string>> = {
  "apple.com": "8adce3ca1cef0c986b22310e369a0793",
  "explorium.ai": "340c8040bd50cbab9c7df718bbe51cc9",
};

/** Companies and people that a match has named; ids that no match gave out are unknown. */
export class Directory {
  readonly #companies = new Map<string, Company>();
  readonly #companyIdByName = new Map<string, string>();
  readonly #people = new Map<string, Person>();

  constructor() {
    for (const domain of ["starbucks.com", ...Object.keys(PRINTED_IDS)]) this.#remember(domain);
  }

  /**
   * The documented matching table: a domain or URL decides alone, whatever the name says; a domain nobody
   * knows is no match even beside a known name; a name by itself is matched loosely.
   */
  matchCompany(item: unknown): Company | null {
    const address = textOf(item, "domain") ?? textOf(item, "url");
    if (address !== null) return this.#byDomain(registrableDomain(address));
    const linkedin = textOf(item, "linkedin_url");
    const slug = linkedin?.match(/\/company\/([^/?#]+)/)?.[1];
    if (slug !== undefined) return this.#byName(slug.replaceAll("-", " "));
    const name = textOf(item, "name");
    return name === null ? null : this.#byName(name);
  }

  /** The company with that id, or null. */
  company(id: string): Company | null {
    return this.#companies.get(id) ?? null;
  }

  /** The person with that id, or null. */
  person(id: string): Person | null {
    return this.#people.get(id) ?? null;
  }

  /** A person by e-mail, LinkedIn, phone, or full name with company name; null when that is not enough. */
  matchPerson(item: unknown): Person | null {
    const said = identify(item);
    if (said === null || /unknown|nomatch/.test(said.seed)) return null;
    const { email, seed } = said;
    const domain = email === null ? null : registrableDomain(email.slice(email.indexOf("@") + 1));
    if (email !== null && (domain === null || !hasCompany(domain))) return null;
    const person: Person = {
      id: prospectIdOf(seed),
      seed,
      fullName: said.fullName ?? nameFrom(email, said.linkedin, seed),
      companyName: said.companyName ?? (domain === null ? null : nameFromDomain(domain)),
      companyDomain: domain,
      email,
      linkedin: said.linkedin,
    };
    this.#people.set(person.id, person);
    return person;
  }

  #byDomain(domain: string | null): Company | null {
    return domain === null || !hasCompany(domain) ? null : this.#remember(domain);
  }

  #byName(name: string): Company | null {
    const key = nameKey(name);
    if (key.length < 2 || /unknown|nomatch/.test(key)) return null;
    const knownId = this.#companyIdByName.get(key);
    return (knownId === undefined ? null : this.company(knownId)) ?? this.#remember(`${key}.com`);
  }

  #remember(domain: string): Company {
    const id = PRINTED_IDS[domain] ?? businessIdOf(domain);
    const company = { id, domain, name: nameFromDomain(domain) };
    this.#companies.set(id, company);
    const key = nameKey(company.name);
    if (!this.#companyIdByName.has(key)) this.#companyIdByName.set(key, id);
    return company;
  }
}

// The strongest identifier wins: an e-mail, then LinkedIn, then a phone, then a full name at a company.
function identify(item: unknown) {
  const email = textOf(item, "email")?.toLowerCase() ?? null;
  const linkedin = textOf(item, "linkedin");
  const fullName = textOf(item, "full_name");
  const companyName = textOf(item, "company_name");
  const isNamed = fullName !== null && companyName !== null;
  const named = isNamed ? `${fullName}@${companyName}`.toLowerCase() : null;
  const seed = email ?? linkedin ?? textOf(item, "phone_number") ?? named;
  return seed === null ? null : { seed, email, linkedin, fullName, companyName };
}

function nameFrom(email: string | null, linkedin: string | null, seed: string): string {
  const mailbox = email?.slice(0, email.indexOf("@"));
  const slug = linkedin?.match(/\/in\/([^/?#]+)/)?.[1];
  const words = (mailbox ?? slug ?? "").replaceAll(/[^\p{L}]+/gu, " ").trim();
  if (words.includes(" ")) return titleCase(words);
  return `${pick(`${seed}/given`, GIVEN)} ${pick(`${seed}/family`, FAMILY)}`;
}

/** True for one person in twelve: they have changed employer since the record was written. */
export function hasMoved(person: Person): boolean {
  return isRare(`${person.seed}/moved`, 12);
}

/** A stable small number for a person. */
export function personNumber(person: Person, what: string, below: number): number {
  return pickNumber(`${person.seed}/${what}`, below);
}
