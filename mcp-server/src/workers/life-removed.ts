/** Ends the links of records that were deleted here: HubSpot's stay as they are, and nothing brings the local ones back by itself. */
import { RECORD_FIELD } from "../core/tombstone.ts";
import type { Store } from "../ports/store.ts";
import type { Link } from "../ports/sync-store.ts";
import { iso } from "./iso-time.ts";
import { madeHash } from "./life-stones.ts";
import type { SyncRun } from "./sync-kind.ts";
import { logRow } from "./sync-log-row.ts";

/** What ending links stands on. */
export type RemovalRun = Pick<SyncRun, "store" | "crm" | "kind" | "call" | "now" | "runId">;

/**
 * Ends the links among these local ids whose rows are gone, with a tombstone each, and has those local records looked at that HubSpot holds as the
 * same one: the way is free for them. Ids that have a row, or no link, are passed over. Doing it again changes nothing.
 *
 * @throws AppError when HubSpot could not be read; nothing was ended then
 */
export async function endRemoved(run: RemovalRun, localIds: readonly number[]): Promise<void> {
  const { store, kind } = run;
  const { object } = kind.map;
  const links = localIds.length > 0 ? await store.links.byLocalIds(object, localIds) : [];
  if (links.length === 0) return;
  const keys = await keysThere(run, links);
  const hash = await madeHash(store, run.now());
  const primary = [...keys.values()].flatMap(([first]) => first ?? []);
  const hashes = await hash(object, primary);
  await store.transaction(async (within) => {
    const rows = await kind.load(within, localIds);
    const present = new Set(rows.map(({ id }) => id));
    const over = links.filter(({ local_id }) => !present.has(local_id));
    await end(within, run, over);
    const hashOf = ({ hubspot_id }: Link) => hashes.get(keys.get(hubspot_id)?.[0] ?? "") ?? null;
    await within.tombstones.put(
      over.map((link) => ({
        object,
        hubspot_id: link.hubspot_id,
        local_id: null,
        key_hash: hashOf(link),
        reason: "removed",
        policy: "deleted",
        created_at: iso(run.now()),
      })),
    );
    const free = over.flatMap(({ hubspot_id }) => keys.get(hubspot_id) ?? []);
    await lookAtTwins(within, run, free);
  });
}

/** Which keys HubSpot's records answer to, the primary one first, by the ids of the links. What HubSpot does not have any more has none. */
async function keysThere(
  { crm, kind, call }: RemovalRun,
  links: readonly Link[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ids = links.map(({ hubspot_id }) => hubspot_id);
  const properties = [kind.keyProperty, ...kind.alsoRead];
  const { found, merged } = await crm.read(kind.crmObject, { ids, properties }, call);
  const byId = new Map(found.map((record) => [record.id, record]));
  return new Map(
    ids.map((id) => {
      const read = byId.get(merged.get(id) ?? id)?.properties ?? {};
      const first = read[kind.keyProperty]?.trim() ?? "";
      const others = kind.keysOf(read).filter((key) => key !== kind.comparable(first));
      return [id, [first, ...others].filter(Boolean)] as const;
    }),
  );
}

async function end(store: Store, run: RemovalRun, links: readonly Link[]): Promise<void> {
  const { object } = run.kind.map;
  const ids = links.map(({ local_id }) => local_id);
  const now = iso(run.now());
  await store.links.remove(object, ids);
  await store.fieldStates.put(
    ids.map((local_id) => ({ object, local_id, base: {}, synced_at: now })),
  );
  const page = { afterId: 0, limit: Number.MAX_SAFE_INTEGER };
  const { conflicts } =
    ids.length > 0
      ? await store.conflicts.list({ object, local_ids: ids }, page)
      : { conflicts: [] };
  await store.conflicts.closeAgreed(object, conflicts, now);
  await store.syncLog.add(
    links.map(({ local_id, hubspot_id }) => ({
      ...logRow(run.runId, { object, id: local_id, hubspotId: hubspot_id }, now),
      action: "link" as const,
      outcome: "done" as const,
      fields: [
        { field: RECORD_FIELD, before: hubspot_id, after: null, rule: "deleted here: unlinked" },
      ],
    })),
  );
}

/** Local records with these keys and without a link, of which HubSpot's record was another one's until now. */
async function lookAtTwins(
  store: Store,
  { kind, now }: RemovalRun,
  keys: readonly string[],
): Promise<void> {
  const { object } = kind.map;
  if (keys.length === 0) return;
  const held =
    object === "contacts"
      ? await store.contacts.findByEmails(keys)
      : await store.customers.findByBans(keys);
  const linked = new Set(
    (
      await store.links.byLocalIds(
        object,
        held.map(({ id }) => id),
      )
    ).map(({ local_id }) => local_id),
  );
  const due_at = iso(now());
  await store.queue.add(
    held
      .filter(({ id }) => !linked.has(id))
      .map(({ id }) => ({ object, local_id: id, reason: "twin removed", due_at })),
  );
}
