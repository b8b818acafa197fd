/** What query-contacts says of records that HubSpot deleted: since when that is known here, and what ends it. */
import type { MappedObject } from "../core/field-map.ts";
import type { Tombstone } from "../ports/life-store.ts";
import type { Store } from "../ports/store.ts";

/** Beside the fields of a record; records that HubSpot did not delete have none of it. */
export interface RecordEnd {
  /** When it was found, ISO-8601 UTC. */
  readonly deleted_in_hubspot_at: string;
  readonly deleted_in_hubspot: string;
}

/** Ends by local id; costs one small query while nothing was ever deleted. */
export async function recordEnds(
  store: Store,
  object: MappedObject,
  ids: readonly number[],
): Promise<ReadonlyMap<number, RecordEnd>> {
  if (ids.length === 0 || !(await store.tombstones.any())) return new Map();
  const stones = await store.tombstones.byLocalIds(object, ids);
  return new Map(
    stones.flatMap(({ local_id, reason, policy, created_at }) =>
      local_id === null || reason !== "deleted"
        ? []
        : [[local_id, { deleted_in_hubspot_at: created_at, deleted_in_hubspot: meaning(policy) }]],
    ),
  );
}

const HELD =
  "HubSpot deleted it, and no sync creates it there anew. Restore it in HubSpot; or edit it here, and decide the conflict that comes of it with keep_local.";

function meaning(policy: Tombstone["policy"]): string {
  switch (policy) {
    case "kept":
      return "HubSpot deleted it; it is kept here and not sent. Restored there it goes on where it was; edited here it becomes a conflict that a person decides.";
    case "waiting":
      return "HubSpot deleted it, and it was edited here: list-conflicts shows it as field @record, resolve-conflict decides whether it is created there anew.";
    case "unlinked":
    case "deleted":
    case "erased":
      return HELD;
  }
}
