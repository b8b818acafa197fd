/** Empties the inbox: what HubSpot notified becomes marks on local records and HubSpot records to look at, durably. */
import { coalesce, type KnownRecords, type Reach, reachOf, recordKey } from "../core/inbound.ts";
import type { Signal } from "../core/signal.ts";
import { notifiedSince } from "../core/since.ts";
import { signalsOf } from "../core/webhook-event.ts";
import type { WebhookEvent } from "../ports/inbox-store.ts";
import type { Meter } from "../ports/meter.ts";
import type { Store } from "../ports/store.ts";
import type { Clock, Log } from "../ports/world.ts";
import { inboundSince } from "./inbound-since.ts";
import { iso } from "./iso-time.ts";
import { mayBeReentered } from "./reentered.ts";

export interface InboundOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears, once they are durable, which records were signalled: what is remembered of them may be old. */
  readonly heard?: (signals: readonly Signal[]) => void;
  /** Left out = nobody counts. */
  readonly meter?: Meter;
}

// A piece is one transaction: others wait for its end, and a crash repeats it.
const PIECE = 500;
// After so many what was marked has its turn: under a flood the inbox would never be empty.
const PIECES_AT_ONCE = 20;

/** Takes what waits, oldest first, up to a bound; `signal` stops it between pieces. Several processes may do so at once. */
export type DrainInbox = (signal: AbortSignal) => Promise<void>;

/** The inbox's worker. An event leaves the inbox in the transaction that marks what it concerns. */
export function createInboxDrain(given: InboundOptions): DrainInbox {
  const options = { ...given, store: given.store.by("sync") };
  let isListening = false;
  return async (signal) => {
    const { store, clock } = options;
    if (!isListening) await inboundSince(store, iso(clock.now()));
    isListening = true;
    await takePieces(options, signal);
  };
}

async function takePieces(options: InboundOptions, signal: AbortSignal): Promise<void> {
  for (let piece = 0; piece < PIECES_AT_ONCE; piece++) {
    if (!(await options.store.inbox.any()) || (await takePiece(options)) === 0) return;
    signal.throwIfAborted();
  }
}

/** How many events it took. */
async function takePiece({ store, clock, log, heard, meter }: InboundOptions): Promise<number> {
  const { events, signals } = await store.transaction((within) => drain(within, iso(clock.now())));
  if (events.length > 0)
    log.debug({ events: events.length, records: signals.length }, "notifications taken");
  if (signals.length > 0) heard?.(signals);
  for (const { outcome, since } of events) {
    meter?.count("webhookEvents", { outcome });
    meter?.observe("webhookLag", {}, (clock.now() - since) / 1_000);
  }
  return events.length;
}

/** An event that left the inbox; `since`: when what it tells of happened, in milliseconds since the epoch. */
interface TakenEvent {
  readonly id: number;
  readonly outcome: "signalled" | "ignored";
  readonly since: number;
}

async function drain(
  store: Store,
  now: string,
): Promise<{ readonly events: readonly TakenEvent[]; readonly signals: readonly Signal[] }> {
  const read = (await store.inbox.take(PIECE)).map((event) => ({
    id: event.id,
    signals: signalsOf(event),
    since: sinceOf(event),
  }));
  const signals = coalesce(read.flatMap((event) => event.signals));
  const known = await knownRecords(store, signals);
  const reaches = new Map(signals.map((one) => [recordKey(one), reachOf(one, known)]));
  await markReached(store, { reaches, since: earliest(read) }, now);
  const isNews = (one: Signal): boolean => isAnything(reaches.get(recordKey(one)));
  const events = read.map(
    (event): TakenEvent => ({
      ...event,
      outcome: event.signals.some(isNews) ? "signalled" : "ignored",
    }),
  );
  await store.inbox.settle(
    events.map(({ id, outcome }) => ({ id, outcome })),
    now,
  );
  return { events, signals };
}

function sinceOf({ occurred_at, received_at }: WebhookEvent): number {
  return notifiedSince(Date.parse(occurred_at), Date.parse(received_at));
}

/** Of each record the time of the first event that tells of it, by key. */
function earliest(
  read: readonly { readonly signals: readonly Signal[]; readonly since: number }[],
): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { signals, since } of read)
    for (const key of signals.map(recordKey))
      times.set(key, Math.min(since, times.get(key) ?? since));
  return times;
}

function isAnything(reach: Reach | undefined): boolean {
  return reach !== undefined && reach.dirty.length + reach.remote.length > 0;
}

async function knownRecords(store: Store, signals: readonly Signal[]): Promise<KnownRecords> {
  const idsOf = (object: Signal["object"]) =>
    signals.filter((one) => one.object === object).map((one) => one.hubspotId);
  const companyIds = idsOf("companies");
  const companies = await linksTo(store, "companies", companyIds);
  return {
    contacts: await linksTo(store, "contacts", idsOf("contacts")),
    customers: new Map([
      ...(await endedCustomers(store, companyIds)),
      ...(await linksTo(store, "customers", companyIds)),
    ]),
    // Any company may hold the number of a customer that HubSpot deleted: only reading tells.
    companies: new Set(
      companyIds.length > 0 && (await mayBeReentered(store))
        ? companyIds
        : [...companies.keys(), ...(await deletedCompanies(store, companyIds))],
    ),
  };
}

async function linksTo(
  store: Store,
  object: "contacts" | "customers" | "companies",
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const links = ids.length > 0 ? await store.links.byHubspotIds(object, ids) : [];
  return new Map(links.map((link) => [link.hubspot_id, link.local_id]));
}

/** The companies of contacts that HubSpot deleted may be restored: the local ones remember them. */
async function deletedCompanies(store: Store, ids: readonly string[]): Promise<readonly string[]> {
  const rows = ids.length > 0 ? await store.companies.findByDeletedIds(ids) : [];
  return rows.flatMap(({ hubspot_deleted_id }) => hubspot_deleted_id ?? []);
}

/** A company that HubSpot deleted may be restored: its customer has no link any more, but is still ours. */
async function endedCustomers(
  store: Store,
  ids: readonly string[],
): Promise<readonly (readonly [string, number])[]> {
  if (ids.length === 0 || !(await store.tombstones.any())) return [];
  const stones = await store.tombstones.byHubspotIds("customers", ids);
  return stones.flatMap(({ hubspot_id, local_id }) =>
    local_id === null ? [] : [[hubspot_id, local_id] as const],
  );
}

interface Reached {
  readonly reaches: ReadonlyMap<string, Reach>;
  readonly since: ReadonlyMap<string, number>;
}

async function markReached(store: Store, { reaches, since }: Reached, now: string): Promise<void> {
  const all = [...reaches].map(([key, reach]) => {
    const at = since.get(key);
    return { ...reach, ...(at === undefined ? {} : { since: iso(at) }) };
  });
  await markInbound(
    store,
    all.flatMap(({ dirty, since: at }) => dirty.map((record) => withSince(record, at))),
    now,
  );
  const remote = all.flatMap((reach) =>
    reach.remote.map((item) => withSince({ ...item, due_at: now }, reach.since)),
  );
  if (remote.length > 0) await store.remoteQueue.add(remote);
}

function withSince<T extends object>(item: T, since: string | undefined): T & { since?: string } {
  return since === undefined ? item : { ...item, since };
}

const spokenOf = { reason: "hubspot", urgent: true };

/** Marks local records that HubSpot spoke of: due now, and before all that is not unless said otherwise. */
export async function markInbound(
  store: Store,
  records: readonly (Reach["dirty"][number] & { readonly since?: string })[],
  now: string,
  { reason, urgent }: { readonly reason: string; readonly urgent: boolean } = spokenOf,
): Promise<void> {
  if (records.length === 0) return;
  await store.queue.add(
    records.map((record) => ({
      ...record,
      reason,
      due_at: now,
      urgent,
      inbound: true,
    })),
  );
}
