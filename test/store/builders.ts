/** Records for store tests that show only what matters. */
import type { NewContact } from "../../mcp-server/src/ports/contact-store.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { type GivenFields, newContactAt } from "../support/build.ts";
import { insertContact } from "../support/stored-contacts.ts";

export const NOW = "2026-11-21T10:00:00.000Z";
export const LATER = "2026-11-21T11:00:00.000Z";
export const MUCH_LATER = "2026-11-21T12:00:00.000Z";

/** A contact with nothing but an e-mail, and what the test says. */
export function newContact(fields: GivenFields, source?: NewContact["source"]): NewContact {
  return newContactAt(NOW, fields, source);
}

/** Inserts one contact and returns its id. */
export function insertOne(store: Store, fields: GivenFields): Promise<number> {
  return insertContact(store, newContact(fields));
}
