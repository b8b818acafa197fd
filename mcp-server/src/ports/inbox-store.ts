/** What the program asks of the store about HubSpot's notifications: the inbox, and records that are to be looked at. */
import type { ReadNotification } from "../core/webhook-event.ts";
import type { SyncObject } from "./sync-store.ts";

/** A verified notification, as it was read. */
export type NewWebhookEvent = ReadNotification;

export interface WebhookEvent extends NewWebhookEvent {
  readonly id: number;
  readonly received_at: string;
}

/** What became of an event: it marked a record, told nothing that concerns us, or could not be read. */
export type InboxOutcome = "signalled" | "ignored" | "quarantined";

export interface InboxStore {
  /** Keeps events; they are durable when this resolves. Unreadable ones are done at once, as `quarantined`. */
  add(events: readonly NewWebhookEvent[], received_at: string): Promise<void>;
  /** Of events not processed yet the oldest, by id; inside a transaction no other taker gets them until it ends. */
  take(limit: number): Promise<readonly WebhookEvent[]>;
  /** Marks events as processed. */
  settle(
    events: readonly { readonly id: number; readonly outcome: InboxOutcome }[],
    processed_at: string,
  ): Promise<void>;
  /** Whether anything waits; cheap enough to ask several times a second. */
  any(): Promise<boolean>;
  /** How many wait (counted up to `limit`), and since when the oldest does. */
  depth(limit: number): Promise<{ readonly waiting: number; readonly oldest_at: string | null }>;
  /** Counts per outcome of what was processed since a time. */
  outcomesSince(since: string): Promise<Readonly<Partial<Record<InboxOutcome, number>>>>;
  /** Payloads of contacts' merges that name one of these HubSpot ids, among all that is still kept. */
  mergesNaming(hubspotIds: readonly string[]): Promise<readonly string[]>;
}

/**
 * A HubSpot record that is to be looked at and that no local record stands for (yet). `look`: it may be new, merged or restored, or is a company
 * that contacts belong to. `erase`: HubSpot says that the person's data were deleted for privacy.
 */
export interface RemoteItem {
  readonly object: Extract<SyncObject, "contacts" | "companies">;
  readonly hubspot_id: string;
  readonly kind: "look" | "erase";
  readonly attempts: number;
  readonly due_at: string;
  /** As a queue entry's. */
  readonly since?: string;
}

/** One entry per HubSpot record, however many signals came; `erase` is never weakened to `look`. */
export interface RemoteQueueStore {
  add(items: readonly Omit<RemoteItem, "attempts">[]): Promise<void>;
  /** Leases due entries for `owner`, oldest due first. */
  claim(take: {
    readonly owner: string;
    readonly now: string;
    readonly lease_until: string;
    readonly limit: number;
  }): Promise<readonly RemoteItem[]>;
  /** Removes what is done; an entry that was signalled again while leased stays, due now. */
  settle(items: readonly Pick<RemoteItem, "object" | "hubspot_id">[], owner: string): Promise<void>;
  /** Gives entries back for a later try, with the reason. */
  retry(
    items: readonly (Pick<RemoteItem, "object" | "hubspot_id" | "due_at"> & {
      readonly error: string | null;
    })[],
    owner: string,
  ): Promise<void>;
  /** Makes entries that come due after `now` and not after `until` due now. For a clock that was set back. */
  dueSooner(meant: { readonly now: string; readonly until: string }): Promise<void>;
  /** Whether anything is due and not leased. */
  anyDue(now: string): Promise<boolean>;
  depth(now: string): Promise<{ readonly due: number; readonly waiting: number }>;
}
