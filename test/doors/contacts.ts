/** Contacts for door tests, showing only what matters to the test. */
import type { ContactFields, ContactPatch } from "../../mcp-server/src/core/contact.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";

export const IMPORTED_AT = "2026-11-01T09:00:00.000Z";

/** The fields of a contact, empty but for what is given. */
export function contactFields(email: string, fields: Partial<ContactFields> = {}): ContactFields {
  return {
    email,
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
  };
}

/** Stores one contact and returns its id. */
export async function storedContact(
  store: Store,
  email: string,
  given: { readonly fields?: Partial<ContactFields>; readonly set?: ContactPatch } = {},
): Promise<number> {
  const [row] = await store.contacts.insert([
    { fields: contactFields(email, given.fields), source: "csv", imported_at: IMPORTED_AT },
  ]);
  if (!row) throw new Error(`${email} is stored already`);
  if (given.set) await store.contacts.update([{ id: row.id, set: given.set }], IMPORTED_AT);
  return row.id;
}

/** Stores `count` contacts c000@example.com … with the given fields. */
export async function storedContacts(
  store: Store,
  count: number,
  fields: (index: number) => Partial<ContactFields> = () => ({}),
): Promise<void> {
  await store.contacts.insert(
    Array.from({ length: count }, (_, index) => ({
      fields: contactFields(`c${String(index).padStart(3, "0")}@example.com`, fields(index)),
      source: "csv" as const,
      imported_at: IMPORTED_AT,
    })),
  );
}
