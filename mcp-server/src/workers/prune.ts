/** Forgets what is old, a small piece at a time, so that a database grows with its records and not with the years. */
import { z } from "zod";
import { type KeptKind, keptKinds } from "../ports/retention-store.ts";
import type { Store } from "../ports/store.ts";
import type { Clock, Log } from "../ports/world.ts";
import { iso } from "./iso-time.ts";

/** For how long things are kept, in milliseconds. */
export interface KeepFor {
  readonly events: number;
  readonly jobs: number;
  readonly log: number;
}

export interface PruningOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Names this process in the lease. */
  readonly owner: string;
  readonly keep: KeepFor;
  /** Rows in a piece; left out = as many as take some milliseconds. */
  readonly pieceSize?: number;
}

/** What a run forgot of each kind; kinds of which there was nothing old are left out. */
export type Forgotten = Readonly<Partial<Record<KeptKind, number>>>;

// On SQLite everybody else waits for the end of a piece: of the log it takes some 10 ms, on a machine that is busy with other things 30.
const PIECE = 200;
// Others have more of the database than this does.
const PAUSE_MS = 25;
// Of several processes one does it; one that is killed holds the others up for so long.
const LEASE = "retention";
const LEASE_MS = 60_000;
const CURSOR = "retention";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
// A preview is told to be too old for a while before it is unknown.
const PLANS_MS = HOUR_MS;

/**
 * One run: forgets everything that is old, or comes to its end early when `signal` aborts, when another process is at it, or when the
 * database refuses; what it did is durable piece by piece, and the next run goes on. null = another process is at it.
 */
export async function pruneOld(
  options: PruningOptions,
  signal: AbortSignal,
): Promise<Forgotten | null> {
  const { store, clock, log, owner } = options;
  const forgotten = new Map<KeptKind, number>();
  const startedAt = clock.now();
  for (const kind of keptKinds) {
    const count = await pruneKind(options, kind, { signal, startedAt });
    if (count === null) return null;
    if (count > 0) forgotten.set(kind, count);
  }
  await store.transaction(async (within) => {
    const kept = await readPlace(within);
    await keepPlace(within, { ...kept, prunedAt: startedAt }, clock.now());
    await within.leases.release(LEASE, owner);
  });
  const told = Object.fromEntries(forgotten);
  if (forgotten.size > 0) log.info({ forgotten: told }, "old rows forgotten");
  return told;
}

/** When a run came to its end last, by whatever process, in milliseconds since the epoch; 0 = never. */
export async function lastPrunedAt(store: Store, now: number): Promise<number> {
  const { prunedAt } = await readPlace(store);
  // The clock was set back.
  return prunedAt > now ? 0 : prunedAt;
}

interface Run {
  readonly signal: AbortSignal;
  readonly startedAt: number;
}

/** How many were forgotten; null when another process has the lease. */
async function pruneKind(
  options: PruningOptions,
  kind: KeptKind,
  { signal, startedAt }: Run,
): Promise<number | null> {
  const before = iso(startedAt - ageOf(kind, options.keep));
  let afterId = 0;
  let forgotten = 0;
  for (;;) {
    signal.throwIfAborted();
    const piece = await pruneNext(options, kind, { before, afterId });
    if (piece === null) return null;
    forgotten += piece.forgotten;
    afterId = piece.at;
    if (!piece.more) return forgotten;
    await options.clock.wait(PAUSE_MS, signal);
  }
}

/** One piece under the lease; the log's walk goes on where any process left it. */
async function pruneNext(
  { store, clock, owner, pieceSize = PIECE }: PruningOptions,
  kind: KeptKind,
  { before, afterId }: { readonly before: string; readonly afterId: number },
) {
  return store.transaction(async (within) => {
    const now = clock.now();
    const lease = { now: iso(now), until: iso(now + LEASE_MS) };
    if (!(await within.leases.take(LEASE, owner, lease))) return null;
    const place = await readPlace(within);
    const from = kind === "log" ? place.logId : afterId;
    const piece = await within.retention[kind]({ before, afterId: from, limit: pieceSize });
    if (kind === "log" && piece.at !== from)
      await keepPlace(within, { ...place, logId: piece.at }, now);
    return piece;
  });
}

function ageOf(kind: KeptKind, keep: KeepFor): number {
  switch (kind) {
    case "events":
      return keep.events;
    case "log":
    case "conflicts":
    case "reports":
      return keep.log;
    case "jobs":
      return keep.jobs;
    case "plans":
      return PLANS_MS;
    case "leases":
      return DAY_MS;
    case "cache":
      return 0;
  }
}

/** `logId`: the row of the sync log that was looked at last. */
const placeSchema = z.object({ prunedAt: z.number(), logId: z.number() });
type Place = z.infer<typeof placeSchema>;

async function readPlace(store: Store): Promise<Place> {
  const text = await store.cursors.get(CURSOR);
  return text === null ? { prunedAt: 0, logId: 0 } : placeSchema.parse(JSON.parse(text));
}

async function keepPlace(store: Store, place: Place, now: number): Promise<void> {
  await store.cursors.set(CURSOR, JSON.stringify(place), iso(now));
}
