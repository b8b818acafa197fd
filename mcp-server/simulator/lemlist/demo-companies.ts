/** Invented companies of the demo data: no real business is meant, and the domains are written as a firm would. */

/** A company that demo leads work for; `country` is ISO 3166-1 alpha-2. */
export type DemoCompany = {
  readonly name: string;
  readonly domain: string;
  readonly country: DemoCountry;
};

/** Countries with a phone range that their regulator keeps free for fiction. */
export type DemoCountry = "US" | "GB" | "DE" | "FR" | "SE" | "AU";

/** Time zone per country, as Lemlist stores it on a lead. */
export const TIME_ZONES: Readonly<Record<DemoCountry, string>> = {
  US: "America/New_York",
  GB: "Europe/London",
  DE: "Europe/Berlin",
  FR: "Europe/Paris",
  SE: "Europe/Stockholm",
  AU: "Australia/Sydney",
};

const ROWS: readonly (readonly [string, string, DemoCountry])[] = [
  ["Acme Robotics", "acme-robotics.com", "US"],
  ["Nordlicht Energie GmbH", "nordlicht-energie.de", "DE"],
  ["Brightwater Analytics", "brightwater-analytics.com", "US"],
  ["Ferrovia Logistics", "ferrovia-logistics.com", "US"],
  ["Lumière Santé SAS", "lumiere-sante.fr", "FR"],
  ["Fjällräv Outdoor Teknik AB", "fjallrav-teknik.se", "SE"],
  ["Harbour & Pine Ltd", "harbour-and-pine.co.uk", "GB"],
  ["Kookaburra Payments Pty Ltd", "kookaburra-payments.com.au", "AU"],
  ["Silbersee Versicherung AG", "silbersee-versicherung.de", "DE"],
  ["Cedar Hollow Software, Inc.", "cedarhollow-software.com", "US"],
  ["Atelier Mirabeau", "atelier-mirabeau.fr", "FR"],
  ["Quartz Peak Security", "quartzpeak-security.io", "US"],
  ["Thistledown Foods", "thistledown-foods.co.uk", "GB"],
  ["Weidenbach Maschinenbau", "weidenbach-maschinenbau.de", "DE"],
  ["Polstjärnan Data", "polstjarnan-data.se", "SE"],
  ["Redgum Freight", "redgum-freight.com.au", "AU"],
  ["Blue Heron Biotech", "blueheron-biotech.com", "US"],
  ["Papillon Mobilité", "papillon-mobilite.fr", "FR"],
  ["Oakmere Legal LLP", "oakmere-legal.co.uk", "GB"],
  ["Sonnenfeld Solar", "sonnenfeld-solar.de", "DE"],
  ["Juniper Lane Retail", "juniperlane-retail.com", "US"],
  ["Västanvind Förlag", "vastanvind-forlag.se", "SE"],
  ["Copper Basin Mining Tech", "copperbasin-tech.com.au", "AU"],
  ["Marlowe Street Capital", "marlowestreet-capital.com", "US"],
  ["Granit Conseil", "granit-conseil.fr", "FR"],
  ["Tidewell Health", "tidewell-health.co.uk", "GB"],
  ["Eichenhof Bildung gGmbH", "eichenhof-bildung.de", "DE"],
  ["Prairie Signal Networks", "prairiesignal-networks.com", "US"],
  ["Norrsken Verktyg", "norrsken-verktyg.se", "SE"],
  ["Larkspur Media", "larkspur-media.io", "US"],
];

/** The companies, in a fixed order. */
export const DEMO_COMPANIES: readonly DemoCompany[] = ROWS.map(([name, domain, country]) => ({
  name,
  domain,
  country,
}));
