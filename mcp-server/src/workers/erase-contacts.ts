/** Erases people here whose data HubSpot deleted for privacy, and keeps a tombstone so that nobody brings them back. */
import { RECORD_FIELD } from "../core/tombstone.ts";
import type { Crm, CrmCall } from "../ports/crm.ts";
import type { Tombstone } from "../ports/life-store.ts";
import type { Store } from "../ports/store.ts";
import type { Log } from "../ports/world.ts";
import { iso } from "./iso-time.ts";
import { type HashKeys, madeHash } from "./life-stones.ts";
import { logRow } from "./sync-log-row.ts";

/** What erasing stands on. */
export interface EraseRun {
  readonly store: Store;
  readonly crm: Crm;
  readonly call: CrmCall;
  readonly now: () => number;
  /** Under which id the log keeps it; left out = "erase". */
  readonly runId?: string;
  /** Told of records that HubSpot still has; ids only. */
  readonly log?: Log;
}

/**
 * Erases the people of these HubSpot records, whichever of them are known here. A notification is only a signal: those that HubSpot still has, live or in its
 * recycle bin, are left as they are, with a warning. Doing it again, or before or after a plain deletion, ends the same.
 *
 * @throws AppError when HubSpot could not be asked; nothing was erased then
 */
export async function eraseContacts(run: EraseRun, hubspotIds: readonly string[]): Promise<void> {
  const ids = [...new Set(hubspotIds)];
  if (ids.length === 0) return;
  const present = await presentAmong(run, ids);
  if (present.size > 0)
    run.log?.warn(
      { hubspot_ids: [...present] },
      "HubSpot announced a privacy deletion of contacts that it still has; nothing of them was erased",
    );
  const gone = ids.filter((id) => !present.has(id));
  if (gone.length === 0) return;
  const hash = await madeHash(run.store, run.now());
  await run.store.transaction((store) => erase(store, run, { gone, hash }));
}

async function presentAmong({ crm, call }: EraseRun, ids: readonly string[]): Promise<Set<string>> {
  const live = await crm.read("contacts", { ids, properties: [] }, call);
  const missing = ids.filter((id) => live.missing.includes(id));
  const binned =
    missing.length > 0
      ? await crm.read("contacts", { ids: missing, properties: [], archived: true }, call)
      : { missing: [] };
  const gone = new Set(binned.missing);
  return new Set(ids.filter((id) => !gone.has(id)));
}

/** A person as far as this database knows them. */
interface KnownPerson {
  readonly hubspotId: string;
  readonly localId: number | null;
  readonly emails: readonly string[];
  /** Hashes that earlier tombstones of the record have. */
  readonly hashes: readonly string[];
}

async function erase(
  store: Store,
  run: EraseRun,
  { gone, hash }: { readonly gone: readonly string[]; readonly hash: HashKeys },
): Promise<void> {
  const now = iso(run.now());
  const people = await knownPeople(store, gone);
  const emails = people.flatMap((person) => person.emails);
  const hashes = await hash("contacts", emails);
  await store.privacy.erase(
    { contactIds: people.flatMap(({ localId }) => localId ?? []), emails, hubspotIds: gone },
    now,
  );
  await store.tombstones.put(people.flatMap((person) => stonesOf(person, { hashes, now })));
  await store.syncLog.add(
    people.flatMap(({ hubspotId, localId }) =>
      localId === null
        ? []
        : [
            {
              ...logRow(run.runId ?? "erase", { object: "contacts", id: localId, hubspotId }, now),
              action: "none" as const,
              outcome: "done" as const,
              fields: [{ field: RECORD_FIELD, before: null, after: null, rule: ERASED }],
            },
          ],
    ),
  );
}

const ERASED = "deleted for privacy in HubSpot: erased here";

async function knownPeople(
  store: Store,
  hubspotIds: readonly string[],
): Promise<readonly KnownPerson[]> {
  const links = await store.links.byHubspotIds("contacts", hubspotIds);
  const known = await store.tombstones.byHubspotIds("contacts", hubspotIds);
  const localIds = new Map([
    ...known.map(({ hubspot_id, local_id }) => [hubspot_id, local_id] as const),
    ...links.map(({ hubspot_id, local_id }) => [hubspot_id, local_id] as const),
  ]);
  const ids = [...localIds.values()].filter((id) => id !== null);
  const contacts = new Map((await store.contacts.findByIds(ids)).map((each) => [each.id, each]));
  const bases = new Map(
    (await store.fieldStates.get("contacts", ids)).map(({ local_id, base }) => [local_id, base]),
  );
  return hubspotIds.map((hubspotId) => {
    const localId = localIds.get(hubspotId) ?? null;
    const addresses = [
      contacts.get(localId ?? 0)?.email,
      // The address before an edit here that HubSpot never got.
      bases.get(localId ?? 0)?.["email"],
    ];
    const hashes = known.filter((stone) => stone.hubspot_id === hubspotId);
    return {
      hubspotId,
      localId,
      emails: [...new Set(addresses.flatMap((email) => email?.toLowerCase() ?? []))],
      hashes: hashes.flatMap(({ key_hash }) => key_hash ?? []),
    };
  });
}

/** One per address: the first under the record's own id, further ones under "id/2", "id/3". */
function stonesOf(
  { hubspotId, emails, hashes: earlier }: KnownPerson,
  { hashes, now }: { readonly hashes: ReadonlyMap<string, string>; readonly now: string },
): readonly Tombstone[] {
  const present = emails.flatMap((email) => hashes.get(email) ?? []);
  const all = [...new Set([...present, ...earlier])];
  const keys = all.length > 0 ? all : [null];
  return keys.map((key_hash, index) => ({
    object: "contacts",
    hubspot_id: index === 0 ? hubspotId : `${hubspotId}/${index + 1}`,
    local_id: null,
    key_hash,
    reason: "erased",
    policy: "erased",
    created_at: now,
  }));
}
