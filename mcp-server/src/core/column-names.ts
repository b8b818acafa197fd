/** What a column means: header names as people and tools write them, matched to our fields. */
import { contactTextFields } from "./contact.ts";
import { AppError } from "./errors.ts";
import {
  findColumn,
  firstNames,
  headerKey,
  listNames,
  shownName,
  uniqueNames,
  unknownColumn,
} from "./header-names.ts";

/** What a column may be mapped to: our fields, a full name to split, or nothing at all. */
export const importTargets = [
  "email",
  ...contactTextFields,
  "full_name",
  "email_status",
  "engagement_state",
  "unsubscribed",
  "ignore",
] as const;
export type ImportTarget = (typeof importTargets)[number];

/** One column: its name in the input, made unique and safe to use as a key, and where its values go. */
export interface Column {
  readonly name: string;
  /** null = none of our fields: values are kept in `custom` under the column's name. */
  readonly target: ImportTarget | null;
}

/** Header names per target, without case, accents, spaces and punctuation. The first of a list is the plainest. */
const SYNONYMS: Readonly<Partial<Record<ImportTarget, string>>> = {
  email:
    "email mail emailaddress mailaddress emailaddresses workemail businessemail companyemail primaryemail contactemail " +
    "emailid emailwork emailadresse mailadresse adresseemail adressemail courriel correo correoelectronico epost eposta",
  first_name:
    "firstname first givenname forename fname vorname prenom nombre nome voornaam fornamn contactfirstname namefirst",
  last_name:
    "lastname last surname familyname lname secondname nachname familienname nomdefamille apellido apellidos cognome " +
    "sobrenome achternaam efternamn contactlastname namelast",
  full_name:
    "fullname name contactname contact personname displayname leadname nomcomplet nombrecompleto",
  company:
    "company companyname organisation organization organisationname organizationname account accountname employer " +
    "business businessname firm firma unternehmen societe entreprise empresa azienda bedrijf foretag currentcompany " +
    "associatedcompany",
  domain:
    "domain companydomain companydomainname emaildomain websitedomain organisationdomain organizationdomain " +
    "accountdomain domaine dominio",
  job_title:
    "jobtitle title position role jobrole jobposition currenttitle currentposition designation occupation function " +
    "berufsbezeichnung stelle funktion poste intituleduposte cargo puesto qualifica functie befattning",
  phone:
    "phone phonenumber telephone telephonenumber tel mobile mobilephone mobilenumber mobilephonenumber cell cellphone " +
    "workphone businessphone directphone directdial officephone contactnumber companyphone telefon telefonnummer handy " +
    "mobil telefone telefono portable",
  country:
    "country countryregion countrycode countryname personcountry contactcountry companycountry nation land staat pays " +
    "pais paese",
  city: "city town locality personcity contactcity companycity stadt ort ville ciudad cidade citta plaats",
  website:
    "website websiteurl web url homepage companywebsite companyurl companywebsiteurl webseite siteweb sitioweb sito",
  linkedin_url:
    "linkedinurl linkedin linkedinprofile linkedinprofileurl personlinkedinurl linkedinlink contactlinkedinurl " +
    "linkedincontactprofileurl hslinkedinurl",
  email_status: "emailstatus emailverificationstatus emailverification emailvalidity",
  engagement_state: "laststate engagementstate engagementstatus leadstate",
  unsubscribed:
    "unsubscribed optout optedout emailoptout hasoptedoutofemail hsemailoptout donotcontact donotemail",
};

const targetBySynonym: ReadonlyMap<string, ImportTarget> = new Map(
  importTargets.flatMap((target) =>
    (SYNONYMS[target]?.split(" ") ?? []).map((synonym): [string, ImportTarget] => [
      synonym,
      target,
    ]),
  ),
);

/**
 * Columns in the order of the header, with what each means. Names are made unique (`Notes`, `Notes (2)`); a column
 * without a name becomes `Column 3`.
 *
 * @param columnMap column name → one of `importTargets`; wins over synonyms. Names match without case and punctuation
 * @throws AppError `input` for an unknown column or target, and when no column holds e-mail addresses
 */
export function planColumns(
  header: readonly string[],
  columnMap: Readonly<Record<string, string>> = {},
): readonly Column[] {
  const names = uniqueNames(header);
  const explicit = explicitTargets(names, columnMap);
  const mapped = new Set(explicit.values());
  const columns = names.map((name, index): Column => {
    const stated = explicit.get(index);
    if (stated !== undefined) return { name, target: stated };
    const guess = targetBySynonym.get(headerKey(header[index] ?? "")) ?? null;
    // Once a person says which column is a field, look-alikes of it are no longer guessed.
    return { name, target: guess !== null && mapped.has(guess) ? null : guess };
  });
  if (!columns.some((column) => column.target === "email")) throw noEmailColumn(names);
  return columns;
}

function explicitTargets(
  names: readonly string[],
  columnMap: Readonly<Record<string, string>>,
): ReadonlyMap<number, ImportTarget> {
  const targets = new Map<number, ImportTarget>();
  for (const [column, target] of Object.entries(columnMap)) {
    const index = findColumn(names, column);
    if (index < 0) throw unknownColumn(column, names);
    targets.set(index, knownTarget(column, target));
  }
  return targets;
}

function knownTarget(column: string, target: string): ImportTarget {
  const known = importTargets.find((candidate) => candidate === target);
  if (known !== undefined) return known;
  throw new AppError(
    "input",
    `column_map sends "${shownName(column)}" to "${shownName(target)}", which is not a field. Use one of: ${importTargets.join(", ")}.`,
    { code: "UNKNOWN_FIELD", details: { allowed: importTargets } },
  );
}

function noEmailColumn(names: readonly string[]): AppError {
  return new AppError(
    "input",
    `No column holds e-mail addresses. The columns are: ${listNames(names)}. ` +
      `Say which one it is with column_map, for example {"${shownName(names[0] ?? "Contact")}": "email"}.`,
    { code: "NO_EMAIL_COLUMN", details: { columns: firstNames(names) } },
  );
}
