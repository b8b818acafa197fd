/** The demo account: about 120 contacts of 60 companies, as a small sales team would have them. */
import { type Account, userSource } from "./account.ts";
import { link } from "./association-store.ts";
import { COMPANIES, CONTACTS } from "./object-types.ts";
import { createRandom, type Random } from "./random.ts";
import type { Values } from "./records.ts";
import { createRecord } from "./write.ts";

// Own seed: the demo data stay the same whatever seed shuffles the answers.
const SEED = 20_261_121;
const CONTACT_COUNT = 120;
const HOUR_MS = 3_600_000;
const ACCOUNT_AGE_MS = 60 * 24 * HOUR_MS;

/** Name, domain, industry, city, country, country calling code. */
const FIRMS =
  `Harborline Logistics|harborline-logistics.com|LOGISTICS_AND_SUPPLY_CHAIN|Rotterdam|Netherlands|31
Brightwater Analytics|brightwater-analytics.com|COMPUTER_SOFTWARE|Boston|United States|1
Cedar & Finch|cedarfinch.com|DESIGN|Portland|United States|1
Nordvind Energi|nordvind-energi.dk|RENEWABLES_ENVIRONMENT|Aarhus|Denmark|45
Atelier Montclar|atelier-montclar.fr|LUXURY_GOODS_JEWELRY|Lyon|France|33
Kestrel Robotics|kestrelrobotics.io|INDUSTRIAL_AUTOMATION|Pittsburgh|United States|1
Sonnfeld Maschinenbau|sonnfeld.de|MACHINERY|Stuttgart|Germany|49
Oakhaven Health|oakhavenhealth.org|HOSPITAL_HEALTH_CARE|Leeds|United Kingdom|44
Tideway Insurance|tideway.co.uk|INSURANCE|Bristol|United Kingdom|44
Lumen Grove|lumengrove.com|E_LEARNING|Austin|United States|1
Casa Verde Foods|casaverdefoods.com|FOOD_PRODUCTION|Valencia|Spain|34
Quarry Street Capital|quarrystreet.com|VENTURE_CAPITAL_PRIVATE_EQUITY|New York|United States|1
Pinnacle Fasteners|pinnaclefasteners.com|BUILDING_MATERIALS|Cleveland|United States|1
Hokkaido Dairy Works|hokkaidodairy.jp|FOOD_BEVERAGES|Sapporo|Japan|81
Meridian Telecom|meridiantele.com|TELECOMMUNICATIONS|Toronto|Canada|1
Bluefin Maritime|bluefinmaritime.no|MARITIME|Bergen|Norway|47
Sable & Stone|sablestone.com|REAL_ESTATE|Chicago|United States|1
Verdant Pharma|verdantpharma.ch|PHARMACEUTICALS|Basel|Switzerland|41
Copperleaf Studio|copperleaf.studio|MARKETING_AND_ADVERTISING|Dublin|Ireland|353
Ironbridge Security|ironbridgesec.com|COMPUTER_NETWORK_SECURITY|Manchester|United Kingdom|44
Alder Point Foods|alderpointfoods.com|SUPERMARKETS|Seattle|United States|1
Vantage Rail|vantagerail.eu|TRANSPORTATION_TRUCKING_RAILROAD|Brussels|Belgium|32
Silverbirch Software|silverbirch.fi|COMPUTER_SOFTWARE|Helsinki|Finland|358
Monte Alto Coffee|montealtocoffee.com.br|FOOD_BEVERAGES|São Paulo|Brazil|55
Foundry Nine|foundrynine.com|VENTURE_CAPITAL_PRIVATE_EQUITY|London|United Kingdom|44
Polder Agritech|polderagri.nl|FARMING|Wageningen|Netherlands|31
Stellar Freight|stellarfreight.com|PACKAGE_FREIGHT_DELIVERY|Memphis|United States|1
Northgate College|northgatecollege.edu|HIGHER_EDUCATION|Denver|United States|1
Wren Legal|wrenlegal.co.uk|LAW_PRACTICE|Edinburgh|United Kingdom|44
Aurelia Hotels|aureliahotels.it|LEISURE_TRAVEL_TOURISM|Florence|Italy|39
Cobalt Batteries|cobaltbatteries.se|ELECTRICAL_ELECTRONIC_MANUFACTURING|Västerås|Sweden|46
Maple Ridge Homes|mapleridgehomes.ca|CONSTRUCTION|Vancouver|Canada|1
Tessera Data|tesseradata.com|INFORMATION_TECHNOLOGY_AND_SERVICES|San Francisco|United States|1
Riverbend Brewing|riverbendbrewing.com|FOOD_BEVERAGES|Asheville|United States|1
Halcyon Media|halcyonmedia.com|ONLINE_MEDIA|Los Angeles|United States|1
Granite Peak Gear|granitepeakgear.com|CONSUMER_GOODS|Boulder|United States|1
Eastlight Solar|eastlightsolar.in|RENEWABLES_ENVIRONMENT|Pune|India|91
Palmetto Bank|palmettobank.com|BANKING|Charleston|United States|1
Orbit Payroll|orbitpayroll.com|HUMAN_RESOURCES|Sydney|Australia|61
Jasper & Rye|jasperandrye.com|RESTAURANTS|Melbourne|Australia|61
Fjord Seafood|fjordseafood.no|FOOD_PRODUCTION|Ålesund|Norway|47
Keystone Dental|keystonedental.com|MEDICAL_DEVICES|Philadelphia|United States|1
Lark Publishing|larkpublishing.com|PUBLISHING|Oxford|United Kingdom|44
Zephyr Air Systems|zephyrair.com|AIRLINES_AVIATION|Dallas|United States|1
Moss & Main|mossandmain.com|RETAIL|Minneapolis|United States|1
Castellan Consulting|castellan.consulting|MANAGEMENT_CONSULTING|Zürich|Switzerland|41
Papel y Tinta|papelytinta.mx|PRINTING|Guadalajara|Mexico|52
Beacon Nonprofit Network|beaconnetwork.org|NON_PROFIT_ORGANIZATION_MANAGEMENT|Washington|United States|1
Ember Games|embergames.pl|COMPUTER_GAMES|Kraków|Poland|48
Thornfield Chemicals|thornfieldchem.com|CHEMICALS|Houston|United States|1
Opaline Cosmetics|opaline-cosmetics.fr|COSMETICS|Paris|France|33
Summit Staffing|summitstaffing.com|STAFFING_AND_RECRUITING|Phoenix|United States|1
Drift & Dune|driftanddune.pt|APPAREL_FASHION|Porto|Portugal|351
Axiom Semiconductors|axiomsemi.com|SEMICONDUCTORS|San Jose|United States|1
Willowbrook Vet|willowbrookvet.com|VETERINARY|Madison|United States|1
Terra Cotta Build|terracottabuild.gr|CONSTRUCTION|Athens|Greece|30
Paragon Events|paragonevents.com|EVENTS_SERVICES|Las Vegas|United States|1
Clearwell Utilities|clearwell.co.nz|UTILITIES|Wellington|New Zealand|64
Hexagon Textiles|hexagontextiles.com.tr|TEXTILES|Bursa|Türkiye|90
Inkwell Translations|inkwell.at|WRITING_AND_EDITING|Vienna|Austria|43`
    .split("\n")
    .map((line) => line.split("|"));

const FIRST_NAMES =
  "Amelia,Björn,Chloé,Dmitri,Elena,Farah,Grace,Hiro,Inés,Jonas,Katarzyna,Liam,Mei,Noah,Olivia,Priya,Quentin,Rosa,Søren,Tomás,Uma,Viktor,Wanjiru,Ximena,Yusuf,Zoë,Aisha,Bruno,Camille,Daniel".split(
    ",",
  );
const LAST_NAMES =
  "Andersson,Baker,Castellano,Dubois,Eriksen,Fischer,García,Hughes,Ito,Jensen,Kowalski,Lefèvre,Müller,Nakamura,O'Brien,Petrov,Quinn,Rossi,Şahin,Thompson,Usman,Van Dijk,Walker,Xu,Young,Zimmermann,Almeida,Banerjee,Costa,Delgado".split(
    ",",
  );
const TITLES =
  "Head of Operations,VP Sales,Chief Technology Officer,Marketing Manager,Procurement Lead,Founder,Finance Director,Customer Success Manager,Product Manager,IT Administrator,Revenue Operations Analyst,Managing Director".split(
    ",",
  );
const STAGES = ["lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer"];
const STATUSES = ["NEW", "OPEN", "IN_PROGRESS", "CONNECTED", ""];

function ascii(name: string): string {
  return name
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll("ø", "o")
    .toLowerCase()
    .replaceAll(/[^a-z]/g, "");
}

function oneOf<T>(random: Random, items: readonly T[]): T | undefined {
  return items[random.below(items.length)];
}

function phone(random: Random, code: string): string {
  return `+${code} ${200 + random.below(700)} ${1_000_000 + random.below(8_999_999)}`;
}

function companyValues(random: Random, firm: readonly string[]): Values {
  const [name = "", domain = "", industry = "", city = "", country = "", code = ""] = firm;
  return {
    name,
    domain,
    website: `https://www.${domain}`,
    industry,
    city,
    country,
    phone: phone(random, code),
    numberofemployees: String(10 + random.below(4_000)),
    annualrevenue: String((1 + random.below(400)) * 500_000),
    lifecyclestage: oneOf(random, STAGES) ?? "lead",
  };
}

/** Every ninth contact has a secondary e-mail, every seventh lacks something. */
function contactValues(random: Random, index: number, firm: readonly string[]): Values {
  const [company = "", domain = "", , city = "", country = "", code = ""] = firm;
  const firstname = FIRST_NAMES[index % FIRST_NAMES.length] ?? "";
  const lastname = LAST_NAMES[(index * 7 + Math.floor(index / 30)) % LAST_NAMES.length] ?? "";
  const local = `${ascii(firstname)}.${ascii(lastname)}`;
  const isSparse = index % 7 === 6;
  return {
    email: `${local}@${domain}`,
    firstname,
    lastname,
    company,
    jobtitle: isSparse ? "" : (oneOf(random, TITLES) ?? ""),
    phone: isSparse ? "" : phone(random, code),
    city,
    country,
    website: `https://www.${domain}`,
    lifecyclestage: oneOf(random, STAGES) ?? "lead",
    hs_lead_status: oneOf(random, STATUSES) ?? "",
    ...(index % 9 === 4
      ? { hs_additional_emails: `${ascii(lastname)}.${ascii(firstname)}@${domain}` }
      : {}),
  };
}

/** Fills an account with the demo records. */
export function seedDemo(account: Account): void {
  const random = createRandom(SEED);
  const source = userSource(account);
  const start = account.now() - ACCOUNT_AGE_MS;
  const companies = FIRMS.map((firm, index) => {
    const origin = { source, at: start + index * HOUR_MS };
    return createRecord(account, COMPANIES, companyValues(random, firm), origin).id;
  });
  for (let index = 0; index < CONTACT_COUNT; index += 1) {
    const position = index % FIRMS.length;
    const values = contactValues(random, index, FIRMS[position] ?? []);
    const contact = createRecord(account, CONTACTS, values, {
      source,
      at: start + (FIRMS.length + index * 5) * HOUR_MS,
    });
    const company = companies[position];
    // A few contacts are nobody's yet, as in every real account.
    if (company === undefined || index % 20 === 19) continue;
    const from = { typeId: CONTACTS.id, id: contact.id };
    link(account.associations, from, { typeId: COMPANIES.id, id: company }, [1]);
  }
}
