/** Links contacts that came from HubSpot to the records they came from, with what both sides hold as the base. */
import type { FieldMap } from "../core/field-map.ts";
import { planContact } from "../core/sync-contact.ts";
import type { Store } from "../ports/store.ts";
import type { RemoteRow } from "./import-writes.ts";

/**
 * Links those that are not linked yet; a HubSpot record that another local contact holds stays with it. Where the two sides differ no base
 * is recorded: the next sync decides such a field by its strategy.
 */
export async function linkImported(
  store: Store,
  map: FieldMap,
  { origins, now }: { origins: readonly RemoteRow[]; now: string },
): Promise<void> {
  const ids = origins.map(({ contactId }) => contactId);
  const linked = new Set(
    (await store.links.byLocalIds("contacts", ids)).map((link) => link.local_id),
  );
  const hubspotIds = origins.map(({ remote }) => remote.hubspot_id);
  const held = new Set(
    (await store.links.byHubspotIds("contacts", hubspotIds)).map((link) => link.hubspot_id),
  );
  const fresh = origins.filter(
    ({ contactId, remote }) => !linked.has(contactId) && !held.has(remote.hubspot_id),
  );
  const contacts = new Map(
    (await store.contacts.findByIds(fresh.map(({ contactId }) => contactId))).map((contact) => [
      contact.id,
      contact,
    ]),
  );
  await store.links.put(
    fresh.map(({ contactId, remote }) => ({
      object: "contacts",
      local_id: contactId,
      hubspot_id: remote.hubspot_id,
    })),
    now,
  );
  await store.fieldStates.put(
    fresh.flatMap(({ contactId, remote }) => {
      const contact = contacts.get(contactId);
      if (!contact) return [];
      const sides = {
        contact,
        company: null,
        hubspotId: remote.hubspot_id,
        base: {},
        remoteAt: {},
      };
      const { base } = planContact(map, { ...sides, remote: remote.properties }, "both");
      return [{ object: "contacts" as const, local_id: contactId, base, synced_at: now }];
    }),
  );
}
