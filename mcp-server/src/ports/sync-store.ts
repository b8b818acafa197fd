/** What the program asks of the store to keep two sides equal: links, bases, queue, log, conflicts, cursors. */

/** What kind of record a link, base or queue entry is about. */
export type SyncObject = "contacts" | "companies" | "customers";

export interface Link {
  readonly object: SyncObject;
  readonly local_id: number;
  readonly hubspot_id: string;
}

export interface LinkStore {
  byLocalIds(object: SyncObject, ids: readonly number[]): Promise<readonly Link[]>;
  byHubspotIds(object: SyncObject, ids: readonly string[]): Promise<readonly Link[]>;
  /** Links pairs; either side's earlier link is replaced, so that the relation stays one to one. */
  put(links: readonly Link[], now: string): Promise<void>;
  remove(object: SyncObject, localIds: readonly number[]): Promise<void>;
}

/** What both sides held of one record after the last sync, canonical, by field; and since when. */
export interface FieldState {
  readonly object: SyncObject;
  readonly local_id: number;
  /** A field that is absent has no base: the two sides never agreed on it. */
  readonly base: Readonly<Record<string, string | null>>;
  readonly synced_at: string;
}

export interface FieldStateStore {
  get(object: SyncObject, localIds: readonly number[]): Promise<readonly FieldState[]>;
  put(states: readonly FieldState[]): Promise<void>;
}

export interface QueueItem {
  readonly object: SyncObject;
  readonly local_id: number;
  readonly reason: string;
  readonly attempts: number;
  readonly due_at: string;
}

/** Dirty records: one row per record, however many signals came. */
export interface SyncQueueStore {
  /** Marks records dirty; an entry that exists keeps its attempts and takes the earlier due time. */
  add(items: readonly Omit<QueueItem, "attempts">[]): Promise<void>;
  /**
   * Leases due entries for `owner`, oldest due first, only among `ids` when they are given; entries under another
   * live lease are passed over.
   */
  claim(take: {
    readonly object: SyncObject;
    readonly owner: string;
    readonly now: string;
    readonly lease_until: string;
    readonly limit: number;
    readonly ids?: readonly number[];
  }): Promise<readonly QueueItem[]>;
  /**
   * Frees the entries whose lease owner begins with `ownerPrefix`, however long their leases still last, and returns
   * their ids, ascending. For the heir of an owner that is known to be gone.
   */
  release(object: SyncObject, ownerPrefix: string): Promise<readonly number[]>;
  /** Removes entries that are settled. An entry marked dirty again while leased stays, due now. */
  settle(object: SyncObject, localIds: readonly number[], owner: string): Promise<void>;
  /** Gives entries back for a later try. */
  retry(
    items: readonly {
      readonly object: SyncObject;
      readonly local_id: number;
      readonly due_at: string;
    }[],
    owner: string,
  ): Promise<void>;
  depth(now: string): Promise<{
    readonly due: number;
    readonly waiting: number;
    readonly oldest_due_at: string | null;
  }>;
}

export type SyncAction =
  | "create"
  | "update"
  | "pull"
  | "link"
  | "associate"
  | "note"
  | "none"
  | "blocked"
  | "conflict";
export type SyncOutcome = "intent" | "done" | "rejected" | "failed" | "unknown";

/** One field's part of a sync_log row; `lost` is the value that an automatic decision set aside. */
export interface LoggedField {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly rule: string;
  readonly lost?: string | null;
}

export interface SyncLogEntry {
  readonly id: number;
  readonly run_id: string;
  readonly object: SyncObject;
  readonly local_id: number;
  readonly hubspot_id: string | null;
  readonly action: SyncAction;
  readonly outcome: SyncOutcome;
  readonly fields: readonly LoggedField[];
  /** For notes: the marker that the note's body carries; unique, so that a note is written once. null otherwise. */
  readonly marker: string | null;
  readonly error: string | null;
  readonly created_at: string;
  readonly finished_at: string | null;
}

export interface SyncLogStore {
  /** Writes rows (intents before their requests, or outcomes at once) and returns their ids in order. */
  add(rows: readonly Omit<SyncLogEntry, "id">[]): Promise<readonly number[]>;
  settle(
    rows: readonly {
      readonly id: number;
      readonly outcome: SyncOutcome;
      readonly hubspot_id?: string | null;
      readonly error?: string | null;
    }[],
    now: string,
  ): Promise<void>;
  /**
   * Ends as `unknown` what a run announced and a crash kept from being answered; the records are read again anyway. Notes keep their
   * intent, because it is what makes them be looked for.
   */
  abandon(runId: string, localIds: readonly number[], now: string): Promise<void>;
  /** Rows by marker, any outcome. */
  byMarkers(markers: readonly string[]): Promise<readonly SyncLogEntry[]>;
  /** Newest first. */
  forRecord(object: SyncObject, localId: number, limit: number): Promise<readonly SyncLogEntry[]>;
  /** Failures since a time, grouped by error, most frequent first. */
  failuresSince(
    since: string,
    limit: number,
  ): Promise<readonly { readonly error: string; readonly count: number }[]>;
}

export interface OpenConflict {
  readonly object: SyncObject;
  readonly local_id: number;
  readonly field: string;
  readonly base: string | null;
  readonly local: string | null;
  readonly hubspot: string | null;
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
  countOpen(): Promise<number>;
}

/** Small named values: cursors, fingerprints of finished set-up. Text, null when never set. */
export interface CursorStore {
  get(name: string): Promise<string | null>;
  set(name: string, value: string, now: string): Promise<void>;
}
