/** Empties the inbox: what HubSpot notified becomes marks on local records and HubSpot records to look at, durably. */
import { coalesce, type KnownRecords, type Reach, reachOf, recordKey } from "../core/inbound.ts";
import type { Signal } from "../core/signal.ts";
import { signalsOf } from "../core/webhook-event.ts";
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
}

// A piece is one transaction: others wait for its end, and a crash repeats it.
const PIECE = 500;
// After so many what was marked has its turn: under a flood the inbox would never be empty.
const PIECES_AT_ONCE = 20;
// What was processed serves only those who ask what happened lately.
const KEPT_MS = 3 * 24 * 60 * 60_000;
const PRUNE_PIECE = 1_000;
const PRUNE_EVERY_MS = 10 * 60_000;
// While there is more to forget than a piece: often enough to keep up with any flood that the inbox takes.
const PRUNE_AGAIN_MS = 250;

/** Takes what waits, oldest first, up to a bound; `signal` stops it between pieces. Several processes may do so at once. */
export type DrainInbox = (signal: AbortSignal) => Promise<void>;

/** The inbox's worker. An event leaves the inbox in the transaction that marks what it concerns. */
export function createInboxDrain(given: InboundOptions): DrainInbox {
  const options = { ...given, store: given.store.by("sync") };
  let isListening = false;
  let pruneAt = 0;
  return async (signal) => {
    const { store, clock } = options;
    if (!isListening) await inboundSince(store, iso(clock.now()));
    isListening = true;
    await takePieces(options, signal);
    if (clock.now() < pruneAt) return;
    const pruned = await store.inbox.prune(iso(clock.now() - KEPT_MS), PRUNE_PIECE);
    pruneAt = clock.now() + (pruned < PRUNE_PIECE ? PRUNE_EVERY_MS : PRUNE_AGAIN_MS);
  };
}

async function takePieces(options: InboundOptions, signal: AbortSignal): Promise<void> {
  for (let piece = 0; piece < PIECES_AT_ONCE; piece++) {
    if (!(await options.store.inbox.any()) || (await takePiece(options)) === 0) return;
    signal.throwIfAborted();
  }
}

/** How many events it took. */
async function takePiece({ store, clock, log, heard }: InboundOptions): Promise<number> {
  const { events, signals } = await store.transaction((within) => drain(within, iso(clock.now())));
  if (events > 0) log.debug({ events, records: signals.length }, "notifications taken");
  if (signals.length > 0) heard?.(signals);
  return events;
}

async function drain(
  store: Store,
  now: string,
): Promise<{ readonly events: number; readonly signals: readonly Signal[] }> {
  const events = await store.inbox.take(PIECE);
  const read = events.map((event) => ({ id: event.id, signals: signalsOf(event) }));
  const signals = coalesce(read.flatMap((event) => event.signals));
  const known = await knownRecords(store, signals);
  const reaches = new Map(signals.map((one) => [recordKey(one), reachOf(one, known)]));
  await markReached(store, [...reaches.values()], now);
  const isNews = (one: Signal): boolean => isAnything(reaches.get(recordKey(one)));
  await store.inbox.settle(
    read.map((event) => ({
      id: event.id,
      outcome: event.signals.some(isNews) ? "signalled" : "ignored",
    })),
    now,
  );
  return { events: events.length, signals };
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

async function markReached(store: Store, reaches: readonly Reach[], now: string): Promise<void> {
  await markInbound(
    store,
    reaches.flatMap(({ dirty }) => dirty),
    now,
  );
  const remote = reaches.flatMap((reach) => reach.remote);
  if (remote.length > 0)
    await store.remoteQueue.add(remote.map((item) => ({ ...item, due_at: now })));
}

const spokenOf = { reason: "hubspot", urgent: true };

/** Marks local records that HubSpot spoke of: due now, and before all that is not unless said otherwise. */
export async function markInbound(
  store: Store,
  records: Reach["dirty"],
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
