/** What a tombstone forbids: the trace of a record that ended on one side, which names nobody. */

/** As much of a tombstone as a decision needs; the words are those of the store's port. */
export interface StoneFacts {
  /** `deleted`: HubSpot deleted it; `erased`: deleted for privacy; `removed`: the local record is gone. */
  readonly reason: "deleted" | "erased" | "removed";
  readonly policy: "kept" | "unlinked" | "deleted" | "erased" | "waiting";
}

/** The pseudo field of a conflict that is about a record as a whole: deleted in HubSpot, edited here. */
export const RECORD_FIELD = "@record";

/** HubSpot's side of such a conflict. */
export const DELETED_THERE = "deleted in HubSpot";

/** What is hashed for a record's key, so that a contact's and a customer's key never count as one; without regard to case. */
export function tombstoneText(object: string, key: string): string {
  return `${object}\n${key.trim().toLowerCase()}`;
}

// A HubSpot id has digits only.
const FURTHER = "/";
// HubSpot's contacts have a handful of addresses; what is beyond is only found by id.
const MOST_KEYS = 9;

/** Under which id the tombstone of a record's n-th key is kept: the first under the record's own, further ones under "id/2", "id/3". */
export function stoneId(hubspotId: string, index: number): string {
  return index === 0 ? hubspotId : `${hubspotId}${FURTHER}${index + 1}`;
}

/** Whether a tombstone is only there for a further key of a record. */
export function isForFurtherKey(stoneHubspotId: string): boolean {
  return stoneHubspotId.includes(FURTHER);
}

/** The ids of tombstones, and of those that may be kept for further keys of the same records. */
export function withFurtherKeys(stoneHubspotIds: readonly string[]): readonly string[] {
  return stoneHubspotIds.flatMap((id) =>
    isForFurtherKey(id)
      ? [id]
      : Array.from({ length: MOST_KEYS }, (_, index) => stoneId(id, index)),
  );
}

/** As many keys as a record gets tombstones for. */
export function mournedKeys(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)].slice(0, MOST_KEYS);
}

/** Whether the person's data were deleted for privacy: nothing brings them back, whoever asks. */
export function isErased(stones: readonly StoneFacts[]): boolean {
  return stones.some(({ reason }) => reason === "erased");
}

/**
 * Whether a HubSpot record that a poll or a notification speaks of may become a local one. What somebody removed here stays away until a
 * person imports it again; what HubSpot deleted and has again may return.
 */
export function mayArrive(stones: readonly StoneFacts[]): boolean {
  return stones.every(({ reason }) => reason === "deleted");
}

/** Whether a local record without a link may be created in HubSpot: what people deleted there is never made anew by itself. */
export function mayCreate(stones: readonly StoneFacts[]): boolean {
  return stones.every(({ reason }) => reason === "removed");
}

/** Whether a tombstone has served once both sides have the record again. */
export function isLifted({ reason }: StoneFacts): boolean {
  return reason !== "erased";
}
