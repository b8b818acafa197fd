/** Invented people and firms of the sample file; the domains are written as such a firm would, none is meant. */

/** A firm of the sample. The first ten are also in the stand-ins' HubSpot and Lemlist, so that the sources meet. */
export interface SampleFirm {
  readonly name: string;
  readonly domain: string;
  readonly country: SampleCountry;
  readonly city: string;
}

const countries = ["US", "GB", "DE", "FR", "SE", "AU", "ES", "IT", "NL", "PL", "JP", "BR"] as const;
export type SampleCountry = (typeof countries)[number];

/** How people write a country, more or less. */
export const COUNTRY_SPELLINGS: Readonly<Record<SampleCountry, readonly string[]>> = {
  US: ["United States", "USA", "US", "U.S.A.", "united states"],
  GB: ["United Kingdom", "UK", "England", "GB", "Great Britain"],
  DE: ["Germany", "Deutschland", "DE", "GERMANY"],
  FR: ["France", "FR", "france"],
  SE: ["Sweden", "Sverige", "SE"],
  AU: ["Australia", "AUS", "AU"],
  ES: ["Spain", "España", "ES"],
  IT: ["Italy", "Italia", "IT"],
  NL: ["Netherlands", "The Netherlands", "Holland", "NL"],
  PL: ["Poland", "Polska", "PL"],
  JP: ["Japan", "日本", "JP"],
  BR: ["Brazil", "Brasil", "BR"],
};

const FIRMS = `
Brightwater Analytics|brightwater-analytics.com|US|Boston
Cedar & Finch|cedarfinch.com|US|Portland
Kestrel Robotics|kestrelrobotics.io|US|Pittsburgh
Sonnfeld Maschinenbau|sonnfeld.de|DE|Stuttgart
Tideway Insurance|tideway.co.uk|GB|Bristol
Atelier Montclar|atelier-montclar.fr|FR|Lyon
Acme Robotics|acme-robotics.com|US|Detroit
Nordlicht Energie GmbH|nordlicht-energie.de|DE|Hamburg
Lumière Santé SAS|lumiere-sante.fr|FR|Nantes
Harbour & Pine Ltd|harbour-and-pine.co.uk|GB|Brighton
Ashgrove Instruments, Inc.|ashgrove-instruments.com|US|Madison
Bellweather Freight LLC|bellweather-freight.com|US|Memphis
Calder Peak Outfitters|calderpeak-outfitters.com|US|Bozeman
Dovetail Payroll|dovetail-payroll.io|US|Denver
Elmcourt Dental Group|elmcourt-dental.com|US|Phoenix
Fairlead Marine Systems|fairlead-marine.com|US|Annapolis
Goldenrod Foods Co.|goldenrod-foods.com|US|Omaha
Hollowell & Strand, LLP|hollowell-strand.com|US|New York
Ironwood Telemetry|ironwood-telemetry.com|US|Tucson
Juniper Ridge Credit Union|juniperridge-cu.org|US|Boise
Kittiwake Energy plc|kittiwake-energy.co.uk|GB|Aberdeen
Lark Rise Nurseries|larkrise-nurseries.co.uk|GB|Oxford
Marchmont Legal|marchmont-legal.co.uk|GB|Edinburgh
Netherby Textiles Limited|netherby-textiles.co.uk|GB|Leeds
Oxbow Learning|oxbow-learning.org.uk|GB|Hereford
Pendle Water Services|pendle-water.co.uk|GB|Burnley
Quillfeather Press|quillfeather-press.co.uk|GB|Bath
Rheinbogen Logistik GmbH & Co. KG|rheinbogen-logistik.de|DE|Köln
Sternwald Optik AG|sternwald-optik.de|DE|Jena
Tannenhof Möbelwerke|tannenhof-moebel.de|DE|Bielefeld
Uferblick Hotels|uferblick-hotels.de|DE|Konstanz
Vogelsang Präzision|vogelsang-praezision.de|DE|Nürnberg
Wiesengrund Bio eG|wiesengrund-bio.de|DE|Freiburg
Zirbelkiefer Software|zirbelkiefer-software.de|DE|München
Brisemarine Nautisme|brisemarine-nautisme.fr|FR|La Rochelle
Clairbois Éditions|clairbois-editions.fr|FR|Paris
Domaine de Roquefeuil|domaine-roquefeuil.fr|FR|Montpellier
Étoile du Vercors|etoile-vercors.fr|FR|Grenoble
Fontvieille Assurances|fontvieille-assurances.fr|FR|Marseille
Björkhaga Trä AB|bjorkhaga-tra.se|SE|Umeå
Skärgårdens Färjor|skargardens-farjor.se|SE|Stockholm
Vinterhamn Kraft|vinterhamn-kraft.se|SE|Luleå
Wattlebird Software Pty Ltd|wattlebird-software.com.au|AU|Melbourne
Bilby Creek Wines|bilbycreek-wines.com.au|AU|Adelaide
Ghost Gum Mining Services|ghostgum-mining.com.au|AU|Perth
Almendro Dulce S.L.|almendro-dulce.es|ES|Alicante
Puerto Claro Logística|puertoclaro-logistica.es|ES|Valencia
Officine Borgonuovo S.p.A.|officine-borgonuovo.it|IT|Modena
Terrachiara Ceramiche|terrachiara-ceramiche.it|IT|Faenza
Waterlinie Techniek B.V.|waterlinie-techniek.nl|NL|Utrecht
Zilverduin Zorg|zilverduin-zorg.nl|NL|Haarlem
Bursztynowa Stocznia|bursztynowa-stocznia.pl|PL|Gdańsk
Kamienny Młyn Sp. z o.o.|kamienny-mlyn.pl|PL|Wrocław
青葉精機|aoba-seiki.co.jp|JP|仙台
Minato Kōbō|minato-kobo.jp|JP|Kobe
Serra Azul Cafés|serra-azul-cafes.com.br|BR|Belo Horizonte
Ipê Amarelo Tecnologia|ipe-amarelo.com.br|BR|Campinas
`;

export const SAMPLE_FIRMS: readonly SampleFirm[] = FIRMS.trim()
  .split("\n")
  .map((line) => {
    const [name = "", domain = "", code = "", city = ""] = line.split("|");
    const country = countries.find((known) => known === code) ?? "US";
    return { name, domain, country, city };
  });

/** Given and family names by where the firm is; the mailbox is spelt in plain letters. */
export const SAMPLE_NAMES: Readonly<
  Record<SampleCountry, readonly [given: string, family: string]>
> = {
  US: [
    "Amelia,Darnell,Grace,Hector,Imani,Jack,Keisha,Logan,Maria,Nathan,Olivia,Patrick,Rosa,Samuel,Tanya,Wyatt",
    "Abernathy,Brooks,Castillo,Delgado,Ellsworth,Franklin,Grayson,Hollis,Ito,Jefferson,Kowalski,Lindgren,McAllister,Nguyen,O'Hara,Pruitt",
  ],
  GB: [
    "Alistair,Bronwen,Callum,Daisy,Eilidh,Freya,Gareth,Harriet,Isla,Nikhil,Priya,Rhys,Siobhán,Tobias",
    "Ashworth,Blackwood,Chaudhry,Davies,Entwistle,Fairclough,Gallagher,Hargreaves,MacLeod,O'Neill,Patel,St John,Wainwright",
  ],
  DE: [
    "Anneliese,Björn,Cemile,Dörte,Emre,Friederike,Günther,Heike,Jürgen,Käthe,Lutz,Mareike,Renate,Sören,Ulrike",
    "Ackermann,Böhm,Çelik,Dreßler,Eßer,Fröhlich,Großmann,Hölderlin,Krüger,Müller-Lüdenscheid,Schäfer,von der Heide,Weiß,Zöllner",
  ],
  FR: [
    "Amélie,Benoît,Chloé,Désirée,Étienne,François,Gaëlle,Hélène,Jérôme,Loïc,Maëlys,Noémie,Rémi,Thérèse",
    "Aubépine,Beauchêne,Côté,D'Aubigné,de La Tour,Éluard,Fauré,Lefèvre,Maréchal,Pétrin,Quéneau,Saint-Exupère,Théroux",
  ],
  SE: [
    "Åsa,Björn,Elin,Göran,Märta,Nils,Örjan,Saga",
    "Ångström,Bergström,Dahlgren,Hägglund,Lindqvist,Öberg,Sjöstrand",
  ],
  AU: [
    "Bindi,Chloe,Jarrah,Kylie,Lachlan,Mei,Tarryn,Zane",
    "Burrows,Cheng,Drummond,Kingsford,Nakamura,Sutherland,Wattle",
  ],
  ES: [
    "Álvaro,Begoña,Íñigo,Lucía,María José,Nuria,Raúl",
    "Cañizares,García López,Ibáñez,Muñoz,Peña,Zubizarreta",
  ],
  IT: [
    "Chiara,Dario,Federica,Niccolò,Raffaella,Ugo",
    "Bellucci,D'Angelo,De Santis,Esposito,Nicolò,Rinaldi",
  ],
  NL: [
    "Anouk,Daan,Femke,Joost,Maaike,Sjoerd",
    "de Vries,Jansen,van den Berg,van 't Hof,Ĳsbrandy,Zwart",
  ],
  PL: [
    "Agnieszka,Łukasz,Małgorzata,Paweł,Żaneta",
    "Dąbrowski,Kowalczyk,Nowak,Święcicka,Żółkiewski",
  ],
  JP: ["健,美咲,さくら,Haruto,Yui", "田中,鈴木,山本,Kobayashi,Watanabe"],
  BR: ["Antônio,Conceição,João,Luíza,Thaís", "Araújo,da Conceição,dos Santos,Gonçalves,Magalhães"],
};

export const SAMPLE_TITLES =
  "Head of Sales|VP Marketing|Chief Technology Officer|CFO|Leiter Vertrieb|Directeur commercial|Inköpschef|RevOps Manager|Founder & CEO|Procurement Lead|IT Manager|Data Engineer|Finance Director|Product Manager|Office Manager|Customer Success Lead|Operations Director|HR Business Partner|Account Executive|Gerente de Compras".split(
    "|",
  );
