/** What the rows of an import make of the customers that are stored, worked out before anything is written. */
import {
  type Customer,
  type CustomerFields,
  type CustomerPatch,
  customerJsonFields,
  customerNumberFields,
  customerTextFields,
  type JsonObject,
} from "../core/customer.ts";
import { plainDecimal } from "../core/value-decimal.ts";
import type { CustomerRow, CustomerStore } from "../ports/customer-store.ts";

type Outcome = Awaited<ReturnType<CustomerStore["upsert"]>>[number];
type Draft = Omit<Customer, "id" | "created_at" | "updated_at">;

/** Outcomes in the order of the rows; the customers to insert; and the fields to set on stored ones. */
export interface Drafted {
  readonly outcomes: readonly Outcome[];
  readonly created: readonly CustomerFields[];
  readonly updated: readonly { readonly id: number; readonly set: CustomerPatch }[];
}

/** As if the rows were written one after the other; what they say together is then written once. */
export function draftCustomers(stored: readonly Customer[], rows: readonly CustomerRow[]): Drafted {
  const drafts = new Map<string, Draft>(stored.map((customer) => [customer.ban, customer]));
  const outcomes = rows.map((row): Outcome => {
    const before = drafts.get(row.ban);
    const after = merged(before ?? { ...nothing, ban: row.ban }, row);
    drafts.set(row.ban, after);
    if (before === undefined) return { ban: row.ban, outcome: "created" };
    const isSame = Object.keys(changes(before, after)).length === 0;
    return { ban: row.ban, outcome: isSame ? "unchanged" : "updated" };
  });
  return { outcomes, ...settled(stored, drafts) };
}

const nothing: Omit<CustomerFields, "ban"> = {
  current_balance: null,
  prepaid_balance: null,
  status: null,
  tier: null,
  credit_limit: null,
  payment_terms: null,
  company_name: null,
  legal_name: null,
  contact: null,
  address: null,
  external_ids: null,
};
const plainFields = [...customerNumberFields, ...customerTextFields];
const numberFields: ReadonlySet<string> = new Set(customerNumberFields);

function merged(draft: Draft, row: CustomerRow): Draft {
  const plain = plainFields.flatMap((field) => {
    const said = row[field];
    return said === undefined ? [] : [[field, plainValue(field, said)] as const];
  });
  const objects = customerJsonFields.flatMap((field) => {
    const said = row[field];
    return said === undefined ? [] : [[field, mergedObject(draft[field] ?? {}, said)] as const];
  });
  return { ...draft, ...Object.fromEntries([...plain, ...objects]) };
}

/** 10.10 and 10.1 are one number; what is none is refused when it is written. */
function plainValue(field: string, said: string | null): string | null {
  return said !== null && numberFields.has(field) ? (plainDecimal(said) ?? said) : said;
}

/** A key that is not there reads as empty already. */
function mergedObject(stored: JsonObject, said: JsonObject | null): JsonObject | null {
  if (said === null) return null;
  const news = Object.entries(said).filter(
    ([key, value]) => value !== null || Object.hasOwn(stored, key),
  );
  return { ...stored, ...Object.fromEntries(news) };
}

function changes(before: Draft, after: Draft): CustomerPatch {
  const changed = [...plainFields, ...customerJsonFields].filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  return Object.fromEntries(changed.map((field) => [field, after[field] ?? null]));
}

function settled(stored: readonly Customer[], drafts: ReadonlyMap<string, Draft>) {
  const known = new Set(stored.map((customer) => customer.ban));
  return {
    created: [...drafts.values()]
      .filter((draft) => !known.has(draft.ban))
      .map((draft) => ({ ...nothing, ...draft })),
    updated: stored
      .map((customer) => ({
        id: customer.id,
        set: changes(customer, drafts.get(customer.ban) ?? customer),
      }))
      .filter(({ set }) => Object.keys(set).length > 0),
  };
}
