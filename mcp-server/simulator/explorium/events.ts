/** Business events of the last three months, on fixed days, so that the same event is found again tomorrow. */

import { businessIdOf, pick, pickNumber } from "./digest.ts";
import type { Company } from "./directory.ts";
import { placeOf } from "./firmographics.ts";

const WEEK_MS = 7 * 24 * 3_600_000;

// Explorium keeps events of about three months.
const WEEKS_KEPT = 13;

/** The events that the API can name. */
export const EVENT_TYPES: readonly string[] = [
  "ipo_announcement",
  "new_funding_round",
  "new_investment",
  "new_product",
  "new_office",
  "closing_office",
  "new_partnership",
  ...["increase", "decrease"].flatMap((way) =>
    ["engineering", "sales", "marketing", "operations", "customer_service"].map(
      (name) => `${way}_in_${name}_department`,
    ),
  ),
  "increase_in_all_departments",
  "decrease_in_all_departments",
  "employee_joined_company",
  ..."creative,education,engineering,finance,health,human_resources,legal,marketing,operations,professional_service,sales,support,trade,unknown"
    .split(",")
    .map((name) => `hiring_in_${name}_department`),
  "company_award",
  "outages_and_security_breaches",
  "cost_cutting",
  "merger_and_acquisitions",
  "lawsuits_and_legal_issues",
];

// The types a company really gets; asking for another one is legal and finds nothing.
const LIKELY = [
  "new_funding_round",
  "hiring_in_sales_department",
  "hiring_in_engineering_department",
  "hiring_in_marketing_department",
  "new_product",
  "new_partnership",
  "new_office",
  "merger_and_acquisitions",
  "cost_cutting",
] as const;

/** Which events are asked for; times in milliseconds, null where no bound was given. */
export type EventQuery = {
  readonly types: ReadonlySet<string>;
  readonly from: number | null;
  readonly to: number | null;
  readonly now: number;
};

/** The company's events, newest first; often none. */
export function businessEvents(company: Company, query: EventQuery) {
  const thisWeek = Math.floor(query.now / WEEK_MS);
  const weeks = Array.from({ length: WEEKS_KEPT }, (_, back) => thisWeek - back);
  return weeks
    .filter((week) => pickNumber(`${company.domain}/event/${week}`, 9) === 0)
    .map((week) => eventOf(company, week))
    .filter(({ event_name, event_time }) => isWanted(event_name, Date.parse(event_time), query));
}

function isWanted(name: string, at: number, query: EventQuery): boolean {
  const { from, to, now } = query;
  return (
    query.types.has(name) && at <= now && (from === null || at >= from) && (to === null || at <= to)
  );
}

function eventOf(company: Company, week: number) {
  const seed = `${company.domain}/${week}`;
  const name = pick(`${seed}/type`, LIKELY);
  const time = new Date(week * WEEK_MS).toISOString().replace(".000Z", "+00:00");
  return {
    event_name: name,
    event_time: time,
    event_id: businessIdOf(`event/${seed}`),
    data: { event_name: name, ...dataOf(name, company, time) },
    business_id: company.id,
  };
}

function dataOf(name: string, company: Company, time: string): object {
  const [country, , city] = placeOf(company);
  const link = `https://news.example.com/${company.domain}`;
  if (name === "new_funding_round") {
    return {
      // The API spells these two fields "founding_".
      founding_date: time,
      founding_stage: pick(`${company.domain}/stage`, ["Seed", "Series A", "Series B"]),
      amount_raised: 1_000_000 * (1 + pickNumber(`${company.domain}/raised`, 30)),
      investors: "Harbourline Ventures, Kestrel Growth",
      lead_investor: "Harbourline Ventures",
      link,
    };
  }
  if (name.startsWith("hiring_in_")) {
    const department = name.slice("hiring_in_".length, -"_department".length);
    const count = 2 + pickNumber(`${company.domain}/${time}/jobs`, 12);
    return { location: city, job_count: count, job_titles: [`${department} lead`], department };
  }
  const facts: Readonly<Record<string, object>> = {
    new_product: { product_name: `${company.name} Assist`, product_launch_date: time },
    new_partnership: { partner_company: "Kestrel Systems", partnership_date: time },
    new_office: { office_location: `${city}, ${country}`, opening_date: time },
    merger_and_acquisitions: { target_company: "Palewater Labs", merger_date: time },
    cost_cutting: { cost_cutting_date: time, reason: "restructuring" },
  };
  return { ...facts[name], link };
}
