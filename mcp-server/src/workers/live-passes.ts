/** Which of the due records a look syncs, and how far: both ways where that was set going, else only towards here. */
import type { MappedObject } from "../core/field-map.ts";
import type { RunDirection } from "../core/plan.ts";
import { waitsForEnrichment } from "../core/significant.ts";
import { noChanges } from "../core/sync-caps.ts";
import type { Crm } from "../ports/crm.ts";
import type { Log } from "../ports/world.ts";
import { contactKind } from "./contact-kind.ts";
import { customerKind } from "./customer-kind.ts";
import { iso } from "./iso-time.ts";
import type { ReadBack } from "./read-back.ts";
import type { SyncKind } from "./sync-kind.ts";
import { isSetUp, isToBeMended } from "./sync-map-change.ts";
import { type KindRun, syncNext, type Tally } from "./sync-run.ts";
import { setUpHubspot } from "./sync-setup.ts";
import { wasSyncedWhole } from "./sync-whole.ts";
import { type CrmSyncOptions, policiesOf, sendingBack } from "./syncing.ts";

export interface PassOptions extends CrmSyncOptions {
  readonly crm: Crm;
  /** Whether changes made here are sent without being asked for; left out = they are. */
  readonly sendsByItself?: boolean;
  /** What this process remembers of HubSpot; left out: everything is read. */
  readonly readBack?: ReadBack;
  /** Called between chunks: what HubSpot notified meanwhile is urgent, however much else is due. */
  readonly between: (signal: AbortSignal) => Promise<void>;
  /** Called after something was synced. */
  readonly recovered: () => Promise<void>;
}

// What a killed process held comes free after this; a chunk is small, so that it is done long before.
const LEASE_MS = 60_000;
const CHUNK = 100;
// Among many records that wait for a first sync, those that HubSpot has already are looked for less often.
const SCAN_MS = 2_000;

/**
 * Syncs what is due, both ways for the kinds that a sync has set up before: nothing reaches HubSpot before somebody asked for a first
 * sync, and nothing is created there before somebody asked for a whole one. What HubSpot spoke of is taken over in any case; what would have to be
 * sent then waits. While a sync job is at work only urgent records are taken: that job counts the others as its own.
 */
export function syncPasses(options: PassOptions): (signal: AbortSignal) => Promise<void> {
  const kinds = [contactKind(options.maps.contacts), customerKind(options.maps.customers)].filter(
    (kind) => kind !== null,
  );
  const { sendsByItself = true } = options;
  let scanAt = 0;
  let isMapChecked = !sendsByItself;
  return async (signal) => {
    // The map may have been changed while the program was stopped.
    if (!isMapChecked) for (const { map } of kinds) await isReady(options, map.object, signal);
    isMapChecked = true;
    const isScan = options.clock.now() >= scanAt;
    if (isScan) scanAt = options.clock.now() + SCAN_MS;
    await lookAround(options, { kinds, isScan, signal });
  };
}

interface Looking {
  readonly kinds: readonly SyncKind[];
  readonly isScan: boolean;
  readonly signal: AbortSignal;
}

async function lookAround(options: PassOptions, { kinds, isScan, signal }: Looking): Promise<void> {
  const { store, clock, sendsByItself = true } = options;
  const due = await store.queue.dueObjects(iso(clock.now()), !sendsByItself);
  for (const kind of kinds) {
    const { object } = kind.map;
    if (!due.includes(object)) continue;
    for (const pass of await passesOf(options, object, { isScan, signal }))
      await runPass(options, kind, { pass, signal });
  }
}

/** What one walk over the queue takes, and which way it syncs. */
interface Pass {
  readonly direction: RunDirection;
  readonly inboundOnly: boolean;
  readonly urgentOnly: boolean;
  readonly linkedOnly: boolean;
}

async function passesOf(
  options: PassOptions,
  object: MappedObject,
  { isScan, signal }: Omit<Looking, "kinds">,
): Promise<readonly Pass[]> {
  const { store, sendsByItself = true } = options;
  const isBusy = (await store.jobs.active("sync")) !== null;
  const inbound: Pass = {
    direction: "pull",
    inboundOnly: true,
    urgentOnly: isBusy,
    linkedOnly: false,
  };
  if (!sendsByItself || !(await isReady(options, object, signal))) return [inbound];
  const linkedOnly = !(await wasSyncedWhole(store, object));
  const urgentOnly = isBusy || (linkedOnly && !isScan);
  const both: Pass = { direction: "both", inboundOnly: false, urgentOnly, linkedOnly };
  // A record that HubSpot has and that is not linked yet is passed over by the first and joined by the second.
  return linkedOnly ? [both, inbound] : [both];
}

/**
 * A property that somebody deleted in HubSpot is created anew, and a changed map is set up, as by any sync: the first one was asked for.
 */
async function isReady(
  options: PassOptions,
  object: MappedObject,
  signal: AbortSignal,
): Promise<boolean> {
  if (await isSetUp(options, object)) return true;
  if (!(await isToBeMended(options, object))) return false;
  await setUpHubspot(options, { objects: [object], now: iso(options.clock.now()), signal });
  return true;
}

async function runPass(
  options: PassOptions,
  kind: SyncKind,
  { pass, signal }: { readonly pass: Pass; readonly signal: AbortSignal },
): Promise<void> {
  let kindRun = runOf(options, kind, { pass, signal });
  let hasSynced = false;
  let before = 0;
  while (await syncNext(kindRun, null)) {
    hasSynced = true;
    signal.throwIfAborted();
    // What came due since the claim waits for the next look: gathered there, a flood of notifications costs few requests instead of the whole budget.
    if (kindRun.tally.done - before < CHUNK) break;
    before = kindRun.tally.done;
    kindRun = asBackfill(kindRun);
    await options.between(signal);
  }
  if (!hasSynced) return;
  await options.recovered();
  tell(options.log, kind.map.object, kindRun.tally);
}

/** Somebody waits for a few changes to get across; behind many, other work may go first. */
function asBackfill(kindRun: KindRun): KindRun {
  const { run } = kindRun;
  return { ...kindRun, run: { ...run, call: { ...run.call, lane: "backfill" } } };
}

function tell(log: Log, object: MappedObject, { counts, errors }: Tally): void {
  const codes = errors.map(({ code }) => code);
  if (codes.length > 0) log.warn({ object, counts, codes }, "not all changes were synced");
  else log.debug({ object, counts }, "changes synced");
}

function runOf(
  options: PassOptions,
  given: SyncKind,
  { pass, signal }: { readonly pass: Pass; readonly signal: AbortSignal },
): KindRun {
  const { store, crm, owner, clock, caps } = options;
  const runId = options.newId("live");
  const { direction, inboundOnly, urgentOnly, linkedOnly } = pass;
  const staysImported = waitsForEnrichment;
  const { kind, afterChunk } = sendingBack(options, given, { runId, staysImported });
  return {
    run: {
      store,
      crm,
      kind,
      runId,
      owner: `${runId}/${owner}`,
      direction,
      inboundOnly,
      ...policiesOf(options),
      ...(options.readBack ? { readBack: options.readBack } : {}),
      call: { signal, lane: "interactive" },
      now: () => clock.now(),
    },
    tally: { counts: {}, errors: [], done: 0, changes: noChanges },
    caps,
    log: options.log,
    limit: CHUNK,
    leaseMs: LEASE_MS,
    urgentOnly,
    linkedOnly,
    afterChunk,
    save: async () => undefined,
  };
}
