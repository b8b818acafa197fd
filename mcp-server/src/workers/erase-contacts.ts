/** Erases people here whose data HubSpot deleted for privacy, and keeps a tombstone so that nobody brings them back. */
import { otherKeys } from "../core/other-keys.ts";
import { RECORD_FIELD, stoneId } from "../core/tombstone.ts";
import { mergedAway } from "../core/webhook-event.ts";
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
 * Erases the people of these HubSpot records, whichever of them are known here. A notification is only a signal: those that HubSpot still has
 * are left as they are, with a warning. Doing it again, or before or after a plain deletion, ends the same.
 *
 * @throws AppError when HubSpot could not be asked; nothing was erased then
 */
export async function eraseContacts(run: EraseRun, hubspotIds: readonly string[]): Promise<void> {
  if (hubspotIds.length === 0) return;
  const ids = await withMergedAway(run.store, [...new Set(hubspotIds)]);
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

/**
 * A record that others were merged into is erased under its own id only. Where the merge was not seen to before, a local record is still linked to what was
 * merged away, and HubSpot cannot be asked any more what became of that.
 */
async function withMergedAway(store: Store, ids: readonly string[]): Promise<readonly string[]> {
  let found = ids;
  for (let known = 0; known < found.length; ) {
    known = found.length;
    const more = mergedAway(await store.inbox.mergesNaming(found), ids);
    found = [...new Set([...ids, ...more])];
  }
  const away = found.filter((id) => !ids.includes(id));
  if (away.length === 0) return ids;
  const links = await store.links.byHubspotIds("contacts", away);
  const stones = await store.tombstones.byHubspotIds("contacts", away);
  return [...new Set([...ids, ...[...links, ...stones].map(({ hubspot_id }) => hubspot_id)])];
}

/** Whatever stands in the recycle bin does not count: HubSpot may take up to 30 days to purge it (HubSpot's privacy deletion guide, read 2026-11). */
async function presentAmong({ crm, call }: EraseRun, ids: readonly string[]): Promise<Set<string>> {
  const { missing } = await crm.read("contacts", { ids, properties: [] }, call);
  return new Set(ids.filter((id) => !missing.includes(id)));
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
  const others = await namedOnlyBy(store, {
    hubspotIds,
    emails: [...bases.values()].flatMap(otherKeys),
  });
  return hubspotIds.map((hubspotId) => {
    const localId = localIds.get(hubspotId) ?? null;
    const base = bases.get(localId ?? 0) ?? {};
    const addresses = [
      contacts.get(localId ?? 0)?.email,
      // The address before an edit here that HubSpot never got.
      base["email"],
      ...otherKeys(base).filter((email) => others.has(email)),
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

/** Of further addresses those that no other HubSpot record's contact has taken over since. */
async function namedOnlyBy(
  store: Store,
  {
    emails,
    hubspotIds,
  }: { readonly emails: readonly string[]; readonly hubspotIds: readonly string[] },
): Promise<ReadonlySet<string>> {
  if (emails.length === 0) return new Set();
  const holders = await store.contacts.findByEmails([...new Set(emails)]);
  const links = await store.links.byLocalIds(
    "contacts",
    holders.map(({ id }) => id),
  );
  const elsewhere = new Set(
    links.flatMap(({ local_id, hubspot_id }) =>
      hubspotIds.includes(hubspot_id) ? [] : [local_id],
    ),
  );
  const taken = new Set(
    holders.flatMap(({ id, email }) => (elsewhere.has(id) ? [email.toLowerCase()] : [])),
  );
  return new Set(emails.filter((email) => !taken.has(email)));
}

/** One per address. */
function stonesOf(
  { hubspotId, emails, hashes: earlier }: KnownPerson,
  { hashes, now }: { readonly hashes: ReadonlyMap<string, string>; readonly now: string },
): readonly Tombstone[] {
  const present = emails.flatMap((email) => hashes.get(email) ?? []);
  const all = [...new Set([...present, ...earlier])];
  const keys = all.length > 0 ? all : [null];
  return keys.map((key_hash, index) => ({
    object: "contacts",
    hubspot_id: stoneId(hubspotId, index),
    local_id: null,
    key_hash,
    reason: "erased",
    policy: "erased",
    created_at: now,
  }));
}
