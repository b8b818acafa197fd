/** Contacts with a value in each of fifteen mapped fields, for what is measured per field; none of these people exists. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Firmographics } from "../src/core/company.ts";
import type { Contact, ContactFields } from "../src/core/contact.ts";
import { SAMPLE_NAMES, SAMPLE_TITLES, type SampleCountry } from "./sample-names.ts";

/** The fields, by the names of the shipped map, with every strategy among them. */
const FIFTEEN = {
  email: "LATEST_WINS",
  first_name: "LATEST_WINS",
  last_name: "LATEST_WINS",
  company: "HUBSPOT_WINS",
  job_title: "MANUAL",
  phone: "LATEST_WINS",
  country: "LATEST_WINS",
  city: "WARP_WINS",
  website: "LATEST_WINS",
  linkedin_url: "LATEST_WINS",
  industry: "WARP_WINS",
  summary: "WARP_WINS",
  pain_points: "WARP_WINS",
  quality_score: "WARP_WINS",
  enriched_at: "WARP_WINS",
} as const;

/** The text of a field map with these fields and nothing else. */
export function fifteenFieldsMap(): string {
  const shipped = join(import.meta.dirname, "..", "..", "data", "field-map.json");
  const { contacts } = JSON.parse(readFileSync(shipped, "utf8"));
  const entries = Object.entries(FIFTEEN).map(([field, conflict_resolution]) => [
    field,
    { ...contacts[field], conflict_resolution },
  ]);
  return JSON.stringify({ contacts: Object.fromEntries(entries) });
}

const CONTACTS_PER_COMPANY = 5;

const places: readonly (readonly [SampleCountry, city: string, dialling: string])[] = [
  ["US", "Boston", "+1617555"],
  ["GB", "Leeds", "+4411349"],
  ["DE", "Hamburg", "+494042"],
  ["FR", "Lyon", "+334727"],
  ["SE", "Umeå", "+469013"],
  ["ES", "Valencia", "+349633"],
  ["IT", "Modena", "+3905921"],
  ["NL", "Utrecht", "+3130231"],
];
const trades = ["Machinery", "Insurance", "Freight", "Software", "Ceramics", "Energy"] as const;
const news = ["is hiring in sales", "opened a second plant", "moved its billing to the cloud"];
const pains = [
  "Sales and finance keep separate customer lists",
  "Invoices go to addresses that nobody reads",
  "Renewals are noticed too late",
  "Reports are put together by hand",
];

/** The company of the n-th contact; the same for the same number. */
export interface FullCompany {
  readonly domain: string;
  readonly name: string;
  readonly firmographics: Firmographics;
}

export function fullCompany(contact: number): FullCompany {
  const number = Math.floor(contact / CONTACTS_PER_COMPANY);
  const [country, city] = placeOf(contact);
  const industry = at(trades, number);
  const name = `${industry} Works ${number}`;
  const domain = `${industry.toLowerCase()}-works-${number}.com`;
  return {
    domain,
    name,
    firmographics: {
      name,
      description: null,
      website: `https://www.${domain}`,
      country,
      region: null,
      city,
      industry,
      employees_range: "51-200",
      revenue_range: null,
      linkedin_url: null,
      technologies: [],
    },
  };
}

/** The fields of the n-th contact; the same for the same number. */
export function fullContactFields(contact: number): ContactFields {
  const { domain, name } = fullCompany(contact);
  const [country, city, dialling] = placeOf(contact);
  const [given, family] = SAMPLE_NAMES[country].map((names) => at(names.split(","), contact));
  const digits = String((contact * 7_919) % 10_000).padStart(4, "0");
  return {
    email: `${plain(given)}.${plain(family)}.${contact}@${domain}`,
    first_name: given ?? null,
    last_name: family ?? null,
    company: name,
    domain,
    job_title: at(SAMPLE_TITLES, contact),
    phone: `${dialling}${digits}`,
    country,
    city,
    website: `https://www.${domain}`,
    linkedin_url: `https://www.linkedin.com/in/${plain(given)}-${plain(family)}-${contact}`,
    custom: null,
    email_status: null,
    engagement_state: null,
    unsubscribed: false,
  };
}

/** What an enrichment at a time, ISO-8601 UTC, sets on the n-th contact. */
export function enrichment(
  contact: number,
  at_: string,
): Pick<Contact, "status" | "enriched_at" | "quality_score" | "intelligence"> {
  const { name, firmographics } = fullCompany(contact);
  const summary = `${name} makes its living in ${firmographics.industry} and ${at(news, contact)}.`;
  return {
    status: "enriched",
    enriched_at: at_,
    quality_score: 60 + (contact % 40),
    intelligence: {
      summary,
      pain_points: [at(pains, contact), at(pains, contact + 1)],
      personalization_hooks: ["They opened a new office this spring"],
      confidence: 0.7,
      evidence_ids: ["F1"],
      model: "bench",
    },
  };
}

function placeOf(contact: number): (typeof places)[number] {
  return at(places, Math.floor(contact / CONTACTS_PER_COMPANY));
}

function at<T>(from: readonly T[], position: number): T {
  const found = from[position % from.length];
  if (found === undefined) throw new Error("There is nothing to choose from.");
  return found;
}

function plain(text = ""): string {
  return text
    .normalize("NFD")
    .replace(/[^A-Za-z0-9]/g, "")
    .toLowerCase();
}
