/** What a reconciliation does about what it found: the one pipeline looks at what differs, and agreements are noted. */
import { agreedBase } from "../core/reconcile.ts";
import type { PlannedRecord } from "../core/sync-record.ts";
import type { Link } from "../ports/sync-store.ts";
import { iso } from "./iso-time.ts";
import { keepPlace, keepReport, type Walk } from "./reconcile-walk.ts";
import type { Gate } from "./sync-chunk.ts";
import type { SyncRun } from "./sync-kind.ts";
import { syncIds } from "./sync-run.ts";

/** Has the pipeline read the pending records afresh and decide, whatever the list said; notes what became of those it did not have. */
export async function repairPending(walk: Walk): Promise<void> {
  const { pending, gone } = walk.at;
  if (pending.length === 0) return;
  await syncIds(walk.kindRun, pending);
  const { merged, deleted } = await fates(walk.kindRun.run, gone);
  const { findings } = walk.at;
  walk.at = {
    ...walk.at,
    pending: [],
    gone: [],
    findings: {
      ...findings,
      merged: findings.merged + merged,
      deleted: findings.deleted + deleted,
    },
  };
  await keepPlace(walk);
  await keepReport(walk);
}

/** The list told that they are not there; the pipeline found out why. */
async function fates(
  { store, kind }: SyncRun,
  gone: readonly Pick<Link, "local_id" | "hubspot_id">[],
) {
  if (gone.length === 0) return { merged: 0, deleted: 0 };
  const { object } = kind.map;
  const ids = gone.map(({ local_id }) => local_id);
  const links = await store.links.byLocalIds(object, ids);
  const linked = new Map(links.map(({ local_id, hubspot_id }) => [local_id, hubspot_id]));
  const stones = await store.tombstones.byHubspotIds(
    object,
    gone.map(({ hubspot_id }) => hubspot_id),
  );
  const ended = new Set(stones.map(({ hubspot_id }) => hubspot_id));
  const deleted = gone.filter(({ hubspot_id }) => ended.has(hubspot_id)).length;
  const merged = gone.filter(
    ({ local_id, hubspot_id }) => !ended.has(hubspot_id) && linked.get(local_id) !== hubspot_id,
  ).length;
  return { merged, deleted };
}

/** Notes that both sides agree on fields which the base did not know; what somebody settled meanwhile stays as it is. */
export async function noteAgreed(run: SyncRun, agreed: readonly PlannedRecord[]): Promise<void> {
  if (agreed.length === 0) return;
  const { object } = run.kind.map;
  const ids = agreed.map(({ sides }) => sides.id);
  const synced_at = iso(run.now());
  await run.store.transaction(async (store) => {
    // Whoever syncs one of them waits, where an engine has more than one writer.
    const rows = await run.kind.load(store, ids);
    const present = new Set(rows.map(({ id }) => id));
    const states = await store.fieldStates.get(object, ids);
    const known = new Map(states.map(({ local_id, base }) => [local_id, base]));
    await store.fieldStates.put(
      agreed
        .filter(({ sides }) => present.has(sides.id))
        .map((item) => {
          const base = { ...agreedBase(item), ...known.get(item.sides.id) };
          return { object, local_id: item.sides.id, base, synced_at };
        }),
    );
  });
}

/** Leaves what would be created as it was: a reconciliation compares what both sides have. */
export const createsNothing: Gate = (chunk) => {
  const fresh = chunk.planned.filter(({ sides }) => sides.hubspotId === null);
  if (fresh.length === 0) return chunk;
  const kept = new Set(fresh);
  const ended = new Map(chunk.ended);
  for (const { sides } of fresh) ended.set(sides.id, { kind: "left" });
  return { ...chunk, planned: chunk.planned.filter((item) => !kept.has(item)), ended };
};
