/** Decides, without writing anything, what becomes of records that HubSpot deleted, restored or holds as one. */
import {
  createVerdict,
  editedValues,
  type FieldValues,
  goneVerdict,
  keepAll,
  unsentValues,
} from "../core/life.ts";
import type { PlannedRecord, Sides, SyncEnd } from "../core/sync-record.ts";
import { isErased } from "../core/tombstone.ts";
import type { Tombstone } from "../ports/life-store.ts";
import type { Stones } from "./life-stones.ts";
import { endOf } from "./sync-end.ts";
import { erasedError, twinError } from "./sync-gone-errors.ts";
import type { SyncRun } from "./sync-kind.ts";
import type { SidesRead } from "./sync-sides.ts";

/**
 * What becomes of one record. `kept`, `unlinked`, `deleted`: HubSpot deleted it, and the policy is carried out; `waiting`: likewise, and a person
 * decides because `fields` were edited here; `held`: it would be created in HubSpot, where people deleted it; `twin`: its link goes to another record.
 */
export interface Fate {
  readonly kind: "kept" | "unlinked" | "deleted" | "waiting" | "held" | "twin";
  readonly side: Sides;
  readonly fields: FieldValues;
  /** What the store knows already; null when the deletion is news. */
  readonly stone: Tombstone | null;
  readonly end: SyncEnd;
}

/** What is to be noted of a chunk's records beside their plans. */
export interface Fates {
  readonly fates: readonly Fate[];
  /** Tombstones, by local id, that have served once the record is settled. */
  readonly stones: Stones;
  /** Records to look at because of what became of others. */
  readonly woken: readonly number[];
}

export const noFates: Fates = { fates: [], stones: new Map(), woken: [] };

/** Fates, and the ends of records that must not exist here either. */
export interface Judged {
  readonly fates: readonly Fate[];
  readonly ended: ReadonlyMap<number, SyncEnd>;
}

/** The fates of what was read and is not planned. */
export function judgeRead(run: SyncRun, read: SidesRead): Judged {
  const erased = read.gone.filter(({ id }) => isErased(read.stones.get(id) ?? []));
  const gone = read.gone.filter((side) => !erased.includes(side));
  const goneFates = gone.map((side): Fate => {
    const fields = unsentValues(run.kind.rulesFor(side), side);
    return {
      kind: goneVerdict((run.deletions ?? keepAll)[run.kind.map.object], fields),
      side,
      fields,
      stone: read.stones.get(side.id)?.[0] ?? null,
      end: settledEnd(run, side),
    };
  });
  const twins = [...read.twins].map(([side, holder]): Fate => {
    const end = endOf(run, twinError(run, holder));
    return { kind: "twin", side, fields: {}, stone: null, end };
  });
  const ended = erased.map(({ id }) => [id, endOf(run, erasedError(run))] as const);
  return { fates: [...goneFates, ...twins], ended: new Map(ended) };
}

/** Judges records that a plan would create in HubSpot; of those that may be, nothing is said. */
export function judgeCreates(
  run: SyncRun,
  creates: readonly PlannedRecord[],
  stones: Stones,
): Judged {
  const fates: Fate[] = [];
  const ended = new Map<number, SyncEnd>();
  for (const { sides: side } of creates) {
    const known = stones.get(side.id) ?? [];
    // That of another local record, which had this key once, is not taken from it.
    const stone = known.find((each) => each.reason === "deleted" && isOf(each, side)) ?? null;
    const fields = stone ? editedValues(run.kind.rulesFor(side), side) : {};
    const kind = createVerdict(known, fields);
    if (kind === "erased") ended.set(side.id, endOf(run, erasedError(run)));
    if (kind === "create" || kind === "erased") continue;
    fates.push({ kind, side, fields, stone, end: heldEnd(run, side) });
  }
  return { fates, ended };
}

function isOf({ local_id }: Tombstone, { id }: Sides): boolean {
  return local_id === null || local_id === id;
}

/** Nothing is left to do for it; a run that only pulls ends no state. */
function settledEnd({ kind, direction }: SyncRun, side: Sides): SyncEnd {
  return { kind: kind.isLeft(side, direction) ? "left" : "synced" };
}

/** It keeps its state, unless that asks for a retry, which nothing could come of. */
function heldEnd({ kind, now }: SyncRun, side: Sides): SyncEnd {
  return { kind: kind.leftDueAt(side, now()) === null ? "left" : "synced" };
}
