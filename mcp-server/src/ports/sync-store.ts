/** What the program asks of the store to keep two sides equal: links, bases, queue, log, cursors. */
import type { CauseGroup } from "../core/failure-causes.ts";

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
  /** By HubSpot id as a number, ascending: those above `after` (null = from the start) and up to and including `upTo` (null = to the end), at most `limit`. */
  between(
    object: SyncObject,
    range: { readonly after: string | null; readonly upTo: string | null; readonly limit: number },
  ): Promise<readonly Link[]>;
  /** Local ids of contacts or customers without a link, ascending after `afterId`; for reports. */
  unlinked(
    object: "contacts" | "customers",
    page: { readonly afterId: number; readonly limit: number },
  ): Promise<readonly number[]>;
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
  /** Forgets the bases of fields (and their companions `field@…`) of every record: the map reads them from elsewhere now. */
  forget(object: SyncObject, fields: readonly string[]): Promise<void>;
}

export interface QueueItem {
  readonly object: SyncObject;
  readonly local_id: number;
  readonly reason: string;
  /** Tries since the record was last settled: those given back, and those whose lease ended because their process had. */
  readonly attempts: number;
  readonly due_at: string;
  /** A real-time field changed: claimed before all others that are due. */
  readonly urgent?: boolean;
  /** HubSpot said something about the record: worth a look even where nothing is sent by itself. */
  readonly inbound?: boolean;
  /** When what the first signal tells of came about, among those that are not settled; ISO-8601 UTC. Of a new signal left out = when it is due. */
  readonly since?: string;
}

/** Dirty records: one row per record, however many signals came. */
export interface SyncQueueStore {
  /** Marks records dirty; an entry that exists keeps its attempts and takes the earlier due time. */
  add(items: readonly Omit<QueueItem, "attempts">[]): Promise<void>;
  /**
   * Leases due entries for `owner`, urgent ones first, then oldest due first, only among `ids` when they are given; entries under another
   * live lease are passed over.
   */
  claim(take: {
    readonly object: SyncObject;
    readonly owner: string;
    readonly now: string;
    readonly lease_until: string;
    readonly limit: number;
    readonly ids?: readonly number[];
    /** Passes over everything but urgent entries. */
    readonly urgentOnly?: boolean;
    /** Passes over records that have no link. */
    readonly linkedOnly?: boolean;
    /** Passes over everything but what HubSpot spoke of. */
    readonly inboundOnly?: boolean;
    /** Entries that come due by then are taken too; left out = `now`. */
    readonly due_by?: string;
  }): Promise<readonly QueueItem[]>;
  /**
   * Frees the entries whose lease owner begins with `ownerPrefix`, however long their leases still last, and returns
   * their ids, ascending. For the heir of an owner that is known to be gone.
   */
  release(object: SyncObject, ownerPrefix: string): Promise<readonly number[]>;
  /**
   * Frees this owner's entries as they are, no longer as inbound: a run that only pulls did its part, and what is left waits for one that sends.
   */
  leave(object: SyncObject, localIds: readonly number[], owner: string): Promise<void>;
  /** Removes entries that are settled. An entry marked dirty again while leased stays, due now. */
  settle(object: SyncObject, localIds: readonly number[], owner: string): Promise<void>;
  /** Gives entries back for a later time, without counting a try. */
  defer(
    items: readonly {
      readonly object: SyncObject;
      readonly local_id: number;
      readonly due_at: string;
    }[],
    owner: string,
  ): Promise<void>;
  /** Gives entries back for a later try. */
  retry(
    items: readonly {
      readonly object: SyncObject;
      readonly local_id: number;
      readonly due_at: string;
    }[],
    owner: string,
  ): Promise<void>;
  /** Marks every record that is linked dirty, and of customers every record; returns how many. For fields that the map newly has. */
  addAll(object: "contacts" | "customers", reason: string, due_at: string): Promise<number>;
  /** Local ids of the entries that are due at `now`, leased or not, ascending after `afterId`; for previews. */
  dueIds(
    object: SyncObject,
    now: string,
    page: { readonly afterId: number; readonly limit: number },
  ): Promise<readonly number[]>;
  /** Makes entries that come due after `now` and not after `until` due now. For a clock that was set back. */
  dueSooner(meant: { readonly now: string; readonly until: string }): Promise<void>;
  /** Which kinds have an entry that is due and not leased; cheap enough to ask several times a second. */
  dueObjects(now: string, inboundOnly?: boolean): Promise<readonly SyncObject[]>;
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
  | "conflict"
  | "resolve";
export type SyncOutcome = "intent" | "done" | "rejected" | "failed" | "unknown";

/**
 * One field's part of a sync_log row; `lost` is the value that an automatic decision set aside, with both sides' times where the decision
 * compared them. `local_by` is who set a value that was sent, where only the log keeps that.
 */
export interface LoggedField {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly rule: string;
  readonly lost?: string | null;
  readonly local_at?: string | null;
  readonly local_by?: string;
  readonly hubspot_at?: string | null;
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

/** What failed for one reason, with up to three of the records that it befell, the latest first. */
export type FailureGroup = CauseGroup<SyncObject>;

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
   * Ends as `unknown` what was announced of these records and a crash kept from being answered; whoever has leased them reads them again anyway.
   * A note is looked for by its marker as long as it is not `done`.
   */
  abandon(object: SyncObject, localIds: readonly number[], now: string): Promise<void>;
  /** Rows by marker, any outcome. */
  byMarkers(markers: readonly string[]): Promise<readonly SyncLogEntry[]>;
  /** Newest first. */
  forRecord(object: SyncObject, localId: number, limit: number): Promise<readonly SyncLogEntry[]>;
  /**
   * What was done since a time of the given fields, oldest first, of those of these records that have at least so many rows since then; whoever has
   * fewer costs next to nothing. Only of records with a base, and of each its newest 4,000 rows.
   */
  movesOfBusy(
    object: SyncObject,
    ask: {
      readonly ids: readonly number[];
      readonly fields: readonly string[];
      readonly since: string;
      readonly atLeast: number;
    },
  ): Promise<readonly SyncLogEntry[]>;
  /** Failures since a time, grouped by cause, most frequent first; of very many the newest. */
  failuresSince(since: string, limit: number): Promise<readonly FailureGroup[]>;
}

/** Small named values: cursors, fingerprints of finished set-up. Text, null when never set. */
export interface CursorStore {
  get(name: string): Promise<string | null>;
  set(name: string, value: string, now: string): Promise<void>;
}
