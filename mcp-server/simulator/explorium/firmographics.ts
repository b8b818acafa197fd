/** Firmographics of a company: every field but the id can be null, ranges are strings. */

import { known, pick, pickNumber } from "./digest.ts";
import type { Company } from "./directory.ts";

const EMPLOYEES = [
  "1-10",
  "11-50",
  "51-200",
  "201-500",
  "501-1000",
  "1001-5000",
  "5001-10000",
  "10001+",
];
const REVENUE = [
  "0-500K",
  "500K-1M",
  "1M-5M",
  "5M-10M",
  "10M-25M",
  "25M-75M",
  "75M-200M",
  "200M-500M",
  "500M-1B",
  "1B-10B",
  "10B-100B",
  "100B-1T",
  "1T-10T",
  "10T+",
];

type Trade = {
  readonly linkedin: string;
  readonly naics: readonly [string, string];
  readonly sic: readonly [string, string];
  readonly offer: string;
};

const TRADES: readonly Trade[] = [
  {
    linkedin: "software development",
    naics: ["511210", "Software Publishers"],
    sic: ["7372", "Prepackaged Software"],
    offer: "cloud software for mid-sized teams",
  },
  {
    linkedin: "renewable energy semiconductor manufacturing",
    naics: ["221114", "Solar Electric Power Generation"],
    sic: ["4911", "Electric Services"],
    offer: "renewable energy plants and their operation",
  },
  {
    linkedin: "transportation, logistics, supply chain and storage",
    naics: ["488510", "Freight Transportation Arrangement"],
    sic: ["4731", "Arrangement of Transportation"],
    offer: "freight and warehouse services",
  },
  {
    linkedin: "hospitals and health care",
    naics: ["621999", "All Other Miscellaneous Ambulatory Health Care Services"],
    sic: ["8093", "Specialty Outpatient Facilities"],
    offer: "outpatient care and digital health programmes",
  },
  {
    linkedin: "automation machinery manufacturing",
    naics: ["333249", "Other Industrial Machinery Manufacturing"],
    sic: ["3559", "Special Industry Machinery"],
    offer: "machines and automation for factories",
  },
  {
    linkedin: "financial services",
    naics: ["522320", "Financial Transactions Processing"],
    sic: ["6099", "Functions Related to Depository Banking"],
    offer: "payment and lending services",
  },
  {
    linkedin: "retail",
    naics: ["454110", "Electronic Shopping and Mail-Order Houses"],
    sic: ["5961", "Catalog and Mail-Order Houses"],
    offer: "consumer goods through its own online shops",
  },
];

type Place = readonly [country: string, region: string | null, city: string, zip: string];

const PLACES: Readonly<Record<string, readonly Place[]>> = {
  de: [
    ["germany", "hamburg", "hamburg", "20457"],
    ["germany", "bavaria", "munich", "80331"],
  ],
  fr: [
    ["france", "ile-de-france", "paris", "75009"],
    ["france", "auvergne-rhone-alpes", "lyon", "69002"],
  ],
  uk: [["united kingdom", "england", "leeds", "LS1 4AP"]],
  se: [["sweden", "stockholm county", "stockholm", "111 22"]],
  au: [["australia", "new south wales", "sydney", "2000"]],
  other: [
    ["united states", "california", "san jose", "95110"],
    ["united states", "texas", "austin", "78701"],
    ["united states", "massachusetts", "boston", "02108"],
    ["canada", "ontario", "toronto", "M5H 2N2"],
  ],
};

/** The firmographics row of a company. */
export function firmographics(company: Company) {
  const seed = company.domain;
  const trade = tradeOf(company);
  const [country, region, city, zip] = placeOf(company);
  const size = sizeOf(company);
  const slug = company.name.toLowerCase().replaceAll(" ", "-");
  return {
    business_id: company.id,
    name: company.name,
    business_description: known(
      `${seed}/description`,
      9,
      `${company.name} offers ${trade.offer} from ${city}.`,
    ),
    website: `https://${company.domain}`,
    country_name: country,
    region_name: known(`${seed}/region`, 10, region),
    city_name: known(`${seed}/city`, 10, city),
    street: known(
      `${seed}/street`,
      2,
      `${pickNumber(`${seed}/street-number`, 200) + 1} Market Street`,
    ),
    zip_code: known(`${seed}/zip`, 5, zip),
    naics: known(`${seed}/naics`, 8, trade.naics[0]),
    naics_description: known(`${seed}/naics`, 8, trade.naics[1]),
    sic_code: known(`${seed}/sic`, 8, trade.sic[0]),
    sic_code_description: known(`${seed}/sic`, 8, trade.sic[1]),
    ticker: size === EMPLOYEES.length - 1 ? company.name.slice(0, 4).toUpperCase() : null,
    number_of_employees_range: known(`${seed}/employees`, 12, EMPLOYEES[size] ?? null),
    yearly_revenue_range: known(`${seed}/revenue`, 6, REVENUE[size + 2] ?? null),
    linkedin_industry_category: known(`${seed}/industry`, 15, trade.linkedin),
    linkedin_profile: known(`${seed}/linkedin`, 6, `https://linkedin.com/company/${slug}`),
    business_logo: null,
    locations_distribution: [],
  };
}

/** The company's trade, the same for every enrichment of it. */
export function tradeOf(company: Company): Trade {
  return pick(`${company.domain}/trade`, TRADES);
}

/** The company's seat; a country ending of the domain decides the country. */
export function placeOf(company: Company): Place {
  const ending = company.domain.split(".").at(-1) ?? "";
  return pick(`${company.domain}/place`, PLACES[ending] ?? PLACES["other"] ?? []);
}

/** The index of the company's size, 0 for the smallest. */
export function sizeOf(company: Company): number {
  return pickNumber(`${company.domain}/size`, EMPLOYEES.length);
}
