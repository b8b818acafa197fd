/** What the columns of a customers' input mean: names as people and billing systems write them, matched to fields and JSON leaves. */
import { customerJsonFields, customerNumberFields, customerTextFields } from "./customer.ts";
import { AppError } from "./errors.ts";
import type { FieldRule } from "./field-map.ts";
import {
  findColumn,
  firstNames,
  headerKey,
  listNames,
  shownName,
  uniqueNames,
  unknownColumn,
} from "./header-names.ts";

/** What of the customers' field map concerns an import: further names for columns and leaves, and the values that are allowed. */
export type CustomerRule = Pick<FieldRule, "field" | "path" | "enumValues">;

/** One column: its name in the input, unique and safe as a key, and what its values are. */
export interface CustomerColumn {
  readonly name: string;
  /** A field ("ban"), a JSON leaf ("contact.email"), a whole JSON column ("contact") or "ignore"; null = nothing of ours, not stored. */
  readonly target: string | null;
}

const fields: readonly string[] = ["ban", ...customerNumberFields, ...customerTextFields];
const jsonFields: readonly string[] = customerJsonFields;

// Header names per target, in the form of `headerKey`. What HubSpot calls the mapped amounts is not among them: there the credit limit is in
// cents, and read as dollars it would be a hundred times too high.
const SYNONYMS: Readonly<Record<string, string>> = {
  ban: "ban billingaccountnumber billingaccountno billingaccountid billingaccount accountnumber accountno warpban",
  current_balance: "currentbalance balance accountbalance balancecurrent",
  prepaid_balance: "prepaidbalance prepaid balanceprepaid",
  credit_limit: "creditlimit creditline",
  status: "status servicestatus accountstatus customerstatus",
  tier: "tier servicetier customertier",
  payment_terms: "paymentterms paymentterm terms",
  company_name: "companyname company customername customer accountname organisation organization",
  legal_name: "legalname legalcompanyname legalentity legalentityname registeredname",
  "contact.email": "contactemail contactemailaddress email emailaddress mail",
  "contact.phone":
    "contactphone contactphonenumber phone phonenumber telephone telephonenumber tel",
  "address.line1": "addressline1 addressstreet address1 street streetaddress line1 street1",
  "address.city": "addresscity city town",
  "address.state": "addressstate state stateregion province",
  "address.zip": "addresszip zip zipcode postalcode postcode addresszipcode addresspostalcode",
  "address.country": "addresscountry country countryregion countryname",
  "external_ids.hubspot_company_id": "externalidshubspotcompanyid hubspotcompanyid",
  contact: "contact",
  address: "address",
  external_ids: "externalids",
};

const builtIn: readonly (readonly [string, string])[] = Object.entries(SYNONYMS).flatMap(
  ([target, names]) => names.split(" ").map((name) => [name, target] as const),
);

/**
 * Columns in the order of the header, with what each means. Of two columns with one meaning the first counts.
 *
 * @param columnMap column name → field, `contact.email`, `contact->>'email'`, a name of the field map, or `ignore`; wins over what the name says
 * @throws AppError `input` for an unknown column or field, two columns sent to one field, and when no column holds account numbers
 */
export function planCustomerColumns(
  header: readonly string[],
  columnMap: Readonly<Record<string, string>>,
  rules: readonly CustomerRule[],
): readonly CustomerColumn[] {
  const names = uniqueNames(header);
  const byName = namesOf(rules);
  const explicit = explicitTargets(names, columnMap, byName);
  const taken = new Set(explicit.values());
  const columns = names.map((name, index): CustomerColumn => {
    const stated = explicit.get(index);
    if (stated !== undefined) return { name, target: stated };
    const guess = byName.get(headerKey(name)) ?? dottedLeaf(name);
    if (guess === null || taken.has(guess)) return { name, target: null };
    taken.add(guess);
    return { name, target: guess };
  });
  if (!taken.has("ban")) throw noBanColumn(names);
  return columns;
}

function namesOf(rules: readonly CustomerRule[]): ReadonlyMap<string, string> {
  const ruled = rules
    .filter(({ path }) => path.length <= 2 && isOurs(path))
    .map(({ field, path }) => [headerKey(field), path.join(".")] as const);
  // The map's names of complex parts ("address.street") and of fields that were added by people lead where the map says.
  return new Map([...builtIn, ...ruled]);
}

function isOurs([column = "", leaf]: readonly string[]): boolean {
  return leaf === undefined
    ? fields.includes(column) || jsonFields.includes(column)
    : jsonFields.includes(column);
}

/** `contact.fax` and `contact->>'fax'` name a leaf that nobody foresaw; one word alone does not. */
function dottedLeaf(name: string): string | null {
  const [, column = "", dotted, quoted] =
    /^([a-z_]+)(?:\.([\w-]{1,60})|->>'([^']{1,60})')$/i.exec(name.trim()) ?? [];
  const leaf = dotted ?? quoted;
  const known = column.toLowerCase();
  return leaf === undefined || leaf === "__proto__" || !jsonFields.includes(known)
    ? null
    : `${known}.${leaf}`;
}

function explicitTargets(
  names: readonly string[],
  columnMap: Readonly<Record<string, string>>,
  byName: ReadonlyMap<string, string>,
): ReadonlyMap<number, string> {
  const targets = new Map<number, string>();
  for (const [column, wanted] of Object.entries(columnMap)) {
    const index = findColumn(names, column);
    if (index < 0) throw unknownColumn(column, names);
    const target = knownTarget(column, wanted, byName);
    if (target !== "ignore" && [...targets.values()].includes(target)) throw sentTwice(target);
    targets.set(index, target);
  }
  return targets;
}

function knownTarget(column: string, wanted: string, byName: ReadonlyMap<string, string>): string {
  if (wanted === "ignore") return wanted;
  const target = byName.get(headerKey(wanted)) ?? dottedLeaf(wanted);
  if (target !== null) return target;
  const allowed = [...new Set(byName.values()), "ignore"];
  throw new AppError(
    "input",
    `column_map sends "${shownName(column)}" to "${shownName(wanted)}", which is not a field of customers. ` +
      `Use one of: ${allowed.join(", ")}; or a further part of a JSON column, as in contact.fax.`,
    { code: "UNKNOWN_FIELD", details: { allowed } },
  );
}

function sentTwice(target: string): AppError {
  return new AppError(
    "input",
    `column_map sends two columns to "${shownName(target)}"; send one of them to "ignore".`,
    { code: "UNKNOWN_FIELD", details: { field: target } },
  );
}

function noBanColumn(names: readonly string[]): AppError {
  return new AppError(
    "input",
    `No column holds billing account numbers (BAN), the key of customers. The columns are: ${listNames(names)}. ` +
      `Say which one it is with column_map, for example {"${shownName(names[0] ?? "Account")}": "ban"}.`,
    { code: "NO_BAN_COLUMN", details: { columns: firstNames(names) } },
  );
}
