/** What happens without a job for each: HubSpot's notifications are taken in, and changed fields go on their way as soon as they are due. */
import type { NewContactPolicy } from "../core/arrival.ts";
import { toAppError } from "../core/errors.ts";
import { LIVE_TROUBLE } from "../core/health.ts";
import type { Signal } from "../core/signal.ts";
import type { Crm } from "../ports/crm.ts";
import { momentOf } from "../ports/world.ts";
import { meetArrivals } from "./arrivals.ts";
import { companyArrivals } from "./company-arrivals.ts";
import { eraseContacts } from "./erase-contacts.ts";
import { createInboxDrain } from "./inbound.ts";
import { iso } from "./iso-time.ts";
import { syncPasses } from "./live-passes.ts";
import type { ReadBack } from "./read-back.ts";
import type { CrmSyncOptions } from "./syncing.ts";
import { forgetTrouble, tellTrouble } from "./trouble.ts";

export interface LiveSyncOptions extends CrmSyncOptions {
  readonly crm: Crm;
  /** AUTO_SYNC_AFTER_ENRICH: whether changes made here are sent without being asked for. Left out = they are. */
  readonly sendsByItself?: boolean;
  /** Which unknown contacts of HubSpot become local ones. Left out = those that are new. */
  readonly newContacts?: NewContactPolicy;
  /** What this process remembers of HubSpot; left out: everything is read. */
  readonly readBack?: ReadBack;
  /** Hears which HubSpot records were signalled. */
  readonly heard?: (signals: readonly Signal[]) => void;
}

// After a run that failed as a whole, unless it is known when trying again makes sense: one request a minute harms nobody, and a person may have mended it.
const REST_MS = 60_000;
const TROUBLE = { name: LIVE_TROUBLE, what: "changes are not synced" };

/** One look; `signal` stops it between and inside requests. */
export type LiveSync = (signal: AbortSignal) => Promise<void>;

/**
 * One look: empties the inbox, looks at HubSpot records that nobody here knows, and syncs what is due. Throws only when the inbox
 * cannot be emptied; a failure of the rest makes the next looks rest, while the inbox goes on being emptied.
 */
export function createLiveSync(given: LiveSyncOptions): LiveSync {
  const options = {
    newContacts: "new" as const,
    ...given,
    lookAtCompanies: companyArrivals(given.maps.customers),
    eraseContacts,
    store: given.store.by("sync"),
  };
  const drainInbox = createInboxDrain(options);
  const recovered = () => forgetTrouble(options, TROUBLE.name);
  const sync = syncPasses({ ...options, recovered, between: drainInbox });
  // By the clock that nobody sets: a rest must not become longer because the time of day was set back.
  let restUntil = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    await drainInbox(signal);
    if (momentOf(options.clock).now < restUntil) return;
    try {
      await options.crm.reachable({ signal });
      await meetArrivals(options, signal);
      await sync(signal);
      if (await isNobodyWaiting(options)) await recovered();
    } catch (thrown) {
      if (signal.aborted) return;
      restUntil = momentOf(options.clock).now + (toAppError(thrown).retryAfterMs ?? REST_MS);
      await tellTrouble(options, TROUBLE, thrown);
    }
  };
}

/** Whoever is parked waits because of the trouble: until they are synced it is what people must know. */
async function isNobodyWaiting({ store, clock }: LiveSyncOptions): Promise<boolean> {
  const { due, waiting } = await store.queue.depth(iso(clock.now()));
  return due + waiting === 0;
}
