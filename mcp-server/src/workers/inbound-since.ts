/** Since when this database listens to HubSpot: contacts that were created there before are nobody's news. */
import type { Store } from "../ports/store.ts";

const CURSOR = "inbound-since";

/** The time, ISO-8601 UTC; noted as `now` by whoever asks first. */
export async function inboundSince(store: Store, now: string): Promise<string> {
  const known = await store.cursors.get(CURSOR);
  if (known !== null) return known;
  await store.cursors.set(CURSOR, now, now);
  return now;
}
