/** Keeps a failure as a whole for whoever asks how things stand, until the work succeeds again. */
import { toAppError, treatments } from "../core/errors.ts";
import type { Store } from "../ports/store.ts";
import type { Clock, Log } from "../ports/world.ts";
import { iso } from "./iso-time.ts";

interface World {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** Notes and logs it; a person must hear of what no retry will cure. `name`: the cursor's. */
export async function tellTrouble(
  { store, clock, log }: World,
  { name, what }: { readonly name: string; readonly what: string },
  thrown: unknown,
): Promise<void> {
  const { kind, code, message, cause } = toAppError(thrown);
  const at = iso(clock.now());
  const line = `${what}: ${message}`;
  if (treatments[kind].alert) log.error({ code, err: cause }, line);
  else log.warn({ code, err: cause }, line);
  await store.cursors.set(name, JSON.stringify({ at, code, message }), at);
}

/** The work succeeded again. */
export async function forgetTrouble(
  { store, clock }: Omit<World, "log">,
  name: string,
): Promise<void> {
  if (await store.cursors.get(name)) await store.cursors.set(name, "", iso(clock.now()));
}
