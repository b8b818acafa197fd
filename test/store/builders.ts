/** Records for store tests that show only what matters. */
import type { ContactFields } from "../../mcp-server/src/core/contact.ts";
import type { NewContact } from "../../mcp-server/src/ports/contact-store.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";

export const NOW = "2026-11-21T10:00:00.000Z";
export const LATER = "2026-11-21T11:00:00.000Z";
export const MUCH_LATER = "2026-11-21T12:00:00.000Z";

/** A contact with nothing but an e-mail, and what the test says. */
export function newContact(
  fields: Partial<ContactFields> & { readonly email: string },
  source: NewContact["source"] = "csv",
): NewContact {
  return {
    source,
    imported_at: NOW,
    fields: {
      first_name: null,
      last_name: null,
      company: null,
      domain: null,
      job_title: null,
      phone: null,
      country: null,
      city: null,
      website: null,
      linkedin_url: null,
      custom: null,
      email_status: null,
      engagement_state: null,
      unsubscribed: false,
      ...fields,
    },
  };
}

/** Inserts one contact and returns its id. */
export async function insertOne(
  store: Store,
  fields: Partial<ContactFields> & { readonly email: string },
): Promise<number> {
  const [inserted] = await store.contacts.insert([newContact(fields)]);
  if (!inserted) throw new Error(`${fields.email} was not inserted`);
  return inserted.id;
}
