/** HubSpot contacts that no link leads to: those of our own are marked for a sync, new ones become local contacts, others are passed over. */
import {
  type Arrival,
  type ArrivalRules,
  type Arriving,
  arrivalOf,
  type NewContactPolicy,
} from "../core/arrival.ts";
import type { FieldMap } from "../core/field-map.ts";
import { createHubspotRows, hubspotColumns } from "../core/hubspot-row.ts";
import type { Events } from "../events.ts";
import type { CrmRecord } from "../ports/crm.ts";
import type { RemoteItem } from "../ports/inbox-store.ts";
import type { Tombstone } from "../ports/life-store.ts";
import type { Meter } from "../ports/meter.ts";
import type { Store } from "../ports/store.ts";
import type { Clock, Log } from "../ports/world.ts";
import { recordsOf, writeRecords } from "./import-writes.ts";
import { markInbound } from "./inbound.ts";
import { inboundSince } from "./inbound-since.ts";
import { iso } from "./iso-time.ts";
import { stonesByKey } from "./life-stones.ts";
import { linkImported } from "./link-imported.ts";
import type { RemoteRun } from "./remote-run.ts";

export interface ContactArrivalOptions {
  readonly store: Store;
  readonly maps: { readonly contacts: FieldMap };
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly newContacts: NewContactPolicy;
  /** Left out = nobody counts. */
  readonly meter?: Meter;
}

/** Claimed entries, and who holds them. */
interface Claimed {
  readonly items: readonly RemoteItem[];
  readonly owner: string;
}

const MERGED_IDS = "hs_merged_object_ids";

/** Reads the contacts in one go; what it decides and that the entries are settled is one transaction. */
export async function lookAtContacts(
  options: ContactArrivalOptions,
  run: RemoteRun,
  claimed: Claimed,
): Promise<void> {
  const columns = hubspotColumns(options.maps.contacts);
  const ids = claimed.items.map(({ hubspot_id }) => hubspot_id);
  const properties = [...columns.map(({ name }) => name), MERGED_IDS];
  const { found, merged } = await run.crm.read("contacts", { ids, properties }, run.call);
  const now = iso(run.now());
  const since = await inboundSince(run.store, now);
  const rules: ArrivalRules = { policy: options.newContacts, since };
  const outcome = await run.store.transaction(async (store) => {
    const met = await meetEach(store, { found, merged }, { rules, items: claimed.items });
    await markOwn(store, met, now);
    const taken = await takeOver(store, options.maps.contacts, { met, now });
    await store.remoteQueue.settle(claimed.items, claimed.owner);
    return { ...taken, met };
  });
  tell(options, run, outcome);
  measure(options, outcome);
}

/** A contact that HubSpot has, its ids by now and before, and what is to become of it. */
interface Met {
  readonly record: CrmRecord;
  readonly ids: readonly string[];
  readonly stones: readonly Tombstone[];
  readonly arrival: Arrival;
  /** When what was told of it came about, ISO-8601 UTC; left out = not known. */
  readonly since?: string;
}

type Read = Awaited<ReturnType<RemoteRun["crm"]["read"]>>;

async function meetEach(
  store: Store,
  { found, merged }: Pick<Read, "found" | "merged">,
  { rules, items }: { readonly rules: ArrivalRules; readonly items: readonly RemoteItem[] },
): Promise<readonly Met[]> {
  const times = new Map(
    items.map(({ hubspot_id, since, due_at }) => [hubspot_id, since ?? due_at]),
  );
  const named = found.map((record) => ({
    record,
    ids: idsOf(record, merged),
    emails: emailsOf(record),
  }));
  const links = await linked(
    store,
    named.flatMap(({ ids }) => ids),
  );
  const holders = await holding(
    store,
    named.flatMap(({ emails }) => emails),
  );
  const stones = await stonesFor(store, named);
  return named.map(({ record, ids, emails }) => {
    const ended = stones(ids, emails);
    const arriving: Arriving = {
      createdAt: record.createdAt,
      linked: ids.flatMap((id) => links.get(id) ?? []),
      holders: emails.flatMap((email) => holders.get(email) ?? []),
      ended: ended.map(({ reason, local_id, hubspot_id }) => ({
        reason,
        local_id,
        isSame: ids.includes(hubspot_id),
      })),
    };
    const since = ids.flatMap((id) => times.get(id) ?? []).sort()[0];
    return {
      ...{ record, ids, stones: ended, arrival: arrivalOf(arriving, rules, Date.parse) },
      ...(since === undefined ? {} : { since }),
    };
  });
}

/** Its own id, those that were asked for and led to it, and those of records that were merged into it. */
function idsOf(record: CrmRecord, merged: Read["merged"]): readonly string[] {
  const before = record.properties[MERGED_IDS]?.split(";").map((id) => id.trim()) ?? [];
  const asked = [...merged].filter(([, to]) => to === record.id).map(([from]) => from);
  return [...new Set([record.id, ...asked, ...before.filter(Boolean)])];
}

function emailsOf({ properties }: CrmRecord): readonly string[] {
  const others = properties["hs_additional_emails"]?.split(";") ?? [];
  return [properties["email"] ?? "", ...others]
    .map((email) => email.trim().toLowerCase())
    .filter(Boolean);
}

async function linked(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const links = await store.links.byHubspotIds("contacts", ids);
  return new Map(links.map((link) => [link.hubspot_id, link.local_id]));
}

// What the store takes in one read.
const READ_SIZE = 1_000;

async function holding(
  store: Store,
  emails: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const holders = new Map<string, number>();
  for (let from = 0; from < emails.length; from += READ_SIZE) {
    const page = await store.contacts.findByEmails(emails.slice(from, from + READ_SIZE));
    for (const { email, id } of page) holders.set(email, id);
  }
  return holders;
}

/** Finds the tombstones of a contact by any of its ids and addresses. */
async function stonesFor(
  store: Store,
  named: readonly { readonly ids: readonly string[]; readonly emails: readonly string[] }[],
): Promise<(ids: readonly string[], emails: readonly string[]) => readonly Tombstone[]> {
  if (!(await store.tombstones.any())) return () => [];
  const ids = named.flatMap((one) => one.ids);
  const byId = Map.groupBy(
    await store.tombstones.byHubspotIds("contacts", ids),
    ({ hubspot_id }) => hubspot_id,
  );
  const byKey = await stonesByKey(
    store,
    "contacts",
    named.flatMap((one) => one.emails),
  );
  return (own, emails) => {
    const all = [
      ...own.flatMap((id) => byId.get(id) ?? []),
      ...emails.flatMap((email) => byKey.get(email) ?? []),
    ];
    return [...new Map(all.map((stone) => [stone.hubspot_id, stone])).values()];
  };
}

/** The sync links what is not linked yet, follows merges and lifts tombstones; here it is only told where to look. */
async function markOwn(store: Store, met: readonly Met[], now: string): Promise<void> {
  const marked = met.flatMap(({ arrival, since }) =>
    arrival.kind === "mark" ? arrival.localIds.map((local_id) => ({ local_id, since })) : [],
  );
  await markInbound(
    store,
    marked.map(({ local_id, since = now }) => ({ object: "contacts", local_id, since })),
    now,
  );
}

interface TakenOver {
  readonly created: number;
  readonly rejected: number;
}

/** As an import from HubSpot would, so that a contact is the same whichever way it came. */
async function takeOver(
  store: Store,
  map: FieldMap,
  { met, now }: { readonly met: readonly Met[]; readonly now: string },
): Promise<TakenOver> {
  const taking = met.filter(({ arrival }) => arrival.kind === "take");
  if (taking.length === 0) return { created: 0, rejected: 0 };
  const toRow = createHubspotRows(hubspotColumns(map));
  const rows = taking.map(({ record }, index) => toRow(record, index + 1));
  const records = recordsOf(rows);
  const importing = store.by("import");
  const writing = { source: "hubspot", at: now, now, expectsNew: true } as const;
  const { counts, remote } = await writeRecords(importing, records, writing);
  if (remote.length > 0) await linkImported(importing, map, { origins: remote, now });
  const stored = new Set(remote.map((row) => row.remote.hubspot_id));
  await lift(
    store,
    taking.filter(({ record }) => stored.has(record.id)),
  );
  return { created: counts.created + counts.updated, rejected: rows.length - records.length };
}

async function lift(store: Store, taken: readonly Met[]): Promise<void> {
  const served = taken.flatMap(({ stones }) => stones.map(({ hubspot_id }) => hubspot_id));
  if (served.length > 0) await store.tombstones.remove("contacts", [...new Set(served)]);
}

/** A contact that arrived is a change of HubSpot's that reached us. */
function measure(
  { meter, clock }: ContactArrivalOptions,
  { met, created }: TakenOver & { readonly met: readonly Met[] },
): void {
  const object = "contacts";
  if (created > 0) meter?.count("outcomes", { object, outcome: "arrived" }, created);
  for (const { arrival, since } of met)
    if (arrival.kind === "take" && since !== undefined)
      meter?.observe(
        "latency",
        { object, direction: "pull" },
        (clock.now() - Date.parse(since)) / 1_000,
      );
}

/** Contacts without an e-mail are only counted: nothing here could be erased by, and HubSpot keeps them. */
function tell(
  { log, events }: ContactArrivalOptions,
  { runId }: RemoteRun,
  { met, created, rejected }: TakenOver & { readonly met: readonly Met[] },
): void {
  const counts = Object.fromEntries(
    [...Map.groupBy(met, ({ arrival }) => wordFor(arrival))].map(([word, all]) => [
      word,
      all.length,
    ]),
  );
  const fields = { run: runId, counts, created, without_email: rejected };
  if (created + rejected > 0) log.info(fields, "contacts arrived from HubSpot");
  else log.debug(fields, "contacts of HubSpot looked at");
  if (created > 0) events.emit({ kind: "contacts-imported", jobId: runId, count: created });
}

function wordFor(arrival: Arrival): string {
  return arrival.kind === "pass" ? arrival.why : arrival.kind;
}
