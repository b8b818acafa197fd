/** What happens to other records when one is written: note counts, companies from e-mail domains. */
import { type Account, recordsOf } from "./account.ts";
import { type End, linksOf } from "./association-store.ts";
import { domainOf } from "./derive.ts";
import { linkRecords } from "./links.ts";
import { COMPANIES, CONTACTS, NOTES, OBJECT_TYPES } from "./object-types.ts";
import { type CrmRecord, resolveId, type Source } from "./records.ts";
import { appendWrite, createRecord } from "./write.ts";

const CALCULATED: Source = { type: "CALCULATED", id: "RollupProperties" };
const SETTING: Source = { type: "CRM_SETTING", id: "auto-create-companies" };
const FREEMAIL = new Set(["gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "gmx.de"]);

function liveNotes(account: Account, end: End): CrmRecord[] {
  const notes = recordsOf(account, NOTES);
  return [...linksOf(account.associations, end, NOTES.id).keys()]
    .map((id) => resolveId(notes, id))
    .filter((note) => note !== undefined)
    .filter((note) => note.archivedAt === null);
}

/** Recounts the notes of one contact or company; a changed count bumps its modified date. */
export function recountNotes(account: Account, end: End): void {
  const type = [CONTACTS, COMPANIES].find(({ id }) => id === end.typeId);
  if (type === undefined || !account.settings.noteRollups) return;
  const record = resolveId(recordsOf(account, type), end.id);
  if (record === undefined) return;
  const notes = liveNotes(account, end);
  const last = notes.map((note) => note.properties["hs_timestamp"] ?? "").sort();
  const values = { num_notes: String(notes.length), notes_last_updated: last.at(-1) ?? "" };
  const isSame =
    values.num_notes === (record.properties["num_notes"] ?? "") &&
    values.notes_last_updated === (record.properties["notes_last_updated"] ?? "");
  if (!isSame) appendWrite(account, type, record, { values, source: CALCULATED });
}

/** After two records were associated or parted: notes count on their contacts and companies. */
export function afterLinkChange(account: Account, from: End, to: End): void {
  if (from.typeId === NOTES.id) recountNotes(account, to);
  if (to.typeId === NOTES.id) recountNotes(account, from);
}

/** After a note was archived or restored. */
export function afterNoteMoved(account: Account, noteId: string): void {
  for (const type of OBJECT_TYPES)
    for (const id of linksOf(
      account.associations,
      { typeId: NOTES.id, id: noteId },
      type.id,
    ).keys())
      recountNotes(account, { typeId: type.id, id });
}

function companyOfDomain(account: Account, domain: string): CrmRecord {
  const known = recordsOf(account, COMPANIES).ordered.find(
    (company) => company.archivedAt === null && company.properties["domain"] === domain,
  );
  return known ?? createRecord(account, COMPANIES, { name: domain, domain }, { source: SETTING });
}

/** With the account setting on, a contact's e-mail domain brings its company along. */
export function afterContactEmail(account: Account, contact: CrmRecord): void {
  const email = contact.properties["email"] ?? "";
  if (!account.settings.autoCreateCompanies || email === "") return;
  if (FREEMAIL.has(domainOf(email))) return;
  const company = companyOfDomain(account, domainOf(email));
  const from = { typeId: CONTACTS.id, id: contact.id };
  const to = { typeId: COMPANIES.id, id: company.id };
  linkRecords(account, { from, to, typeIds: [1] }, SETTING);
  const source: Source = { type: "CALCULATED", id: "AssociatedCompany" };
  const values = { associatedcompanyid: company.id };
  appendWrite(account, CONTACTS, contact, { values, source });
}
