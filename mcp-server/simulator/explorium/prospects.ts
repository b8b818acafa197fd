/** What Explorium knows about a person: contact details and a professional profile. */

import { known, pick } from "./digest.ts";
import { hasMoved, type Person, personNumber } from "./directory.ts";
import { nameFromDomain } from "./domains.ts";

type Role = {
  readonly title: string;
  readonly level: string;
  readonly seniority: string;
  readonly department: string;
};

const ROLES: readonly Role[] = [
  { title: "Chief Revenue Officer", level: "c-suite", seniority: "cxo", department: "sales" },
  {
    title: "Vice President Marketing",
    level: "vice president",
    seniority: "vp",
    department: "marketing",
  },
  {
    title: "Head Of Engineering",
    level: "director",
    seniority: "director",
    department: "engineering",
  },
  { title: "Operations Manager", level: "manager", seniority: "manager", department: "operations" },
  { title: "Account Executive", level: "non-managerial", seniority: "entry", department: "sales" },
  { title: "IT Manager", level: "manager", seniority: "manager", department: "it" },
];

/** The parts of the contact information that a request asks for. */
export type ContactTypes = ReadonlySet<"email" | "phone">;

/** E-mails and phones of a person, as far as asked for. */
export function contactInformation(person: Person, types: ContactTypes) {
  const address = person.email ?? guessedAddress(person);
  const emails = address === null ? [] : [{ address, type: "current_professional" }];
  const statuses = ["valid", "valid", "catch-all", "invalid"];
  const phone = `+1202555${String(100 + personNumber(person, "phone", 100)).padStart(4, "0")}`;
  const hasPhone = personNumber(person, "has-phone", 3) > 0;
  const email = types.has("email") && address !== null;
  return {
    emails: email ? emails : [],
    professions_email: email ? address : null,
    professional_email_status: email ? pick(`${person.seed}/status`, statuses) : null,
    phone_numbers: types.has("phone") && hasPhone ? [{ phone_number: phone }] : [],
    mobile_phone: types.has("phone") && hasPhone ? phone : null,
  };
}

function guessedAddress(person: Person): string | null {
  if (person.companyDomain === null) return null;
  const mailbox = person.fullName
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z ]/g, "");
  return `${mailbox.replaceAll(/\s+/g, ".")}@${person.companyDomain}`;
}

/** A person's professional profile, with the fields a careful client drops (age group, gender) as well. */
export function profile(person: Person) {
  const { seed } = person;
  const role = pick(`${seed}/role`, ROLES);
  const [country, region, city] = pick(`${seed}/home`, HOMES);
  const employer = employerOf(person);
  const linkedin = person.linkedin ?? `https://linkedin.com/in/${slug(person.fullName)}`;
  return {
    full_name: person.fullName,
    country_name: country,
    region_name: known(`${seed}/region`, 5, region),
    city: known(`${seed}/city`, 5, city),
    linkedin: known(`${seed}/linkedin`, 8, linkedin),
    experience: experience(person, role),
    skills: null,
    interests: null,
    age_group: known(`${seed}/age`, 3, "31-40"),
    education: [],
    gender: known(`${seed}/gender`, 3, pick(`${seed}/gender`, ["male", "female"])),
    company_name: employer.name,
    company_website: employer.domain === null ? null : `https://${employer.domain}`,
    company_linkedin: null,
    job_department: null,
    job_department_array: [role.department],
    job_department_main: known(`${seed}/department`, 9, role.department),
    job_seniority_level: role.seniority,
    job_level_array: [role.level],
    job_level_main: known(`${seed}/level`, 9, role.level),
    job_title: known(`${seed}/title`, 12, role.title),
    linkedin_url_array: [linkedin],
  };
}

const HOMES = [
  ["united states", "washington", "seattle"],
  ["germany", "berlin", "berlin"],
  ["france", "ile-de-france", "paris"],
  ["united kingdom", "england", "london"],
] as const;

function experience(person: Person, role: Role) {
  const employer = employerOf(person);
  const now = {
    company: { name: employer.name?.toLowerCase() ?? null, website: employer.domain },
    // Levels can hold null in the API's own examples.
    title: { levels: [null, role.seniority], name: role.title.toLowerCase() },
    start_date: "2024-02",
    is_primary: true,
  };
  const before = {
    company: { name: "palewater labs", website: "palewater-labs.com" },
    title: { levels: [], name: "consultant" },
    start_date: "2019-01",
    end_date: "2024-01",
  };
  return [now, before];
}

function employerOf(person: Person): { name: string | null; domain: string | null } {
  if (hasMoved(person)) return { name: "Kestrel Systems", domain: "kestrel-systems.com" };
  const { companyDomain, companyName } = person;
  return {
    name: companyDomain === null ? companyName : nameFromDomain(companyDomain),
    domain: companyDomain,
  };
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]+/g, "-");
}
