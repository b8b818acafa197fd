/** Contacts as a kind of record to sync: they have states, a company, a note, and an e-mail that no two may share. */
import type { Company } from "../core/company.ts";
import { primaryCompanyProperty } from "../core/company-base.ts";
import type { Contact } from "../core/contact.ts";
import { AppError } from "../core/errors.ts";
import type { FieldMap } from "../core/field-map.ts";
import { type Pull, pulledPatch } from "../core/mapped-record.ts";
import { addressesOf } from "../core/other-keys.ts";
import { reEnrichment, type SignificantField } from "../core/significant.ts";
import {
  type ContactSide,
  contactRules,
  contactSide,
  endPatch,
  isLeft,
  leftDueAt,
  leftStatus,
} from "../core/sync-contact.ts";
import type { SyncEnd } from "../core/sync-record.ts";
import { isErased } from "../core/tombstone.ts";
import type { Store } from "../ports/store.ts";
import { contactSurroundings } from "./contact-surroundings.ts";
import { iso } from "./iso-time.ts";
import { stonesByKey } from "./life-stones.ts";
import type { PulledSide, SyncKind } from "./sync-kind.ts";
import { suppressedAmong } from "./sync-suppressed.ts";

/** How a run treats contacts that HubSpot's changes send through enrichment again. */
export interface Reenriching {
  readonly fields: ReadonlySet<SignificantField>;
  /** Which contacts stay `imported` from beginning to end of the sync: they wait for enrichment. */
  readonly staysImported: (came: Contact) => boolean;
  /** Hears how many were sent back, before that is durable. */
  readonly sentBack: (count: number) => void;
}

const never: Reenriching = {
  fields: new Set(),
  staysImported: () => false,
  sentBack: () => undefined,
};

/** The kind, by the contacts' map. Without `reenriching` no change sends a contact back. */
export function contactKind(
  map: FieldMap,
  reenriching: Reenriching = never,
): SyncKind<ContactSide> {
  return {
    map,
    crmObject: "contacts",
    keyProperty: "email",
    alsoRead: ["hs_additional_emails", primaryCompanyProperty],
    load: async (store, ids) => contactSides(store, map, await store.contacts.findByIds(ids)),
    takeOn: (store, ids, now) => takeOn(store, map, { ids, now, reenriching }),
    suppressed: (store, sides) =>
      suppressedAmong(
        store,
        sides.map(({ contact }) => contact),
      ),
    passOver,
    rulesFor: (sides) => contactRules(map, sides),
    comparable: (email) => email.toLowerCase(),
    keysOf: addressesOf,
    cannotCreate: () => null,
    refusals: async (store, pulls) => {
      const wanted = pulls.flatMap(({ pull }) => (isEmail(pull) ? (pull.value ?? []) : []));
      const holders = await emailHolders(store, wanted);
      const stones = await stonesByKey(store, "contacts", wanted);
      const erased = new Set(wanted.filter((email) => isErased(stones.get(email) ?? [])));
      return (id, pull) => refusal(pull, id, { holders, erased });
    },
    write: (store, pulled, now) => writePulled(store, { pulled, now, reenriching }),
    around: contactSurroundings(reenriching),
    isTaken: ({ contact }) => contact.status === "syncing" || reenriching.staysImported(contact),
    isLeft: (side, run) => isLeft(side.contact, run),
    leave: leaveContacts,
    leftDueAt: (side, now) => leftDueAt(side.contact, now, iso),
  };
}

/** Stored contacts as local sides. */
export async function contactSides(
  store: Store,
  map: FieldMap,
  contacts: readonly Contact[],
): Promise<readonly ContactSide[]> {
  const companies = await companiesOf(store, contacts);
  const changes = await store.changes.latest(
    "contacts",
    contacts.map(({ id }) => id),
  );
  const byId = Map.groupBy(changes, ({ local_id }) => local_id);
  return contacts.map((contact) => {
    const company = companies.get(contact.domain ?? "") ?? null;
    return contactSide(map, { contact, company }, byId.get(contact.id) ?? []);
  });
}

/** The local companies of contacts, by domain. */
async function companiesOf(
  store: Store,
  contacts: readonly Contact[],
): Promise<Map<string, Company>> {
  const domains = [...new Set(contacts.flatMap((contact) => contact.domain ?? []))];
  const rows = domains.length > 0 ? await store.companies.findByDomains(domains) : [];
  return new Map(rows.map((company) => [company.domain, company]));
}

interface TakingOn {
  readonly ids: readonly number[];
  readonly now: string;
  readonly reenriching: Reenriching;
}

/**
 * Marks contacts as being synced and returns them with the states they came from, both in one transaction: whoever changes one later
 * sees the mark, and whoever changed it before is read. One that waits for enrichment is not marked: neither a crash nor a failure may take
 * from it what it waits for.
 */
async function takeOn(
  store: Store,
  map: FieldMap,
  { ids, now, reenriching }: TakingOn,
): Promise<readonly ContactSide[]> {
  return store.transaction(async (within) => {
    const contacts = await within.contacts.findByIds(ids);
    const marked = contacts.filter((contact) => !reenriching.staysImported(contact));
    await within.contacts.updateAll(
      marked.map(({ id }) => id),
      { status: "syncing" },
      now,
    );
    return contactSides(within, map, contacts);
  });
}

/** A crash may have left one marked as being synced before the person objected. */
async function passOver(
  store: Store,
  ids: readonly number[],
  now: string,
): Promise<ReadonlySet<number>> {
  const contacts = await store.contacts.findByIds(ids);
  const skipped = await suppressedAmong(store, contacts);
  const marked = contacts.filter(({ id, status }) => skipped.has(id) && status === "syncing");
  await store.contacts.update(
    marked.map((contact) => ({
      id: contact.id,
      set: { status: leftStatus(contact, contact.status) },
    })),
    now,
  );
  return skipped;
}

/** Who has the e-mails that pulls would set, by e-mail. */
async function emailHolders(
  store: Store,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = wanted.length > 0 ? await store.contacts.findByEmails(wanted) : [];
  return new Map(rows.map((contact) => [contact.email, contact.id]));
}

function isEmail({ rule }: Pull): boolean {
  return rule.path[0] === "email";
}

/** Only the e-mail, which a contact must have, which no two may share and which must not bring an erased person back, can be impossible to take over. */
function refusal(
  pull: Pull,
  id: number,
  {
    holders,
    erased,
  }: { readonly holders: ReadonlyMap<string, number>; readonly erased: ReadonlySet<string> },
): AppError | null {
  if (!isEmail(pull)) return null;
  if (pull.value === null) return noEmail();
  if (erased.has(pull.value)) return emailErased();
  return (holders.get(pull.value) ?? id) === id ? null : emailTaken();
}

function emailTaken(): AppError {
  return new AppError(
    "conflict",
    "HubSpot changed this contact's e-mail to one that another local contact has. Merge the two local contacts, or correct the e-mail in HubSpot.",
    { code: "EMAIL_TAKEN" },
  );
}

function emailErased(): AppError {
  return new AppError(
    "conflict",
    "HubSpot changed this contact's e-mail to one of a person whose data were deleted for privacy, so it is not stored here again. Correct the e-mail in HubSpot.",
    { code: "EMAIL_ERASED" },
  );
}

function noEmail(): AppError {
  return new AppError(
    "conflict",
    "This contact's e-mail was emptied in HubSpot, but a local contact needs one. Enter one in HubSpot.",
    { code: "EMAIL_EMPTIED" },
  );
}

/** In one statement with the values, so that no crash comes between a change and what it calls for. */
async function writePulled(
  store: Store,
  {
    pulled,
    now,
    reenriching,
  }: {
    pulled: readonly PulledSide<ContactSide>[];
    now: string;
    reenriching: Reenriching;
  },
): Promise<void> {
  const patches = pulled.map(({ side: { id, contact }, pulls }) => {
    const set = pulledPatch(contact, pulls, { now, source: "hubspot" });
    return { id, set: { ...set, ...reEnrichment(contact, set, reenriching.fields) } };
  });
  await store.contacts.update(patches, now);
  const back = patches.filter(({ set }) => set.status !== undefined).length;
  if (back > 0) reenriching.sentBack(back);
}

/** A contact that is not done (adopted, stopped), or was absent on a pull-only run, goes back to the state it came from. */
async function leaveContacts(
  store: Store,
  {
    taken,
    rows,
    ends,
  }: {
    taken: readonly ContactSide[];
    rows: readonly ContactSide[];
    ends: ReadonlyMap<number, SyncEnd>;
  },
  now: string,
): Promise<void> {
  const before = new Map(taken.map(({ id, contact }) => [id, contact.status]));
  const patches = rows
    .map(({ contact }) => contact)
    // One that somebody else moved on keeps its new state.
    .filter((row) => row.status === "syncing")
    .map((row) => {
      const end = ends.get(row.id);
      if (end?.kind === "synced" || end?.kind === "failed")
        return { id: row.id, set: endPatch(row, end, now) };
      return { id: row.id, set: { status: leftStatus(row, before.get(row.id) ?? "syncing") } };
    });
  await store.contacts.update(patches, now);
}
