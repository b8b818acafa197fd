/** Writes down which HubSpot record is whose once HubSpot has answered, and logs links that moved or that nothing else tells of. */

import type { FormerRecord, PlannedRecord, RecordResult, Sides } from "../core/sync-record.ts";
import { RECORD_FIELD } from "../core/tombstone.ts";
import type { Store } from "../ports/store.ts";
import type { Link } from "../ports/sync-store.ts";
import { iso } from "./iso-time.ts";
import { endOf } from "./sync-end.ts";
import { twinError } from "./sync-gone-errors.ts";
import type { SyncRun } from "./sync-kind.ts";
import { logRow } from "./sync-log-row.ts";

/**
 * A HubSpot record that another local one already has stays with it: taking the link over would leave that one without. After a merge it was decided
 * which of the two has it.
 */
export async function saveLinks(
  store: Store,
  run: SyncRun,
  { planned, results }: { planned: readonly PlannedRecord[]; results: Map<number, RecordResult> },
): Promise<void> {
  const { object } = run.kind.map;
  const now = iso(run.now());
  const links = [...results].flatMap(([local_id, result]) =>
    result.kind === "settled" || result.kind === "adopt"
      ? [{ object, local_id, hubspot_id: result.hubspotId }]
      : [],
  );
  const holders = await presentHolders(store, run, links);
  const moved = new Map(
    planned.flatMap(({ sides }) => (sides.former ? [[sides.id, sides] as const] : [])),
  );
  const own = links.filter(({ local_id, hubspot_id }) => {
    const holder = moved.get(local_id)?.former?.how === "merged" ? null : holders.get(hubspot_id);
    const isOwn = (holder ?? local_id) === local_id;
    if (isOwn) holders.set(hubspot_id, local_id);
    else results.set(local_id, { kind: "ended", end: endOf(run, twinError(run, holder ?? null)) });
    return isOwn;
  });
  const joined = await newlyJoined(store, own, results);
  await store.links.put(own, now);
  await store.syncLog.add(
    own.flatMap(({ local_id, hubspot_id }) => {
      const sides = moved.get(local_id);
      if (sides) return [movedLink(run, { sides, hubspotId: hubspot_id, now })];
      const id = { object, id: local_id, hubspotId: hubspot_id };
      return joined.has(local_id) ? [linkRow(run, id, { before: null, how: FOUND, now })] : [];
    }),
  );
}

const FOUND = "HubSpot has it already";

/**
 * Records that are alike on both sides and were not linked: nothing travels, so that no other row would name the HubSpot record. It may be the one that
 * an earlier try made, of which nobody knew.
 */
async function newlyJoined(
  store: Store,
  links: readonly Link[],
  results: ReadonlyMap<number, RecordResult>,
): Promise<ReadonlySet<number>> {
  const quiet = links.filter(({ local_id }) => {
    const result = results.get(local_id);
    return result?.kind === "settled" && result.outcome === "linked";
  });
  const [first] = quiet;
  if (!first) return new Set();
  const ids = quiet.map(({ local_id }) => local_id);
  const known = await store.links.byLocalIds(first.object, ids);
  const linked = new Set(known.map(({ local_id }) => local_id));
  return new Set(ids.filter((id) => !linked.has(id)));
}

async function presentHolders(
  store: Store,
  { kind }: SyncRun,
  links: readonly Link[],
): Promise<Map<string, number>> {
  const held = await store.links.byHubspotIds(
    kind.map.object,
    links.map((link) => link.hubspot_id),
  );
  const present = new Set(links.map(({ local_id }) => local_id));
  const others = held.map(({ local_id }) => local_id).filter((id) => !present.has(id));
  for (const { id } of await kind.load(store, others)) present.add(id);
  return new Map(
    held.filter(({ local_id }) => present.has(local_id)).map((l) => [l.hubspot_id, l.local_id]),
  );
}

const moves: Readonly<Record<FormerRecord["how"], string>> = {
  merged: "merged in HubSpot",
  replaced: "entered anew in HubSpot",
  restored: "restored in HubSpot",
};

function movedLink(
  run: SyncRun,
  { sides, hubspotId, now }: { sides: Sides; hubspotId: string; now: string },
) {
  const { hubspotId: before = null, how = "merged" } = sides.former ?? {};
  return linkRow(run, { ...sides, hubspotId }, { before, how: moves[how], now });
}

function linkRow(
  { runId }: SyncRun,
  sides: Pick<Sides, "object" | "id" | "hubspotId">,
  { before, how, now }: { before: string | null; how: string; now: string },
) {
  return {
    ...logRow(runId, sides, now),
    action: "link" as const,
    outcome: "done" as const,
    fields: [{ field: RECORD_FIELD, before, after: sides.hubspotId, rule: how }],
  };
}
