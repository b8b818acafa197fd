/**
 * Looks at HubSpot records that were signalled and that no local record stands for: new contacts are taken over, companies and erased people are
 * handed on. An entry is claimed, looked at and settled; what fails comes back by itself, and one that always fails harms only itself.
 */
import { type AppError, toAppError, treatments } from "../core/errors.ts";
import { parkedMs } from "../core/sync-record.ts";
import type { RemoteItem } from "../ports/inbox-store.ts";
import { type ContactArrivalOptions, lookAtContacts } from "./arriving-contacts.ts";
import { iso } from "./iso-time.ts";
import type { RemoteLook, RemoteRun } from "./remote-run.ts";

export interface ArrivalOptions extends ContactArrivalOptions {
  readonly crm: RemoteRun["crm"];
  /** Names this process in leases. */
  readonly owner: string;
  readonly newId: (prefix: string) => string;
  /** Looks at companies that contacts belong to. */
  readonly lookAtCompanies: RemoteLook;
  /** Erases people that HubSpot deleted for privacy. */
  readonly eraseContacts: RemoteLook;
}

// HubSpot reads so many records in one request.
const LIMIT = 100;
// What a killed process held comes free after this.
const LEASE_MS = 60_000;

/** Looks at everything that is due. Throws what keeps all looks from succeeding, such as a refused token. */
export async function meetArrivals(options: ArrivalOptions, signal: AbortSignal): Promise<void> {
  const { clock } = options;
  let run = runOf(options, signal);
  for (;;) {
    signal.throwIfAborted();
    const items = await run.store.remoteQueue.claim({
      owner: ownerOf(options, run),
      now: iso(clock.now()),
      lease_until: iso(clock.now() + LEASE_MS),
      limit: LIMIT,
    });
    if (items.length === 0) return;
    const alike = Map.groupBy(items, ({ object, kind }) => `${object} ${kind}`);
    await meetAll(options, run, [...alike.values()]);
    // Somebody waits for a few to appear; behind many, other work may go first.
    run = { ...run, call: { ...run.call, lane: "backfill" } };
  }
}

function runOf({ store, crm, clock, log, newId }: ArrivalOptions, signal: AbortSignal): RemoteRun {
  return {
    store: store.by("sync"),
    crm,
    runId: newId("look"),
    call: { signal, lane: "interactive" },
    log,
    now: () => clock.now(),
  };
}

function ownerOf({ owner }: ArrivalOptions, { runId }: RemoteRun): string {
  return `${runId}/${owner}`;
}

/** What was claimed and not reached, because something failed that befalls all, is given back. */
async function meetAll(
  options: ArrivalOptions,
  run: RemoteRun,
  groups: readonly (readonly RemoteItem[])[],
): Promise<void> {
  for (const [index, items] of groups.entries()) {
    try {
      await meet(options, run, items);
    } catch (thrown) {
      const open = groups.slice(index).flat();
      await giveBack(options, run, { items: open, error: toAppError(thrown) });
      throw thrown;
    }
  }
}

/** One entry among many may be what fails: then each is tried for itself. */
async function meet(
  options: ArrivalOptions,
  run: RemoteRun,
  items: readonly RemoteItem[],
): Promise<void> {
  try {
    await lookAt(options, run, items);
  } catch (thrown) {
    const error = toAppError(thrown);
    if (isForAll(run, error)) throw thrown;
    if (items.length === 1) return giveBack(options, run, { items, error });
    for (const item of items) await meet(options, run, [item]);
  }
}

/** Whether other records would fare no better. */
function isForAll({ call }: RemoteRun, { kind }: AppError): boolean {
  return call.signal?.aborted === true || kind === "auth" || treatments[kind].retry;
}

async function lookAt(
  options: ArrivalOptions,
  run: RemoteRun,
  items: readonly RemoteItem[],
): Promise<void> {
  const [first] = items;
  if (!first) return;
  const ids = items.map(({ hubspot_id }) => hubspot_id);
  const owner = ownerOf(options, run);
  if (first.object === "contacts" && first.kind === "look")
    return lookAtContacts(options, run, { items, owner });
  const look = first.object === "companies" ? options.lookAtCompanies : options.eraseContacts;
  await look(run, ids);
  await run.store.remoteQueue.settle(items, owner);
}

interface Failed {
  readonly items: readonly RemoteItem[];
  readonly error: AppError;
}

async function giveBack(
  options: ArrivalOptions,
  run: RemoteRun,
  { items, error }: Failed,
): Promise<void> {
  const isStopped = run.call.signal?.aborted === true;
  const due_at = iso(run.now() + (isStopped ? 0 : parkedMs(error)));
  await run.store.remoteQueue.retry(
    items.map(({ object, hubspot_id }) => ({
      object,
      hubspot_id,
      due_at,
      error: isStopped ? null : error.message,
    })),
    ownerOf(options, run),
  );
  if (isStopped) return;
  const fields = { code: error.code, records: items.length, err: error.cause };
  const message = "HubSpot records could not be looked at; they are tried again";
  if (treatments[error.kind].alert) run.log.error(fields, message);
  else run.log.warn(fields, message);
}
