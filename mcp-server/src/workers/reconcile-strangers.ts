/** HubSpot's records that nothing here is linked to: some have their counterpart here by key, some are new, the others are counted. */
import type { CrmRecord } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import type { Link } from "../ports/sync-store.ts";
import type { SyncKind } from "./sync-kind.ts";

/** `joined`: local ids that have the key of one and no link; `orphans`: HubSpot ids whose key nobody here has; `news`: of these, the ones to look at. */
export interface Strangers {
  readonly joined: readonly number[];
  readonly orphans: readonly string[];
  readonly news: readonly string[];
}

/** What sorting strangers stands on. */
export interface Sorting {
  readonly store: Store;
  readonly kind: SyncKind;
  /** HubSpot records made later than this are new; null: new ones are not looked for. */
  readonly newSince: string | null;
  /** Whether any record ever ended on one side. */
  readonly hasTombstones: boolean;
}

/** Sorts records; companies without an account number are nobody's customers. `ended`: ids of records that ended before. */
export async function strangersOf(
  { store, kind, newSince, hasTombstones }: Sorting,
  records: readonly CrmRecord[],
  ended: ReadonlySet<string>,
): Promise<Strangers> {
  const keyed = records.filter(({ properties }) => kind.keysOf(properties).length > 0);
  if (keyed.length === 0) return { joined: [], orphans: [], news: [] };
  const locals = await localsByKey({ store, kind, hasTombstones }, keyed);
  const sorted = keyed.map((record) => {
    const key = kind.keysOf(record.properties).find((one) => locals.has(one));
    return { record, local: key === undefined ? null : (locals.get(key) ?? null) };
  });
  const orphans = sorted.flatMap(({ record, local }) => (local ? [] : [record]));
  const isNews = ({ id, createdAt }: CrmRecord): boolean =>
    ended.has(id) || (newSince !== null && createdAt > newSince);
  return {
    joined: sorted.flatMap(({ local }) => (local?.isReady ? [local.id] : [])),
    orphans: orphans.map(({ id }) => id),
    news: kind.crmObject === "contacts" ? orphans.filter(isNews).map(({ id }) => id) : [],
  };
}

/**
 * A record here. `isReady` false: it is not joined now, because it waits for its enrichment and its first sync, belongs to somebody who
 * objected, or is linked to another record that HubSpot still has, which this one may have been merged from.
 */
interface Counterpart {
  readonly id: number;
  readonly isReady: boolean;
}

/** Local records by the keys of HubSpot's. */
async function localsByKey(
  { store, kind, hasTombstones }: Omit<Sorting, "newSince">,
  records: readonly CrmRecord[],
): Promise<ReadonlyMap<string, Counterpart>> {
  const { object } = kind.map;
  const found = await (object === "contacts"
    ? contactsByEmail(store, kind, records)
    : customersByBan(store, kind, records));
  if (found.length === 0) return new Map();
  const links = await store.links.byLocalIds(
    object,
    found.map(({ id }) => id),
  );
  const over = hasTombstones ? await endedIds(store, object, links) : new Set<string>();
  const held = links.filter(({ hubspot_id }) => !over.has(hubspot_id));
  const linked = new Set(held.map(({ local_id }) => local_id));
  return new Map(
    found.map((one) => [
      kind.comparable(one.key),
      { ...one, isReady: one.isReady && !linked.has(one.id) },
    ]),
  );
}

/** Links to what HubSpot deleted are kept by policy, and hold nothing: people may have entered the record anew. */
async function endedIds(
  store: Store,
  object: "contacts" | "customers",
  links: readonly Link[],
): Promise<ReadonlySet<string>> {
  const ids = links.map(({ hubspot_id }) => hubspot_id);
  const stones = await store.tombstones.byHubspotIds(object, ids);
  return new Set(
    stones.flatMap(({ reason, hubspot_id }) => (reason === "deleted" ? [hubspot_id] : [])),
  );
}

type Keyed = Counterpart & { readonly key: string };

async function contactsByEmail(
  store: Store,
  kind: SyncKind,
  records: readonly CrmRecord[],
): Promise<readonly Keyed[]> {
  const emails = records.flatMap(({ properties }) => kind.keysOf(properties));
  const contacts = await store.contacts.findByEmails([...new Set(emails)]);
  return contacts.map(({ id, email, status, failed_stage, unsubscribed }) => ({
    id,
    key: email,
    isReady: !unsubscribed && (["enriched", "synced"].includes(status) || failed_stage === "sync"),
  }));
}

async function customersByBan(
  store: Store,
  kind: SyncKind,
  records: readonly CrmRecord[],
): Promise<readonly Keyed[]> {
  const bans = records.flatMap(({ properties }) => properties[kind.keyProperty]?.trim() || []);
  const customers = await store.customers.findByBans([...new Set(bans)]);
  return customers.map(({ id, ban }) => ({ id, key: ban, isReady: true }));
}
