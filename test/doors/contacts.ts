/** Contacts for door tests, showing only what matters to the test. */
import type { ContactFields, ContactPatch } from "../../mcp-server/src/core/contact.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { newContactAt } from "../support/build.ts";
import { insertContact } from "../support/stored-contacts.ts";

export const IMPORTED_AT = "2026-11-01T09:00:00.000Z";

/** Stores one contact and returns its id. */
export async function storedContact(
  store: Store,
  email: string,
  given: { readonly fields?: Partial<ContactFields>; readonly set?: ContactPatch } = {},
): Promise<number> {
  const id = await insertContact(store, newContactAt(IMPORTED_AT, { email, ...given.fields }));
  if (given.set) await store.contacts.update([{ id, set: given.set }], IMPORTED_AT);
  return id;
}

/** Stores `count` contacts c000@example.com … with the given fields. */
export async function storedContacts(
  store: Store,
  count: number,
  fields: (index: number) => Partial<ContactFields> = () => ({}),
): Promise<void> {
  await store.contacts.insert(
    Array.from({ length: count }, (_, index) => {
      const email = `c${String(index).padStart(3, "0")}@example.com`;
      return newContactAt(IMPORTED_AT, { email, ...fields(index) });
    }),
  );
}
