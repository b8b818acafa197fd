/** What the program asks of the store about how much waits, and since when: cheap enough for every scrape. */
import type { SyncObject } from "./sync-store.ts";

/** `records`: local ones to be synced; `arrivals`: HubSpot's that nothing here stands for yet; `notifications`: the inbox. */
export type Waiting = "records" | "arrivals" | "notifications";

/** `due`: nobody is at it; `waiting`: due later, because its changes gather or a try failed; `leased`: somebody is at it. */
export type QueueState = "due" | "waiting" | "leased";

export interface QueueFigure {
  readonly queue: Exclude<Waiting, "notifications">;
  readonly object: SyncObject;
  readonly state: QueueState;
  readonly count: number;
}

/** A local record that waits, with the time of its first change that is not synced, ISO-8601 UTC. */
export interface WaitingRecord {
  readonly object: SyncObject;
  readonly local_id: number;
  readonly since: string;
  readonly attempts: number;
  readonly due_at: string;
}

export interface StoreFigures {
  /** Only what there is; of a queue with more than `FIGURE_LIMIT` entries so many are counted. */
  readonly queues: readonly QueueFigure[];
  /** Notifications in the inbox, counted up to the same bound. */
  readonly notifications: number;
  /** The record that has waited longest; null when none waits. */
  readonly oldestRecord: WaitingRecord | null;
  /** Since when the oldest of each waits, by HubSpot's time where HubSpot told it; null when none does. */
  readonly oldest: Readonly<Record<Waiting, string | null>>;
  readonly openConflicts: readonly { readonly reason: string; readonly count: number }[];
  /** Jobs that have not ended. */
  readonly jobs: readonly {
    readonly kind: string;
    readonly status: string;
    readonly count: number;
  }[];
}

/** Nobody needs to know how much larger than this a backlog is, and counting it would take longer. */
export const FIGURE_LIMIT = 100_000;

export interface FigureStore {
  /** @param now ISO-8601 UTC */
  read(now: string): Promise<StoreFigures>;
}
