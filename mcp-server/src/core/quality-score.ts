/**
 * The data-quality score of a contact: how complete, valid, fresh, consistent and unique it is, 0 to 100, with a
 * reason for every point that is missing.
 *
 * score = 35·completeness + 30·validity + 15·freshness + 10·consistency + 10·uniqueness, then two caps: an address
 * that cannot be written to keeps a contact at 40 or less, one that cannot be reached at all at 30 or less. Whether a
 * person objected to outreach is not part of it: that is a matter of suppression, not of quality.
 */
import { isSameCompany } from "./company-name.ts";
import type { QualityReason } from "./contact.ts";
import { registrableDomain } from "./domain.ts";
import { emailDomain } from "./email.ts";
import { isFreeMailDomain } from "./mail-domains.ts";
import { phoneCountry } from "./phone.ts";
import {
  emailStanding,
  type FieldVerdict,
  judgeFields,
  type QualityFields,
} from "./quality-fields.ts";
import { wholePoints } from "./whole-points.ts";

/** Changes whenever the same contact could get another score. */
export const SCORING_VERSION = 1;

const POINTS = { completeness: 35, validity: 30, freshness: 15, consistency: 10, uniqueness: 10 };

// Contact data goes out of date by 2.1 % a month (a figure that HubSpot and MarketingSherpa published).
const KEPT_PER_MONTH = 0.979;
const MONTH_MS = (365.25 / 12) * 86_400_000;
const UNKNOWN_FRESHNESS = 0.5;
const MOVED_ON_FRESHNESS = 0.2;
const UNREACHABLE_CAP = 30;
const UNDELIVERABLE_CAP = 40;

export type Uniqueness = "unique" | "probable-duplicate" | "exact-duplicate";

/** Everything the score depends on. */
export interface QualityInput extends QualityFields {
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
  /** When somebody last verified the contact, in ms since the epoch; null = unknown. */
  readonly verifiedAt: number | null;
  /** True when a provider sees the person at another employer by now. */
  readonly employerChanged: boolean;
  /** What a provider says of the person's company; null values are not compared. */
  readonly provider: { readonly company: string | null; readonly country: string | null };
  readonly uniqueness: Uniqueness;
}

export type Grade = "A" | "B" | "C" | "D" | "F";

/** Each dimension is 0..1; `reasons` lists what was lost, most points first, and sums to 100 − score exactly. */
export interface QualityScore {
  readonly score: number;
  readonly grade: Grade;
  readonly dimensions: Readonly<Record<keyof typeof POINTS, number>>;
  readonly reasons: readonly QualityReason[];
  readonly scoringVersion: number;
}

/** Scores a contact. The same input and `now` (ms since the epoch) give the same answer. */
export function qualityScore(input: QualityInput, now: number): QualityScore {
  const fields = judgeFields(input);
  const freshness = freshnessOf(input, now);
  const checks = consistencyChecks(input);
  const lost = [
    ...completenessLosses(fields),
    ...validityLosses(fields),
    ...freshnessLosses(input, freshness),
    ...consistencyLosses(checks),
    ...uniquenessLosses(input.uniqueness),
  ];
  const base = wholePoints(lost, 100);
  const uncapped = 100 - sum(base.map((reason) => reason.points_lost));
  const cap = capFor(input);
  const score = Math.min(uncapped, cap.limit);
  const reasons =
    uncapped > cap.limit ? [...base, { ...cap.reason, points_lost: uncapped - cap.limit }] : base;
  return {
    score,
    grade: gradeOf(score),
    dimensions: {
      completeness: completenessOf(fields),
      validity: validityOf(fields),
      freshness,
      consistency: consistencyOf(checks),
      uniqueness: UNIQUENESS[input.uniqueness],
    },
    reasons: reasons.toSorted((a, b) => b.points_lost - a.points_lost),
    scoringVersion: SCORING_VERSION,
  };
}

/** A ≥ 85, B ≥ 70, C ≥ 55, D ≥ 40, else F. */
export function gradeOf(score: number): Grade {
  if (score >= 85) return "A";
  if (score >= 70) return "B";
  if (score >= 55) return "C";
  return score >= 40 ? "D" : "F";
}

function completenessOf(fields: readonly FieldVerdict[]): number {
  return sum(fields.filter((field) => field.present).map((field) => field.weight));
}

function completenessLosses(fields: readonly FieldVerdict[]): readonly QualityReason[] {
  return fields
    .filter((field) => !field.present)
    .map(({ field, label, weight }) => ({
      code: "C_MISSING",
      field,
      points_lost: POINTS.completeness * weight,
      message: `${label} is missing.`,
      fix: `Fill in ${field}.`,
    }));
}

function validityOf(fields: readonly FieldVerdict[]): number {
  const present = fields.filter((field) => field.present);
  const weight = sum(present.map((field) => field.weight));
  return weight === 0 ? 0 : sum(present.map((f) => f.weight * f.validity)) / weight;
}

function validityLosses(fields: readonly FieldVerdict[]): readonly QualityReason[] {
  const present = fields.filter((field) => field.present);
  if (present.length === 0) {
    const message = "No field holds anything that could be valid.";
    return [loss("V_NOTHING", null, POINTS.validity, [message, "Fill in the contact's fields."])];
  }
  const weight = sum(present.map((field) => field.weight));
  return present
    .filter((field) => field.validity < 1)
    .map(({ field, weight: own, validity, problem, fix }) =>
      loss("V_DOUBTFUL", field, (POINTS.validity * own * (1 - validity)) / weight, [problem, fix]),
    );
}

function freshnessOf(input: QualityInput, now: number): number {
  if (input.bounced) return 0;
  const months = input.verifiedAt === null ? null : Math.max(0, now - input.verifiedAt) / MONTH_MS;
  const aged = months === null ? UNKNOWN_FRESHNESS : KEPT_PER_MONTH ** months;
  return input.employerChanged ? Math.min(aged, MOVED_ON_FRESHNESS) : aged;
}

function freshnessLosses(input: QualityInput, freshness: number): readonly QualityReason[] {
  const points = POINTS.freshness * (1 - freshness);
  if (points === 0) return [];
  const [code, message, fix] = freshnessReason(input);
  return [loss(code, null, points, [message, fix])];
}

function freshnessReason(input: QualityInput): readonly [string, string, string] {
  if (input.bounced) {
    return ["F_BOUNCED", "A message to this contact came back.", "Find a current address."];
  }
  if (input.employerChanged) {
    return [
      "F_MOVED",
      "The person works elsewhere by now.",
      "Replace the contact at this company.",
    ];
  }
  if (input.verifiedAt === null) {
    return ["F_UNDATED", "Nobody knows when this was last verified.", "Verify the contact once."];
  }
  return ["F_AGED", "The last verification is some time ago.", "Verify the contact again."];
}

/** One comparison of two fields that should tell the same story. */
interface Check {
  readonly code: string;
  readonly field: string;
  readonly agrees: boolean;
  readonly message: string;
}

function consistencyChecks(input: QualityInput): readonly Check[] {
  return [emailCheck(input), companyCheck(input), countryCheck(input), phoneCheck(input)].filter(
    (check) => check !== null,
  );
}

function emailCheck({ email, domain }: QualityInput): Check | null {
  const host = email === null ? "" : emailDomain(email);
  if (host === "" || domain === null || isFreeMailDomain(host)) return null;
  const agrees = (registrableDomain(host) ?? host) === domain;
  const message = "The e-mail address is not at the company's domain.";
  return { code: "K_EMAIL_DOMAIN", field: "domain", agrees, message };
}

function companyCheck({ company, provider }: QualityInput): Check | null {
  if (company === null || provider.company === null) return null;
  const agrees = isSameCompany(company, provider.company);
  const message = "The company's name differs from what the provider knows for its domain.";
  return { code: "K_COMPANY", field: "company", agrees, message };
}

function countryCheck({ country, provider }: QualityInput): Check | null {
  if (country === null || provider.country === null) return null;
  const message = "The contact's country is not the company's.";
  return { code: "K_COUNTRY", field: "country", agrees: country === provider.country, message };
}

function phoneCheck({ phone, country }: QualityInput): Check | null {
  const from = phone === null ? null : phoneCountry(phone);
  if (from === null || country === null) return null;
  const message = "The phone number belongs to another country.";
  return { code: "K_PHONE_COUNTRY", field: "phone", agrees: from === country, message };
}

function consistencyOf(checks: readonly Check[]): number {
  return checks.length === 0 ? 0.5 : checks.filter((check) => check.agrees).length / checks.length;
}

function consistencyLosses(checks: readonly Check[]): readonly QualityReason[] {
  if (checks.length === 0) {
    const message = "There was nothing to compare the contact's fields with.";
    const fix = "Fill in the company domain and the country.";
    return [loss("K_NOT_CHECKED", null, POINTS.consistency / 2, [message, fix])];
  }
  return checks
    .filter((check) => !check.agrees)
    .map(({ code, field, message }) =>
      loss(code, field, POINTS.consistency / checks.length, [message, "Check which one is right."]),
    );
}

const UNIQUENESS: Readonly<Record<Uniqueness, number>> = {
  unique: 1,
  "probable-duplicate": 0.5,
  "exact-duplicate": 0,
};

function uniquenessLosses(uniqueness: Uniqueness): readonly QualityReason[] {
  const points = POINTS.uniqueness * (1 - UNIQUENESS[uniqueness]);
  if (points === 0) return [];
  const exact = uniqueness === "exact-duplicate";
  const message = exact
    ? "Another contact has the same e-mail address or LinkedIn profile."
    : "Another contact has the same name at the same company.";
  return [loss(exact ? "U_DUPLICATE" : "U_PROBABLE", "email", points, [message, "Merge the two."])];
}

function capFor(input: QualityInput): {
  readonly limit: number;
  readonly reason: Omit<QualityReason, "points_lost">;
} {
  const standing = input.email === null ? null : emailStanding(input);
  if (standing === null && input.linkedin_url === null) {
    const message = "There is neither an e-mail address nor a LinkedIn profile.";
    const fix = "Find one way to reach the person.";
    return {
      limit: UNREACHABLE_CAP,
      reason: { code: "CAP_UNREACHABLE", field: null, message, fix },
    };
  }
  if (standing === "undeliverable" || standing === "disposable" || input.bounced) {
    const message = "No message can reach the e-mail address.";
    const fix = "Find a current business address.";
    const reason = { code: "CAP_UNDELIVERABLE", field: "email", message, fix };
    return { limit: UNDELIVERABLE_CAP, reason };
  }
  return { limit: 100, reason: { code: "CAP_NONE", field: null, message: "", fix: "" } };
}

function loss(
  code: string,
  field: string | null,
  points: number,
  [message, fix]: readonly [string, string],
): QualityReason {
  return { code, field, points_lost: points, message, fix };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
