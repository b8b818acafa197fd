/** What an input says of customers, and what it would change. */
import { canonical } from "./canonical.ts";
import {
  type Customer,
  type CustomerFields,
  customerJsonFields,
  customerNumberFields,
  customerTextFields,
  type JsonObject,
} from "./customer.ts";

/** What a row says of a customer; what it leaves out keeps what is stored, null clears. JSON columns hold the leaves it names. */
export type CustomerStatement = Partial<CustomerFields> & Pick<CustomerFields, "ban">;

export interface StatementCounts {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
}

/**
 * How rows would end if they were stored one after the other.
 *
 * @param rows `isRepetition` = an earlier row of the same input, perhaps of another batch, had the account
 */
export function previewStatements(
  stored: readonly Customer[],
  rows: readonly { readonly fields: CustomerStatement; readonly isRepetition: boolean }[],
): StatementCounts {
  const held = new Map<string, Held>(stored.map((customer) => [customer.ban, customer]));
  const counts = { created: 0, updated: 0, unchanged: 0 };
  for (const { fields, isRepetition } of rows) {
    const before = held.get(fields.ban);
    held.set(fields.ban, applied(before ?? {}, fields));
    // The row that creates it stood in an earlier batch, which a preview did not store.
    if (before === undefined) counts[isRepetition ? "unchanged" : "created"] += 1;
    else counts[wouldChange(before, fields) ? "updated" : "unchanged"] += 1;
  }
  return counts;
}

/** The fields of a customer as far as they are known. */
type Held = Partial<CustomerFields>;

function applied(held: Held, { ban: _, ...said }: CustomerStatement): Held {
  const leaves = customerJsonFields.flatMap((field) =>
    said[field] ? [[field, { ...held[field], ...said[field] }] as const] : [],
  );
  return { ...held, ...said, ...Object.fromEntries(leaves) };
}

/** Whether storing the statement would change the customer. Numbers compare by value, JSON columns by the leaves that are named. */
function wouldChange(held: Held, said: CustomerStatement): boolean {
  return (
    customerTextFields.some((field) => isAnother(held[field], said[field])) ||
    customerNumberFields.some((field) =>
      isAnother(canonical("number", held[field]), canonical("number", said[field])),
    ) ||
    customerJsonFields.some((field) => changesJson(held[field], said[field]))
  );
}

/** @param held undefined = not known, because an earlier row creates the customer: empty */
function isAnother(held: unknown, said: unknown): boolean {
  return said !== undefined && said !== (held ?? null);
}

function changesJson(held: JsonObject | null | undefined, said: JsonObject | null | undefined) {
  if (said === undefined) return false;
  if (said === null || !held) return said !== (held ?? null);
  return Object.entries(said).some(
    ([leaf, value]) => !Object.hasOwn(held, leaf) || !sameJson(held[leaf], value),
  );
}

function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return sortedJson(one) === sortedJson(other);
}

/** JSON text in which the order of keys does not matter: PostgreSQL keeps its own. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
