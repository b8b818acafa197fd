/** Reads the three sides of contacts: local rows, bases, and what HubSpot holds now. */
import type { Company } from "../core/company.ts";
import type { Contact } from "../core/contact.ts";
import { AppError } from "../core/errors.ts";
import type { FieldMap } from "../core/field-map.ts";
import type { ContactSides } from "../core/sync-contact.ts";
import type { Crm, CrmCall, CrmRecord } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import { primaryCompanyProperty } from "./sync-associations.ts";

/**
 * Contacts with their sides. `gone`: linked, but HubSpot no longer has the record. `twins`: HubSpot holds them and
 * another local contact as one record (e.g. as its second e-mail), which already has the link.
 */
export interface SidesRead {
  readonly sides: readonly ContactSides[];
  readonly gone: readonly Contact[];
  readonly twins: readonly Contact[];
}

/** Reads the sides of contacts in as few requests as HubSpot allows: by id where linked, by e-mail where not. */
export async function readSides(
  { store, crm, map }: { store: Store; crm: Crm; map: FieldMap },
  contacts: readonly Contact[],
  call: CrmCall,
): Promise<SidesRead> {
  const ids = contacts.map((contact) => contact.id);
  const links = new Map(
    (await store.links.byLocalIds("contacts", ids)).map((l) => [l.local_id, l.hubspot_id]),
  );
  const bases = new Map(
    (await store.fieldStates.get("contacts", ids)).map((s) => [s.local_id, s.base]),
  );
  const companies = await companiesOf(store, contacts);
  const properties = [...map.properties, "hs_additional_emails", primaryCompanyProperty];
  const linked = contacts.filter((contact) => links.has(contact.id));
  const unlinked = contacts.filter((contact) => !links.has(contact.id));
  const [byId, byEmail] = await Promise.all([
    readById(
      crm,
      linked.map((c) => links.get(c.id) ?? ""),
      { properties, call },
    ),
    readByEmail(
      crm,
      unlinked.map((c) => c.email),
      { properties, call },
    ),
  ]);
  const toSides = (contact: Contact): ContactSides => {
    const link = links.get(contact.id);
    const record = (link ? byId.get(link) : byEmail.get(contact.email)) ?? null;
    return {
      contact,
      company: companies.get(contact.domain ?? "") ?? null,
      hubspotId: record?.id ?? link ?? null,
      remote: record?.properties ?? null,
      base: bases.get(contact.id) ?? {},
      remoteAt: null,
    };
  };
  const all = contacts.map(toSides);
  const twins = await twinsAmong(store, all);
  const isGone = (side: ContactSides): boolean =>
    links.has(side.contact.id) && side.remote === null;
  return {
    sides: all.filter((side) => !isGone(side) && !twins.has(side.contact)),
    gone: all.filter(isGone).map(({ contact }) => contact),
    twins: [...twins],
  };
}

/** A link is one to one: of several contacts that are one HubSpot record, the linked one keeps it, else the one with its primary e-mail. */
async function twinsAmong(store: Store, sides: readonly ContactSides[]): Promise<Set<Contact>> {
  const hubspotIds = sides.flatMap((side) => side.hubspotId ?? []);
  const links = await store.links.byHubspotIds("contacts", [...new Set(hubspotIds)]);
  const holders = new Map(links.map((link) => [link.hubspot_id, link.local_id]));
  const twins = new Set<Contact>();
  const byPrimary = Map.groupBy(
    sides,
    ({ contact, remote }) => remote?.["email"] === contact.email,
  );
  for (const { contact, hubspotId } of [true, false].flatMap((is) => byPrimary.get(is) ?? [])) {
    if (hubspotId === null) continue;
    const holder = holders.get(hubspotId) ?? contact.id;
    holders.set(hubspotId, holder);
    if (holder !== contact.id) twins.add(contact);
  }
  return twins;
}

interface Asking {
  readonly properties: readonly string[];
  readonly call: CrmCall;
}

/** By the id that was asked: of a record that was merged away the one that lives on. */
async function readById(
  crm: Crm,
  ids: readonly string[],
  { properties, call }: Asking,
): Promise<Map<string, CrmRecord>> {
  if (ids.length === 0) return new Map();
  const { found, merged } = await crm.read("contacts", { ids, properties }, call);
  const records = new Map(found.map((record) => [record.id, record]));
  for (const [asked, id] of merged) {
    const survivor = records.get(id);
    if (survivor) records.set(asked, survivor);
  }
  return records;
}

/** A contact found by one of its secondary addresses is filed under that address too. */
async function readByEmail(
  crm: Crm,
  emails: readonly string[],
  { properties, call }: Asking,
): Promise<Map<string, CrmRecord>> {
  if (emails.length === 0) return new Map();
  const { found } = await crm.read(
    "contacts",
    { ids: emails, idProperty: "email", properties },
    call,
  );
  const byEmail = new Map<string, CrmRecord>();
  for (const record of found) {
    const secondary = record.properties["hs_additional_emails"]?.split(";") ?? [];
    for (const email of [...secondary, record.properties["email"] ?? ""])
      byEmail.set(email.toLowerCase(), record);
  }
  return byEmail;
}

/** The local companies of contacts, by domain. */
export async function companiesOf(
  store: Store,
  contacts: readonly Contact[],
): Promise<Map<string, Company>> {
  const domains = [...new Set(contacts.flatMap((contact) => contact.domain ?? []))];
  const rows = domains.length > 0 ? await store.companies.findByDomains(domains) : [];
  return new Map(rows.map((company) => [company.domain, company]));
}

/** Why a linked contact that HubSpot no longer has is not written again by itself. */
export function goneError(): AppError {
  return new AppError(
    "not-found",
    "HubSpot no longer has this contact: it was deleted or merged there. Nothing was created in its place.",
    { code: "GONE_IN_HUBSPOT" },
  );
}

/** Why a contact that HubSpot counts as part of another one is not synced. */
export function twinError(): AppError {
  return new AppError(
    "conflict",
    "HubSpot holds this contact and another local one as a single record (one is its second e-mail). Merge the two local contacts, or split them in HubSpot.",
    { code: "SAME_HUBSPOT_CONTACT" },
  );
}
