/** Putting contacts into a store and finding them again; a test that meets no contact where one must be ends there. */
import type { Contact } from "../../mcp-server/src/core/contact.ts";
import type { NewContact } from "../../mcp-server/src/ports/contact-store.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";

/** Inserts one contact and returns its id; throws when the e-mail is stored already. */
export async function insertContact(store: Store, contact: NewContact): Promise<number> {
  const [inserted] = await store.contacts.insert([contact]);
  if (!inserted) throw new Error(`${contact.fields.email} is stored already`);
  return inserted.id;
}

/** The contact with this e-mail; throws when there is none. */
export async function contactByEmail(store: Store, email: string): Promise<Contact> {
  const [contact] = await store.contacts.findByEmails([email]);
  if (!contact) throw new Error(`no contact ${email}`);
  return contact;
}
