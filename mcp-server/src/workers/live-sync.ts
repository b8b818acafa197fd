/** Sends changed fields on their way as soon as they are due, without a job for each. */
import { type AppError, toAppError, treatments } from "../core/errors.ts";
import type { MappedObject } from "../core/field-map.ts";
import { noChanges } from "../core/sync-caps.ts";
import type { Crm } from "../ports/crm.ts";
import type { Log } from "../ports/world.ts";
import { contactKind } from "./contact-kind.ts";
import { customerKind } from "./customer-kind.ts";
import { iso } from "./iso-time.ts";
import type { SyncKind } from "./sync-kind.ts";
import { isSetUp, isToBeMended } from "./sync-map-change.ts";
import { type KindRun, syncNext, type Tally } from "./sync-run.ts";
import { setUpHubspot } from "./sync-setup.ts";
import { wasSyncedWhole } from "./sync-whole.ts";
import type { CrmSyncOptions } from "./syncing.ts";

// After a run that failed as a whole, whatever the cause: one request a minute harms nobody, and a person may have mended it.
const REST_MS = 60_000;
// What a killed process held comes free after this; a chunk is small, so that it is done long before.
const LEASE_MS = 60_000;
const CHUNK = 100;
// JSON of the last failure as a whole; "" once changes were sent again.
const TROUBLE = "live-trouble";

/** Looks at the queue; `signal` stops it between and inside requests. */
export type LiveSync = (signal: AbortSignal) => Promise<void>;

// Among many records that wait for a first sync, those that HubSpot has already are looked for less often.
const SCAN_MS = 2_000;

/**
 * One look: syncs what is due now of the kinds that a sync has set up before, so that nothing reaches HubSpot before somebody asked for a first
 * sync; and nothing is created there before somebody asked for a whole one. While a sync job is at work only urgent records are taken: that job counts the others as its own. Never throws; a run that fails as a whole
 * makes the next looks rest.
 */
export function createLiveSync(given: CrmSyncOptions & { readonly crm: Crm }): LiveSync {
  const options = { ...given, store: given.store.by("sync") };
  const kinds = [contactKind(options.maps.contacts), customerKind(options.maps.customers)].filter(
    (kind) => kind !== null,
  );
  let restUntil = 0;
  let scanAt = 0;
  let isMapChecked = false;
  const look = async (signal: AbortSignal): Promise<void> => {
    // The map may have been changed while the program was stopped.
    if (!isMapChecked) for (const { map } of kinds) await isReady(options, map.object);
    isMapChecked = true;
    const isScan = options.clock.now() >= scanAt;
    if (isScan) scanAt = options.clock.now() + SCAN_MS;
    await lookAround(options, { kinds, isScan, signal });
  };
  return async (signal) => {
    if (options.clock.now() < restUntil) return;
    try {
      await look(signal);
    } catch (thrown) {
      if (signal.aborted) return;
      restUntil = options.clock.now() + REST_MS;
      await tellTrouble(options, toAppError(thrown));
    }
  };
}

interface Looking {
  readonly kinds: readonly SyncKind[];
  readonly isScan: boolean;
  readonly signal: AbortSignal;
}

async function lookAround(
  options: CrmSyncOptions & { readonly crm: Crm },
  { kinds, isScan, signal }: Looking,
): Promise<void> {
  const { store, clock } = options;
  const due = await store.queue.dueObjects(iso(clock.now()));
  for (const kind of kinds) {
    const { object } = kind.map;
    if (!due.includes(object) || !(await isReady(options, object))) continue;
    const isBusy = (await store.jobs.active("sync")) !== null;
    const linkedOnly = !(await wasSyncedWhole(store, object));
    const urgentOnly = isBusy || (linkedOnly && !isScan);
    const kindRun = { ...runOf(options, kind, signal), urgentOnly, linkedOnly };
    let hasSent = false;
    while (await syncNext(kindRun, null)) {
      hasSent = true;
      signal.throwIfAborted();
    }
    if (hasSent) await forgetTrouble(options);
    tell(options.log, object, kindRun.tally);
  }
}

/**
 * A property that somebody deleted in HubSpot is created anew, and a changed map is set up, as by any sync: the first one was asked for.
 */
async function isReady(
  options: CrmSyncOptions & { readonly crm: Crm },
  object: MappedObject,
): Promise<boolean> {
  if (await isSetUp(options, object)) return true;
  if (!(await isToBeMended(options, object))) return false;
  await setUpHubspot(options, { objects: [object], now: iso(options.clock.now()) });
  return true;
}

/** Kept for whoever asks how things stand; a person must hear of what no retry will cure. */
async function tellTrouble(options: CrmSyncOptions, error: AppError): Promise<void> {
  const { store, clock, log } = options;
  const { code, message } = error;
  const at = iso(clock.now());
  const fields = { code, err: error.cause };
  if (treatments[error.kind].alert) log.error(fields, `changes are not sent: ${message}`);
  else log.warn(fields, `changes are not sent: ${message}`);
  await store.cursors.set(TROUBLE, JSON.stringify({ at, code, message }), at);
}

async function forgetTrouble({ store, clock }: CrmSyncOptions): Promise<void> {
  const known = await store.cursors.get(TROUBLE);
  if (known) await store.cursors.set(TROUBLE, "", iso(clock.now()));
}

function tell(log: Log, object: MappedObject, { counts, errors }: Tally): void {
  const codes = errors.map(({ code }) => code);
  if (codes.length > 0) log.warn({ object, counts, codes }, "not all changes were sent");
  else log.debug({ object, counts }, "changes sent");
}

function runOf(
  options: CrmSyncOptions & { readonly crm: Crm },
  kind: SyncKind,
  signal: AbortSignal,
): KindRun {
  const { store, crm, owner, clock, caps } = options;
  const runId = options.newId("live");
  return {
    run: {
      store,
      crm,
      kind,
      runId,
      owner: `${runId}/${owner}`,
      direction: "both",
      call: { signal, lane: "interactive" },
      now: () => clock.now(),
    },
    tally: { counts: {}, errors: [], done: 0, changes: noChanges },
    caps,
    limit: CHUNK,
    leaseMs: LEASE_MS,
    save: async () => undefined,
  };
}
