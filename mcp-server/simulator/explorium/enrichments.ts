/** The other business enrichments, each a pure function of the company; null means Explorium has nothing. */

import { isRare, known, pick, pickNumber } from "./digest.ts";
import type { Company } from "./directory.ts";
import { firmographics, placeOf, sizeOf, tradeOf } from "./firmographics.ts";

/** What one enrichment knows about one company; several rows where the API gives several. */
export type Enrichment = (company: Company, now: number) => object | readonly object[] | null;

const TECHNOLOGIES: Readonly<Record<string, readonly string[]>> = {
  testing_and_qa: ["Playwright", "Selenium"],
  sales: ["HubSpot Sales Hub", "Salesforce"],
  prog_langs_and_frameworks: ["TypeScript", "Python", "Java"],
  productivity_and_operations: ["Microsoft 365", "Google Workspace"],
  product_and_design: ["Figma"],
  platform_and_storage: ["PostgreSQL", "Amazon S3"],
  operations_software: [],
  operations_management: ["SAP ERP"],
  marketing: ["HubSpot Marketing Hub", "Marketo", "Google Analytics"],
  it_security: ["Okta", "Cloudflare"],
  it_management: ["ServiceNow"],
  hr: ["Personio", "Workday"],
  health_tech: [],
  finance_and_accounting: ["Xero", "DATEV"],
  ecommerce: ["Shopify"],
  devops_and_development: ["GitHub", "Kubernetes"],
  customer_management: ["Zendesk", "Intercom"],
  computer_networks: ["NGINX"],
  communications: ["Slack", "Twilio"],
  collaboration: ["Notion", "Miro"],
  bi_and_analytics: ["Tableau", "Power BI"],
};

const DEPARTMENTS =
  "design,sales,hr,operations,pr,health,trades,engineering,finance,customer_service,legal,media,marketing,real_estate,education".split(
    ",",
  );

const CHANGES: readonly (readonly [string, string])[] = [
  ["A careers page was added.", "The company is hiring and may open new teams."],
  ["The pricing page now shows an enterprise plan.", "The company is moving up-market."],
  ["A partner programme page was added.", "The company looks for indirect sales channels."],
  ["The home page names two new industries.", "The company enters new markets."],
];

function technographics(company: Company) {
  const stack = Object.entries(TECHNOLOGIES).map(([category, all]) => {
    const isUsed = (name: string) => pickNumber(`${company.domain}/tech/${name}`, 3) > 0;
    return [category, all.filter(isUsed)] as const;
  });
  return {
    full_tech_stack: stack.flatMap(([, names]) => names),
    full_nested_tech_stack: stack
      .filter(([, names]) => names.length > 0)
      .map(([category, names]) => ({ category, technologies: names })),
    ...Object.fromEntries(
      stack.map(([category, names]) => [
        category,
        known(`${company.domain}/${category}`, 7, names),
      ]),
    ),
  };
}

function fundingAndAcquisition(company: Company) {
  const seed = `${company.domain}/funding`;
  const rounds = pickNumber(seed, 4);
  const last = 1_000_000 * (pickNumber(`${seed}/value`, 40) + 1);
  const type = pick(`${seed}/type`, ["seed", "series_a", "series_b", "series_c"]);
  const hasRounds = rounds > 0;
  return {
    domain: company.domain,
    company_name: company.name,
    investors: hasRounds ? ["Harbourline Ventures", "Kestrel Growth"] : [],
    number_of_advisors: null,
    num_of_news: pickNumber(`${seed}/news`, 30),
    current_advisors: null,
    ipo_size_usd: null,
    ipo_date: null,
    is_ipo: false,
    first_funding_round_date: hasRounds ? "2019-05-14T00:00:00+00:00" : null,
    first_funding_round_type: hasRounds ? "seed" : null,
    first_funding_round_value_usd: hasRounds ? 1_200_000 : null,
    number_of_investors_for_first_funding_round: hasRounds ? 1 : null,
    number_of_investors_for_last_funding_round: hasRounds ? 2 : null,
    number_of_funding_rounds: rounds,
    acquired_by: null,
    latest_funding_increase_in_percents: null,
    last_funding_round_date: hasRounds ? "2025-11-03T00:00:00+00:00" : null,
    last_funding_round_type: hasRounds ? type : null,
    // The schema makes the last round's value a string while the first round's is a number.
    last_funding_round_value_usd: hasRounds ? String(last) : null,
    funding_rounds_info: [],
    known_funding_total_value: hasRounds ? last + 1_200_000 : null,
  };
}

function workforceTrends(company: Company, now: number) {
  const seed = `${company.domain}/workforce`;
  const shares = DEPARTMENTS.map((name) => [`perc_${name}_roles`, share(`${seed}/${name}`)]);
  const changes = DEPARTMENTS.map((name) => [
    `change_in_${name}_roles`,
    known(`${seed}/change/${name}`, 3, pickNumber(`${seed}/delta/${name}`, 31) - 10),
  ]);
  return {
    ...Object.fromEntries([...shares, ...changes]),
    profiles_found_per_quarter: 8 * 3 ** sizeOf(company),
    change_in_roles_divisor: 100,
    quarters: quarterStart(now),
  };
}

function share(seed: string): number {
  return pickNumber(seed, 200) / 1000;
}

function quarterStart(now: number): string {
  const date = new Date(now);
  const month = Math.floor(date.getUTCMonth() / 3) * 3;
  return new Date(Date.UTC(date.getUTCFullYear(), month, 1)).toISOString();
}

function websiteChanges(company: Company) {
  const count = 1 + pickNumber(`${company.domain}/changes`, 2);
  return Array.from({ length: count }, (_, index) => {
    const first = pickNumber(`${company.domain}/change`, CHANGES.length);
    const [description, implication] = CHANGES[(first + index) % CHANGES.length] ?? ["", ""];
    return {
      url: `https://${company.domain}/news`,
      change_description: description,
      change_implication: implication,
      date: `2026-10-${String(10 + index * 7)}T00:00:00+00:00`,
    };
  });
}

function websiteTraffic(company: Company) {
  const users = 500 * 4 ** sizeOf(company);
  const visits = Math.round(users * 1.8);
  return {
    business_id: company.id,
    accuracy: 3,
    bounce_rate: share(`${company.domain}/bounce`) + 0.3,
    device_type: "all",
    direct: Math.round(visits * 0.5),
    display_ad: null,
    mail: Math.round(visits * 0.02),
    pages_per_visit: 3,
    paid: null,
    referral: Math.round(visits * 0.1),
    rank: null,
    search: Math.round(visits * 0.38),
    search_organic: Math.round(visits * 0.38),
    social_paid: null,
    target: company.domain,
    time_on_site: 180,
    users,
    visits,
    month_period: "2026-10",
  };
}

function linkedinPosts(company: Company) {
  const [, , city] = placeOf(company);
  return [
    {
      display_name: company.name,
      post_text: `We are proud to show our ${tradeOf(company).offer} in ${city} next month.`,
      days_since_posted: 12,
      post_url: `https://www.linkedin.com/feed/update/${pickNumber(`${company.domain}/post`, 1e9)}`,
      number_of_comments: 4,
      number_of_likes: 61,
      created_at: "2026-11-03T09:00:00+00:00",
    },
  ];
}

const nothing: Enrichment = () => null;

/** Every business enrichment of the API by its path name; those about public companies only know nothing. */
export const BUSINESS_ENRICHMENTS: Readonly<Record<string, Enrichment>> = {
  firmographics: (company) => (company.domain.includes("nodata") ? null : firmographics(company)),
  technographics: orNothing("technographics", 15, technographics),
  funding_and_acquisition: orNothing("funding", 5, fundingAndAcquisition),
  workforce_trends: orNothing("workforce", 8, workforceTrends),
  website_changes: orNothing("changes", 3, websiteChanges),
  website_traffic: orNothing("traffic", 6, websiteTraffic),
  linkedin_posts: orNothing("posts", 4, linkedinPosts),
  financial_indicators: nothing,
  company_ratings_by_employees: nothing,
  company_website_keywords: nothing,
  webstack: nothing,
  company_hierarchies: nothing,
  lookalikes: nothing,
  bombora_intent: nothing,
  pc_strategy_10k: nothing,
  pc_business_challenges_10k: nothing,
  pc_competitive_landscape_10k: nothing,
};

function orNothing(name: string, outOf: number, enrichment: Enrichment): Enrichment {
  return (company, now) => {
    const isUnknown = isRare(`${company.domain}/no-${name}`, outOf);
    return isUnknown || company.domain.includes("nodata") ? null : enrichment(company, now);
  };
}
