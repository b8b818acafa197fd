/** A sync job at work: what its steps share. */
import type { FieldMaps, MappedObject } from "../core/field-map.ts";
import type { DeletionPolicies } from "../core/life.ts";
import { type SignificantField, waitsAgain, waitsForEnrichment } from "../core/significant.ts";
import type { SyncArgs } from "../core/sync-args.ts";
import type { RunCaps } from "../core/sync-caps.ts";
import { syncLane } from "../core/sync-lane.ts";
import type { Events } from "../events.ts";
import type { Crm } from "../ports/crm.ts";
import type { JobContext } from "../ports/jobs.ts";
import type { Meter } from "../ports/meter.ts";
import type { Store } from "../ports/store.ts";
import type { Clock, Log, NewId } from "../ports/world.ts";
import { contactKind, type Reenriching } from "./contact-kind.ts";
import { customerKind } from "./customer-kind.ts";
import { iso } from "./iso-time.ts";
import type { Poll } from "./poll.ts";
import type { SyncKind, SyncRun } from "./sync-kind.ts";
import type { KindOutlook } from "./sync-outlook.ts";
import type { KindRun, Tally } from "./sync-run.ts";
import type { Selecting } from "./sync-selection.ts";

export interface CrmSyncOptions {
  readonly store: Store;
  /** null: no access token; a sync then says so and changes nothing. */
  readonly crm: Crm | null;
  readonly maps: FieldMaps;
  readonly accountKey: string;
  readonly owner: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly events: Events;
  readonly caps: RunCaps;
  /** Requests per ten seconds; a preview reckons with it. */
  readonly burstLimit: number;
  /** Asks HubSpot what changed before a whole sync; left out = nobody does, and only what was signalled is known. */
  readonly poll?: Poll;
  /** A change of one of these in HubSpot sends a contact through enrichment again; left out = none does. */
  readonly significant?: ReadonlySet<SignificantField>;
  /** AUTO_ENRICH_ON_IMPORT: what waits for enrichment gets it without being asked. */
  readonly enrichesByItself?: boolean;
  /** What to do with records that people deleted in HubSpot; left out = keep and mark them. */
  readonly deletions?: DeletionPolicies;
  /** How often a field may go to and fro within an hour before it waits for a person; left out or 0 = as often as it will. */
  readonly maxFlipsPerHour?: number;
  /** Left out = nobody counts. */
  readonly meter?: Meter;
  /** Records per chunk: bounds memory, and fills HubSpot's batches of 100 well. */
  readonly chunkSize?: number;
}

/** A sync at work. */
export interface Syncing {
  readonly options: CrmSyncOptions;
  readonly args: SyncArgs;
  readonly context: JobContext;
  readonly crm: Crm;
  readonly tally: Tally;
}

const CHUNK = 2_000;

/** The kinds that were asked for and that the map has. */
export function kindsOf(maps: FieldMaps, objects: readonly MappedObject[]): readonly SyncKind[] {
  const kinds = objects.map((object) =>
    object === "contacts" ? contactKind(maps.contacts) : customerKind(maps.customers),
  );
  return kinds.filter((kind) => kind !== null);
}

/** What selecting records of a kind stands on, as things are or as they will be. */
export function selectingOf(
  { options, args }: Syncing,
  kind: SyncKind,
  outlook?: Pick<KindOutlook, "everything">,
): Selecting {
  const { store, clock, chunkSize } = options;
  const base = { store, kind, now: () => clock.now(), limit: chunkSize ?? CHUNK };
  return { ...base, selection: args.selection, everything: outlook?.everything ?? false };
}

/** A run of this job over one kind. */
export function kindRunOf(syncing: Syncing, given: SyncKind): KindRun {
  const { options, context, tally } = syncing;
  const runId = context.job.job_id;
  const staysImported = whoWaits(syncing);
  const { kind, afterChunk } = sendingBack(options, given, { runId, staysImported });
  return {
    run: runOf(syncing, kind),
    tally,
    afterChunk,
    caps: options.caps,
    impatient: true,
    wait: (ms, signal) => options.clock.wait(ms, signal),
    log: options.log,
    limit: options.chunkSize ?? CHUNK,
    save: () =>
      context.save({
        counts: tally.counts,
        errors: tally.errors,
        progress: { done: tally.done, total: null, phase: `syncing ${kind.map.object}` },
      }),
  };
}

/** Nobody asked for what is only queued: there, as in looks, whoever waits for enrichment goes on waiting. */
function whoWaits({ options, args }: Syncing): Reenriching["staysImported"] {
  if (args.selection === null) return waitsForEnrichment;
  return options.enrichesByItself ? waitsAgain : () => false;
}

/** A kind whose contacts are sent back through enrichment, and what tells the enrichment once that is durable. */
export function sendingBack(
  { significant, events }: Pick<CrmSyncOptions, "significant" | "events">,
  kind: SyncKind,
  { runId, staysImported }: { readonly runId: string } & Pick<Reenriching, "staysImported">,
): { readonly kind: SyncKind; readonly afterChunk: () => void } {
  const { map } = kind;
  if (map.object !== "contacts") return { kind, afterChunk: () => undefined };
  let waiting = 0;
  const sentBack = (count: number): void => {
    waiting += count;
  };
  return {
    kind: contactKind(map, { fields: significant ?? new Set(), staysImported, sentBack }),
    afterChunk: () => {
      if (waiting > 0) events.emit({ kind: "contacts-imported", jobId: runId, count: waiting });
      waiting = 0;
    },
  };
}

/** What every step of a run over one kind stands on. */
export function runOf({ options, args, context, crm }: Syncing, kind: SyncKind): SyncRun {
  return {
    store: options.store,
    crm,
    kind,
    runId: context.job.job_id,
    owner: ownerOf(options, context),
    direction: args.direction,
    ...policiesOf(options),
    call: { signal: context.signal, lane: syncLane(args) },
    now: () => options.clock.now(),
  };
}

/** How a run ends records that HubSpot does not have any more, and fields that go to and fro; and who counts it all. */
export function policiesOf({
  deletions,
  maxFlipsPerHour,
  meter,
}: CrmSyncOptions): Pick<SyncRun, "deletions" | "maxFlipsPerHour" | "meter"> {
  return {
    ...(meter ? { meter } : {}),
    ...(deletions ? { deletions } : {}),
    ...(maxFlipsPerHour === undefined ? {} : { maxFlipsPerHour }),
  };
}

function ownerOf(options: CrmSyncOptions, context: JobContext): string {
  return `${ownerPrefix(context)}${options.owner}`;
}

/** What all runs of this job have in common in their leases, whichever process they are in. */
function ownerPrefix({ job }: JobContext): string {
  return `${job.job_id}/`;
}

/**
 * A job has one runner at a time, so what an earlier run of it still holds was cut off by a crash. Gives those records free, ends what was
 * announced of them, and returns their ids.
 */
export async function releaseCutOff(
  { store, kind, now }: SyncRun,
  context: JobContext,
): Promise<readonly number[]> {
  const ids = await store.queue.release(kind.map.object, ownerPrefix(context));
  if (ids.length > 0) await store.syncLog.abandon(kind.map.object, ids, iso(now()));
  return ids;
}

/**
 * Gives free what the run held back from itself: records of which something waits for a run of another direction. What it could not put back when it
 * failed, as on a full disk, is given free only together with an end of what was announced of it; otherwise its lease runs out, which leads there as well.
 */
export async function releaseWaiting({ options, args, context }: Syncing): Promise<void> {
  const now = iso(options.clock.now());
  for (const object of args.objects)
    await options.store.transaction(async ({ queue, syncLog }) => {
      const ids = await queue.release(object, ownerOf(options, context));
      if (ids.length > 0) await syncLog.abandon(object, ids, now);
    });
}
