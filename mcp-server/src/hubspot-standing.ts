/** Reads how the configured HubSpot account stands, from what all processes on the database know of it. */
import { accountKey } from "./account-key.ts";
import type { Config } from "./config.ts";
import { type HubspotStanding, readStanding } from "./core/hubspot-standing.ts";
import { limitsName } from "./core/shared-limits.ts";
import { circuitName } from "./hubspot/circuit-gate.ts";
import type { Store } from "./ports/store.ts";

/** Gives a reader; it answers null without an access token. `now` in milliseconds since the epoch. */
export function standingReader(
  config: Config,
  store: Pick<Store, "shared">,
): (now: number) => Promise<HubspotStanding | null> {
  if (config.HUBSPOT_ACCESS_TOKEN === undefined) return async () => null;
  const key = accountKey(config);
  const settings = {
    burstLimit: config.HUBSPOT_BURST_LIMIT,
    dailyReserve: config.HUBSPOT_DAILY_RESERVE,
  };
  return async (now) => {
    const kept = {
      circuit: await store.shared.get(circuitName(key)),
      limits: await store.shared.get(limitsName(key)),
    };
    return readStanding(kept, settings, now, (ms) => new Date(ms).toISOString());
  };
}
