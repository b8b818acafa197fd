/** What the program asks of the store about records that ended: tombstones, and the erasure of a person's data. */
import type { SyncObject } from "./sync-store.ts";

/**
 * A record that ended on one side. `deleted`: HubSpot deleted it; `erased`: deleted for privacy; `removed`: the local record is gone.
 * `policy`: what was done here; `waiting` = it was edited here at the same time, and a person decides.
 */
export interface Tombstone {
  readonly object: Exclude<SyncObject, "companies">;
  readonly hubspot_id: string;
  /** null once there is no local record any more. */
  readonly local_id: number | null;
  /** Keyed hash of the record's key (core/tombstone.ts), so that nobody is named; null when the key was not known. */
  readonly key_hash: string | null;
  readonly reason: "deleted" | "erased" | "removed";
  readonly policy: "kept" | "unlinked" | "deleted" | "erased" | "waiting";
  readonly created_at: string;
}

export interface TombstoneStore {
  /** Adds, or replaces those of the same HubSpot record. */
  put(stones: readonly Tombstone[]): Promise<void>;
  byHubspotIds(object: Tombstone["object"], ids: readonly string[]): Promise<readonly Tombstone[]>;
  byLocalIds(object: Tombstone["object"], ids: readonly number[]): Promise<readonly Tombstone[]>;
  byKeyHashes(
    object: Tombstone["object"],
    hashes: readonly string[],
  ): Promise<readonly Tombstone[]>;
  /** Whether there is any at all, or any like this; cheap, so that a database without them pays nothing. */
  any(like?: Pick<Tombstone, "object" | "reason">): Promise<boolean>;
  remove(object: Tombstone["object"], hubspotIds: readonly string[]): Promise<void>;
  /** Per object and policy, for whoever asks how things stand. */
  counts(): Promise<
    readonly (Pick<Tombstone, "object" | "reason" | "policy"> & { readonly count: number })[]
  >;
}

/** Leases by name, so that of several processes one does a thing. */
export interface LeaseStore {
  /** Takes or renews a lease until `until`; false while another owner's is alive at `now`. */
  take(
    name: string,
    owner: string,
    times: { readonly now: string; readonly until: string },
  ): Promise<boolean>;
  /** Gives it back; nothing happens when another owner has it by now. */
  release(name: string, owner: string): Promise<void>;
}

/** One object's part of a reconciliation. `counts` and `report` are JSON-able; `report` null while it runs. */
export interface ReconciliationReport {
  readonly run_id: string;
  readonly object: "contacts" | "customers";
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly report: Readonly<Record<string, unknown>> | null;
}

export interface ReportStore {
  /** Adds or replaces the part of a run. */
  put(report: ReconciliationReport): Promise<void>;
  /** Parts of a run; empty when unknown. */
  byRun(runId: string): Promise<readonly ReconciliationReport[]>;
  /** Newest first. */
  list(limit: number): Promise<readonly ReconciliationReport[]>;
}

/** What is to be erased of people: their local ids, addresses (lower-case) and HubSpot ids, whichever are known. */
export interface ErasedPeople {
  readonly contactIds: readonly number[];
  readonly emails: readonly string[];
  readonly hubspotIds: readonly string[];
}

export interface PrivacyStore {
  /**
   * Erases people's data wherever this database keeps them: the contact with its generated text, cached answers about it, values in the log,
   * in conflicts, changes and bases, rejected rows, notifications, queue entries and links, and addresses in jobs' arguments and examples.
   * That something happened stays (rows of the log without values). Call it inside a transaction.
   */
  erase(people: ErasedPeople, now: string): Promise<void>;
}
