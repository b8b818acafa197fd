/** The records that conflicts are about, as people know them. */
import type { Contact } from "../core/contact.ts";
import type { Customer } from "../core/customer.ts";
import type { MappedObject } from "../core/field-map.ts";
import type { Conflict } from "../ports/conflict-store.ts";
import type { Store } from "../ports/store.ts";
import { shownText } from "./shown-text.ts";

const MAX_LABEL = 120;

/** A stored record of either kind; `label` is cleaned: a contact's e-mail, or a customer's billing account number and name. */
export type KnownRecord = {
  readonly id: number;
  readonly label: string;
  /** null = not linked. */
  readonly hubspotId: string | null;
} & (
  | { readonly object: "contacts"; readonly contact: Contact }
  | { readonly object: "customers"; readonly customer: Customer }
);

/** Finds the record of a conflict; undefined when it is no longer stored. */
export type RecordOf = (conflict: Pick<Conflict, "object" | "local_id">) => KnownRecord | undefined;

/** Reads the records of up to 1,000 conflicts at once. */
export async function recordsOf(
  store: Store,
  conflicts: readonly Pick<Conflict, "object" | "local_id">[],
): Promise<RecordOf> {
  const all = [
    ...(await contactsAmong(store, conflicts)),
    ...(await customersAmong(store, conflicts)),
  ];
  const known = new Map(all.map((record) => [keyOf(record.object, record.id), record]));
  return ({ object, local_id }) => known.get(keyOf(object, local_id));
}

type Named = readonly Pick<Conflict, "object" | "local_id">[];

async function contactsAmong(store: Store, conflicts: Named): Promise<readonly KnownRecord[]> {
  const ids = idsOf(conflicts, "contacts");
  if (ids.length === 0) return [];
  const contacts = await store.contacts.findByIds(ids);
  const hubspotIds = await hubspotIdsOf(store, "contacts", ids);
  return contacts.map((contact) => ({
    object: "contacts",
    id: contact.id,
    label: shownText(contact.email, MAX_LABEL),
    hubspotId: hubspotIds.get(contact.id) ?? null,
    contact,
  }));
}

async function customersAmong(store: Store, conflicts: Named): Promise<readonly KnownRecord[]> {
  const ids = idsOf(conflicts, "customers");
  if (ids.length === 0) return [];
  const customers = await store.customers.findByIds(ids);
  const hubspotIds = await hubspotIdsOf(store, "customers", ids);
  return customers.map((customer) => ({
    object: "customers",
    id: customer.id,
    label: customerLabel(customer),
    hubspotId: hubspotIds.get(customer.id) ?? null,
    customer,
  }));
}

/** A customer in a line: its billing account number, with its name when it has one. */
export function customerLabel({ ban, company_name }: Customer): string {
  return shownText(company_name === null ? ban : `${ban} (${company_name})`, MAX_LABEL);
}

// As long as a call may name it by.
const MAX_KEY = 320;

/** What other tools take to name a record, cleaned: a contact's e-mail, a customer's billing account number. */
export function recordKey(record: KnownRecord): string {
  return shownText(
    record.object === "contacts" ? record.contact.email : record.customer.ban,
    MAX_KEY,
  );
}

function idsOf(conflicts: Named, object: MappedObject): readonly number[] {
  const ids = conflicts.filter((each) => each.object === object).map((each) => each.local_id);
  return [...new Set(ids)];
}

async function hubspotIdsOf(
  store: Store,
  object: MappedObject,
  ids: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const links = await store.links.byLocalIds(object, ids);
  return new Map(links.map((link) => [link.local_id, link.hubspot_id]));
}

function keyOf(object: string, id: number): string {
  return `${object} ${id}`;
}
