/** How complete and how valid each field of a contact is: the per-field half of the data-quality score. */
import { registrableDomain } from "./domain.ts";
import { emailDomain, isRoleAccount, normaliseEmail } from "./email.ts";
import { isPlausibleTitle } from "./job-title.ts";
import { isDisposableDomain, isFreeMailDomain } from "./mail-domains.ts";
import { isPlaceholderName } from "./name.ts";
import { isValidPhone, normalisePhone } from "./phone.ts";

/** The fields that are judged, with nothing else of the contact. null = empty. */
export interface QualityFields {
  readonly email: string | null;
  readonly email_status: "deliverable" | "risky" | "undeliverable" | null;
  /** True when a message to the address came back. */
  readonly bounced: boolean;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly job_title: string | null;
  readonly domain: string | null;
  readonly company: string | null;
  readonly linkedin_url: string | null;
  readonly phone: string | null;
}

/** One field's verdict. `weight` is its share of completeness; `validity` is 0..1, and says nothing when not present. */
export interface FieldVerdict {
  readonly field: string;
  readonly label: string;
  readonly weight: number;
  readonly present: boolean;
  readonly validity: number;
  readonly problem: string;
  readonly fix: string;
}

/** Why an e-mail address is worth less than a verified business address, worst first. */
export type EmailStanding =
  | "undeliverable"
  | "disposable"
  | "malformed"
  | "role"
  | "risky"
  | "free-mail"
  | "unverified"
  | "verified";

const EMAIL_PROBLEMS: Readonly<Record<EmailStanding, readonly [string, string]>> = {
  undeliverable: ["The e-mail address does not receive mail.", "Find a current address."],
  disposable: ["The e-mail address is a throw-away one.", "Ask for a business address."],
  malformed: ["The e-mail address is not well-formed.", "Correct its spelling."],
  role: [
    "The e-mail address belongs to a function, not to a person.",
    "Find the person's own address.",
  ],
  risky: ["The mail provider would not confirm the address.", "Verify it before relying on it."],
  "free-mail": ["The e-mail address is a private mailbox.", "Find the business address."],
  unverified: ["Nobody has verified the e-mail address.", "Run an e-mail verification."],
  verified: ["", ""],
};

/** Which of the standings an address has; the first that applies in the order of the type. */
export function emailStanding(fields: QualityFields): EmailStanding {
  const email = normaliseEmail(fields.email ?? "");
  if (fields.bounced || fields.email_status === "undeliverable") return "undeliverable";
  if (email === null) return "malformed";
  const domain = emailDomain(email);
  if (isDisposableDomain(domain)) return "disposable";
  if (isRoleAccount(email)) return "role";
  if (fields.email_status === "risky") return "risky";
  if (isFreeMailDomain(domain)) return "free-mail";
  return fields.email_status === "deliverable" ? "verified" : "unverified";
}

const EMAIL_VALIDITY: Readonly<Record<EmailStanding, number>> = {
  undeliverable: 0,
  disposable: 0,
  malformed: 0,
  role: 0.4,
  risky: 0.5,
  "free-mail": 0.6,
  unverified: 0.7,
  verified: 1,
};

type Judgement = Pick<FieldVerdict, "validity" | "problem" | "fix">;
type JudgedField = Exclude<keyof QualityFields, "email_status" | "bounced">;

const TABLE: readonly {
  readonly field: JudgedField;
  readonly label: string;
  readonly weight: number;
  readonly judge: (text: string) => Judgement;
}[] = [
  { field: "first_name", label: "First name", weight: 0.075, judge: judgeName },
  { field: "last_name", label: "Last name", weight: 0.075, judge: judgeName },
  { field: "job_title", label: "Job title", weight: 0.15, judge: judgeTitle },
  { field: "domain", label: "Company domain", weight: 0.15, judge: judgeDomain },
  { field: "company", label: "Company name", weight: 0.1, judge: judgeCompany },
  { field: "linkedin_url", label: "LinkedIn profile", weight: 0.1, judge: judgeLinkedin },
  { field: "phone", label: "Phone number", weight: 0.05, judge: judgePhone },
];

/** All judged fields in a fixed order. Weights sum to 1; a first and a last name count half of the name's .15 each. */
export function judgeFields(fields: QualityFields): readonly FieldVerdict[] {
  const others = TABLE.map(({ field, label, weight, judge }) => {
    const value = fields[field] ?? "";
    return { field, label, weight, present: value !== "", ...judge(value) };
  });
  return [judgeEmail(fields), ...others];
}

function judgeEmail(fields: QualityFields): FieldVerdict {
  const standing = emailStanding(fields);
  const [problem, fix] = EMAIL_PROBLEMS[standing];
  const present = fields.email !== null && fields.email !== "";
  const validity = EMAIL_VALIDITY[standing];
  return { field: "email", label: "E-mail address", weight: 0.3, present, validity, problem, fix };
}

function judged(validity: number, problem: string, fix: string): Judgement {
  return { validity, problem, fix };
}

function judgeName(name: string): Judgement {
  const real = !/[\d@]/.test(name) && !isPlaceholderName(name);
  return judged(
    real ? 1 : 0,
    "The name is a placeholder or not a name.",
    "Enter the person's name.",
  );
}

function judgeTitle(title: string): Judgement {
  const plausible = isPlausibleTitle(title);
  return judged(plausible ? 1 : 0, "The job title says nothing.", "Enter the present job title.");
}

function judgeDomain(domain: string): Judgement {
  const own =
    registrableDomain(domain) === domain.toLowerCase() &&
    !isFreeMailDomain(domain) &&
    !isDisposableDomain(domain);
  return judged(
    own ? 1 : 0,
    "The domain is not a company's own.",
    "Enter the company's web domain.",
  );
}

function judgeCompany(company: string): Judgement {
  const real = !isPlaceholderName(company) && !company.includes("@");
  return judged(real ? 1 : 0, "The company name is a placeholder.", "Enter the company's name.");
}

function judgeLinkedin(url: string): Judgement {
  const profile = /^(https?:\/\/)?([a-z]{2,3}\.)?linkedin\.com\/in\/[^\s/?#]+/i.test(url);
  return judged(
    profile ? 1 : 0,
    "The link is not a LinkedIn profile.",
    "Link the person's /in/ page.",
  );
}

function judgePhone(phone: string): Judgement {
  const fix = "Enter the number with its country code.";
  if (isValidPhone(phone)) return judged(1, "", fix);
  const possible = normalisePhone(phone, null) !== null;
  return judged(possible ? 0.5 : 0, "The phone number is not a valid international number.", fix);
}
