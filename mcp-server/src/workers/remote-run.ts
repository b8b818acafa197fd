/** What looking at records of HubSpot stands on, apart from any local record. */
import type { Crm, CrmCall } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import type { Log } from "../ports/world.ts";

/** A look at work. */
export interface RemoteRun {
  readonly store: Store;
  readonly crm: Crm;
  readonly runId: string;
  readonly call: CrmCall;
  readonly log: Log;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Does whatever these HubSpot records give reason to. What it did must be durable when it resolves; doing it twice is harmless. */
export type RemoteLook = (run: RemoteRun, hubspotIds: readonly string[]) => Promise<void>;
