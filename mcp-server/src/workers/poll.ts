/**
 * Asks HubSpot for what changed since the last time, where no webhook tells, and marks what differs here. Of several processes on one database one
 * does it at a time; what a page marks and the place after it are kept together, so that nothing is ever passed over.
 */
import type { NewContactPolicy } from "../core/arrival.ts";
import type { FieldMaps, MappedObject } from "../core/field-map.ts";
import {
  beginPass,
  CLOCK_SKEW_MS,
  endPass,
  firstPlace,
  POLL_TROUBLE,
  type PollPlace,
  parsePlace,
  passPage,
  pollCursor,
} from "../core/poll-window.ts";
import type { Signal } from "../core/signal.ts";
import { notAfter } from "../core/since.ts";
import type { Crm, CrmCall, CrmRecord } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import type { Clock, Log, NewId } from "../ports/world.ts";
import { inboundSince } from "./inbound-since.ts";
import { iso } from "./iso-time.ts";
import { binMarks, changedMarks, type Marks } from "./poll-marks.ts";
import { binPage, changedPages, type PollTarget, placeOfPage, pollTargets } from "./poll-pages.ts";
import { forgetTrouble, tellTrouble } from "./trouble.ts";

export interface PollOptions {
  readonly store: Store;
  readonly crm: Crm;
  readonly maps: FieldMaps;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly newContacts: NewContactPolicy;
  /** Hears which HubSpot records changed or ended, before anything is synced because of it. */
  readonly heard?: (signals: readonly Signal[]) => void;
}

/** What a poll came to. `held`: another one is under way. `seen`: changed records; `marked`: local records to sync; `looked`: HubSpot's own to look at. */
export type PollReport =
  | { readonly kind: "held" }
  | {
      readonly kind: "polled";
      readonly seen: number;
      readonly marked: number;
      readonly looked: number;
    };

export interface Poll {
  /** From now on changes are kept in mind: called before anything is linked. Does nothing once that was done. */
  begin(): Promise<void>;
  /** One pass over every kind, or the rest of one that was cut off. Throws what HubSpot's reads throw, after noting it. */
  run(call: CrmCall): Promise<PollReport>;
  /** Local ids of records that differ by what HubSpot changed since the last pass, at most `limit`, without writing anything. */
  preview(object: MappedObject, limit: number, call: CrmCall): Promise<readonly number[]>;
}

const TROUBLE = { name: POLL_TROUBLE, what: "HubSpot's changes could not be asked for" };
const LEASE = "poll";
// Longer than one page may take with all its retries; a killed process holds others up for no longer.
const LEASE_MS = 5 * 60_000;

export function createPoll(options: PollOptions): Poll {
  return {
    begin: () => begin(options),
    run: (call) => run(options, call),
    preview: (object, limit, call) => preview(options, { object, limit }, call),
  };
}

async function begin({ store, clock, maps }: PollOptions): Promise<void> {
  const now = clock.now();
  for (const { crmObject } of pollTargets(maps)) {
    if (parsePlace(await store.cursors.get(pollCursor(crmObject))) === null)
      await save(store, crmObject, { place: firstPlace(now), now });
  }
}

async function run(options: PollOptions, call: CrmCall): Promise<PollReport> {
  const polling = { ...options, owner: options.newId("poll"), call };
  if (!(await hold(polling, options.store))) return { kind: "held" };
  try {
    const report = await pollAll(polling);
    await forgetTrouble(options, TROUBLE.name);
    return report;
  } catch (thrown) {
    if (call.signal?.aborted !== true) await tellTrouble(options, TROUBLE, thrown);
    throw thrown;
  } finally {
    await options.store.leases.release(LEASE, polling.owner);
  }
}

interface Polling extends PollOptions {
  readonly owner: string;
  readonly call: CrmCall;
}

function hold({ clock, owner }: Polling, store: Store): Promise<boolean> {
  const now = clock.now();
  return store.leases.take(LEASE, owner, { now: iso(now), until: iso(now + LEASE_MS) });
}

async function pollAll(polling: Polling): Promise<PollReport> {
  const mayArrive = await arrivals(polling);
  const sum = { kind: "polled", seen: 0, marked: 0, looked: 0 } as const;
  let report: Extract<PollReport, { kind: "polled" }> = sum;
  for (const target of pollTargets(polling.maps)) {
    for await (const { seen, marks } of pollTarget(polling, target, mayArrive)) {
      report = {
        kind: "polled",
        seen: report.seen + seen,
        marked: report.marked + marks.dirty.length,
        looked: report.looked + marks.looks.length,
      };
    }
  }
  return report;
}

/** Which unknown contacts are worth a look; the one who looks decides. */
async function arrivals({
  store,
  clock,
  newContacts,
}: PollOptions): Promise<(record: CrmRecord) => boolean> {
  if (newContacts !== "new") return () => newContacts === "changed";
  const since = Date.parse(await inboundSince(store, iso(clock.now()))) - CLOCK_SKEW_MS;
  return ({ createdAt }) => Date.parse(createdAt) >= since;
}

interface Handled {
  readonly seen: number;
  readonly marks: Marks;
}

/** Handles a kind page by page, the recycle bin's next page at last; ends early when another process has taken over. */
async function* pollTarget(
  polling: Polling,
  target: PollTarget,
  mayArrive: (record: CrmRecord) => boolean,
): AsyncGenerator<Handled> {
  const { store, clock } = polling;
  let place = beginPass(await placeOf(polling, target), clock.now());
  for await (const page of changedPages(polling, target, place)) {
    const ids = page.records.map(({ id }) => id);
    const marks = await changedMarks(store, target, page, mayArrive);
    place = passPage(place, placeOfPage(target, page.records));
    if (!(await keep(polling, target, { ids, marks, place }))) return;
    yield { seen: ids.length, marks };
  }
  // Kept before the recycle bin is asked for: a pass that did not end would miss what changes behind it for as long as that fails.
  const ended = endPass(place, clock.now(), place.bin);
  const nothing = { ids: [], marks: { dirty: [], looks: [] } };
  if (!(await keep(polling, target, { ...nothing, place: ended }))) return;
  const { ids, after } = await binPage(polling, target, ended.bin);
  const marks = await binMarks(store, target, ids);
  if (await keep(polling, target, { ids, marks, place: { ...ended, bin: after } }))
    yield { seen: 0, marks };
}

async function placeOf(
  { store, clock }: PollOptions,
  { crmObject }: PollTarget,
): Promise<PollPlace> {
  return parsePlace(await store.cursors.get(pollCursor(crmObject))) ?? firstPlace(clock.now());
}

interface HandledPage {
  readonly ids: readonly string[];
  readonly marks: Marks;
  readonly place: PollPlace;
}

/** Marks and place in one transaction, and only while nobody else polls; false when somebody does. */
async function keep(
  polling: Polling,
  { crmObject, linkedAs }: PollTarget,
  { ids, marks, place }: HandledPage,
): Promise<boolean> {
  const { store, clock, call, heard } = polling;
  call.signal?.throwIfAborted();
  heard?.(ids.map((hubspotId) => ({ object: crmObject, hubspotId, kind: "changed" })));
  return store.transaction(async (within) => {
    if (!(await hold(polling, within))) return false;
    const now = clock.now();
    const since = (id: number | string) => iso(notAfter(marks.since?.get(id) ?? now, now));
    const entry = { object: linkedAs, reason: "changed in HubSpot", due_at: iso(now) };
    await within.queue.add(
      marks.dirty.map((local_id) => ({
        ...{ ...entry, local_id, inbound: true },
        since: since(local_id),
      })),
    );
    const look = { object: crmObject, kind: "look", due_at: iso(now) } as const;
    await within.remoteQueue.add(
      marks.looks.map((hubspot_id) => ({ ...look, hubspot_id, since: since(hubspot_id) })),
    );
    await save(within, crmObject, { place, now });
    return true;
  });
}

function save(
  store: Store,
  object: PollTarget["crmObject"],
  { place, now }: { readonly place: PollPlace; readonly now: number },
): Promise<void> {
  return store.cursors.set(pollCursor(object), JSON.stringify(place), iso(now));
}

async function preview(
  options: PollOptions,
  { object, limit }: { readonly object: MappedObject; readonly limit: number },
  call: CrmCall,
): Promise<readonly number[]> {
  const { store, maps, clock } = options;
  const found = new Set<number>();
  for (const target of pollTargets(maps).filter(({ linkedAs }) => linkedAs === object)) {
    const place = parsePlace(await store.cursors.get(pollCursor(target.crmObject)));
    if (place === null) continue;
    const pass = beginPass(place, clock.now());
    for await (const page of changedPages({ ...options, call }, target, pass)) {
      const { dirty } = await changedMarks(store, target, page, () => false);
      for (const id of dirty) found.add(id);
      if (found.size >= limit) break;
    }
  }
  return [...found].slice(0, limit).sort((a, b) => a - b);
}
