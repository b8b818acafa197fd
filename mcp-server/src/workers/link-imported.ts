/** Links contacts that came from HubSpot to the records they came from, with what both sides hold as the base. */
import type { FieldMap } from "../core/field-map.ts";
import type { RecordPlan } from "../core/plan.ts";
import { contactRules } from "../core/sync-contact.ts";
import { planSides } from "../core/sync-record.ts";
import type { Store } from "../ports/store.ts";
import { contactSides } from "./contact-kind.ts";
import type { RemoteRow } from "./import-writes.ts";

interface Imported {
  readonly origins: readonly RemoteRow[];
  readonly now: string;
}

/**
 * Links those that are not linked yet; a HubSpot record that another local contact holds stays with it. Where the two sides
 * differ no base is recorded: the next sync decides such a field by its strategy. Contacts that were linked before and differ from what
 * was read are marked for the next sync.
 */
export async function linkImported(store: Store, map: FieldMap, imported: Imported): Promise<void> {
  const { origins } = imported;
  const ids = origins.map(({ contactId }) => contactId);
  const hubspotIds = origins.map(({ remote }) => remote.hubspot_id);
  const links = await store.links.byLocalIds("contacts", ids);
  const linked = new Map(links.map((link) => [link.local_id, link.hubspot_id]));
  const held = new Set(
    (await store.links.byHubspotIds("contacts", hubspotIds)).map((link) => link.hubspot_id),
  );
  const fresh = origins.filter(
    ({ contactId, remote }) => !linked.has(contactId) && !held.has(remote.hubspot_id),
  );
  const known = origins.filter(
    ({ contactId, remote }) => linked.get(contactId) === remote.hubspot_id,
  );
  await linkFresh(store, map, { ...imported, origins: fresh });
  await markChanged(store, map, { ...imported, origins: known });
}

async function linkFresh(store: Store, map: FieldMap, { origins, now }: Imported): Promise<void> {
  await store.links.put(
    origins.map(({ contactId, remote }) => ({
      object: "contacts",
      local_id: contactId,
      hubspot_id: remote.hubspot_id,
    })),
    now,
  );
  const planned = await plans(store, map, origins);
  await store.fieldStates.put(
    planned.map(({ id, plan }) => ({
      object: "contacts",
      local_id: id,
      base: plan.base,
      synced_at: now,
    })),
  );
}

/** What HubSpot holds is only a signal here: the sync reads the record again and decides. */
async function markChanged(store: Store, map: FieldMap, { origins, now }: Imported): Promise<void> {
  const changed = (await plans(store, map, origins)).filter(({ plan }) => plan.fields.length > 0);
  await store.queue.add(
    changed.map(({ id }) => ({
      object: "contacts",
      local_id: id,
      reason: "hubspot-import",
      due_at: now,
    })),
  );
}

/** What a sync would do about each contact, as far as the imported values tell. */
async function plans(
  store: Store,
  map: FieldMap,
  origins: readonly RemoteRow[],
): Promise<readonly { readonly id: number; readonly plan: RecordPlan }[]> {
  const ids = origins.map(({ contactId }) => contactId);
  const remotes = new Map(origins.map(({ contactId, remote }) => [contactId, remote]));
  const states = await store.fieldStates.get("contacts", ids);
  const bases = new Map(states.map((state) => [state.local_id, state.base]));
  const locals = await contactSides(store, map, await store.contacts.findByIds(ids));
  return locals.flatMap((local) => {
    const remote = remotes.get(local.id);
    if (!remote) return [];
    const sides = {
      ...local,
      hubspotId: remote.hubspot_id,
      remote: remote.properties,
      base: bases.get(local.id) ?? {},
      remoteAt: null,
    };
    return [{ id: local.id, plan: planSides(contactRules(map, sides), sides, "both") }];
  });
}
