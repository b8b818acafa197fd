/** People who objected to outreach: they are not carried into HubSpot; those it knows already stay in step. */
import type { Contact } from "../core/contact.ts";
import type { Store } from "../ports/store.ts";

/** The ids of contacts that a sync passes over. */
export async function suppressedAmong(
  store: Store,
  contacts: readonly Contact[],
): Promise<ReadonlySet<number>> {
  const objecting = contacts.filter((contact) => contact.unsubscribed).map((contact) => contact.id);
  if (objecting.length === 0) return new Set();
  const links = await store.links.byLocalIds("contacts", objecting);
  const known = new Set(links.map((link) => link.local_id));
  return new Set(objecting.filter((id) => !known.has(id)));
}
