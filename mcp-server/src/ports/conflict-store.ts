/** What the program asks of the store about fields that a person decides. */
import type { LoopChange } from "../core/loop-breaker.ts";
import type { SyncObject } from "./sync-store.ts";

export const conflictReasons = ["both_changed", "loop"] as const;
/** Why a person decides: both sides moved and the map leaves it to them (or HubSpot deleted what was edited here), or the field went to and fro. */
export type ConflictReason = (typeof conflictReasons)[number];

/**
 * A field that a person decides, as the sync found it. Values are canonical; null = empty. `reason` left out = both_changed. `history`: of a loop the
 * last values, oldest first; left out or null on an amendment = as it was.
 */
export interface OpenConflict {
  readonly object: SyncObject;
  readonly local_id: number;
  readonly field: string;
  readonly base: string | null;
  readonly local: string | null;
  readonly hubspot: string | null;
  /** When each side set its value, ISO-8601 UTC, and who did, in a word; null when not known. */
  readonly local_at: string | null;
  readonly local_by: string | null;
  readonly hubspot_at: string | null;
  readonly hubspot_by: string | null;
  readonly reason?: ConflictReason;
  readonly history?: readonly LoopChange[] | null;
}

export const conflictStatuses = ["open", "resolved", "closed"] as const;
/** `resolved`: by a person; `closed`: the two sides came to agree by themselves. */
export type ConflictStatus = (typeof conflictStatuses)[number];

export interface Conflict extends OpenConflict {
  readonly conflict_id: number;
  readonly reason: ConflictReason;
  readonly history: readonly LoopChange[] | null;
  /** Grows with every amendment; a resolution names the version it was made for. */
  readonly version: number;
  readonly status: ConflictStatus;
  readonly created_at: string;
  readonly updated_at: string;
  readonly closed_at: string | null;
  /** What a person decided; null while open and when it closed by itself. */
  readonly resolution: "keep_local" | "keep_hubspot" | "set" | null;
  readonly note: string | null;
  readonly resolved_by: string | null;
}

/** Everything given must hold. `status` left out = open. */
export interface ConflictFilter {
  readonly object?: SyncObject;
  readonly field?: string;
  readonly status?: ConflictStatus;
  readonly reason?: ConflictReason;
  readonly local_ids?: readonly number[];
}

export interface ConflictStore {
  /** Opens a conflict, or amends the open one of the same record and field. */
  open(conflicts: readonly OpenConflict[], now: string): Promise<void>;
  /** Closes the open conflicts of fields that agree again. */
  closeAgreed(
    object: SyncObject,
    closed: readonly { readonly local_id: number; readonly field: string }[],
    now: string,
  ): Promise<void>;
  /** Left out = for whatever reason. */
  countOpen(reason?: ConflictReason): Promise<number>;
  /** By id ascending, after `afterId`; `total` counts all matches. */
  list(
    filter: ConflictFilter,
    page: { readonly afterId: number; readonly limit: number },
  ): Promise<{ readonly total: number; readonly conflicts: readonly Conflict[] }>;
  findByIds(ids: readonly number[]): Promise<readonly Conflict[]>;
  /** Compare-and-set: ends the open conflict only while its version is the given one; false when it is not. */
  resolve(
    end: {
      readonly conflict_id: number;
      readonly version: number;
      readonly resolution: "keep_local" | "keep_hubspot" | "set";
      readonly note: string | null;
      readonly resolved_by: string;
    },
    now: string,
  ): Promise<boolean>;
}
