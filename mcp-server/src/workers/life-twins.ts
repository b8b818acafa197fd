/** Local records that HubSpot holds as one: which of them has the link, and who is to be looked at because of it. */
import { type Contender, winnerOf } from "../core/life.ts";
import type { LocalSide, Sides } from "../core/sync-record.ts";
import type { Link } from "../ports/sync-store.ts";
import type { SyncRun } from "./sync-kind.ts";

/** `twins` lose their link to the local record with this id; null: to none that is known. `woken`: records that were not looked at and for which the outcome is news. */
export interface TwinsFound {
  readonly twins: ReadonlyMap<Sides, number | null>;
  readonly woken: readonly number[];
}

type Finding = Pick<SyncRun, "store" | "kind">;

/** What is known of a HubSpot record that is contended for. */
interface Contended {
  readonly hubspotId: string;
  readonly primaryKey: string | null;
  /** Ids of the records that were merged into it. */
  readonly merged: ReadonlySet<string>;
  readonly sides: readonly Sides[];
}

/** A link is one to one: of several local records that are one HubSpot record, one has it. */
export async function findTwins(
  { store, kind }: Finding,
  sides: readonly Sides[],
): Promise<TwinsFound> {
  const groups = contended({ kind }, sides);
  const ids = groups.flatMap(({ hubspotId, merged }) => [hubspotId, ...merged]);
  const links = await store.links.byHubspotIds(kind.map.object, [...new Set(ids)]);
  const present = new Set(sides.map(({ id }) => id));
  const others = links.filter(({ local_id }) => !present.has(local_id));
  // One that was deleted here holds nothing any more.
  const loaded = await kind.load(
    store,
    others.map(({ local_id }) => local_id),
  );
  const stored = new Map(loaded.map((side) => [side.id, side]));
  const byHubspotId = new Map(links.map((link) => [link.hubspot_id, link]));
  const twins = sameKey({ kind }, sides);
  const woken: number[] = [];
  for (const group of groups) {
    const outside = linksOf(group, byHubspotId).flatMap((link) => stored.get(link.local_id) ?? []);
    const contenders = [...group.sides.filter((side) => !twins.has(side)), ...outside].map((side) =>
      contender({ kind }, group, { side, byHubspotId }),
    );
    const winner = winnerOf(contenders);
    for (const side of group.sides) if (side.id !== winner) twins.set(side, winner);
    woken.push(...unaware(contenders, { winner, present }));
  }
  return { twins, woken };
}

function contended({ kind }: Pick<Finding, "kind">, sides: readonly Sides[]): readonly Contended[] {
  const groups = Map.groupBy(sides, ({ hubspotId }) => hubspotId);
  return [...groups].flatMap(([hubspotId, members]) => {
    if (hubspotId === null) return [];
    const remote = members.find((side) => side.remote !== null)?.remote;
    const merged = remote?.["hs_merged_object_ids"]?.split(";").filter(Boolean) ?? [];
    const key = remote?.[kind.keyProperty] ?? null;
    const primaryKey = key === null ? null : kind.comparable(key);
    return [{ hubspotId, primaryKey, merged: new Set(merged), sides: members }];
  });
}

function linksOf(
  { hubspotId, merged }: Contended,
  byHubspotId: ReadonlyMap<string, Link>,
): readonly Link[] {
  return [hubspotId, ...merged].flatMap((id) => byHubspotId.get(id) ?? []);
}

function contender(
  { kind }: Pick<Finding, "kind">,
  group: Contended,
  { side, byHubspotId }: { side: LocalSide; byHubspotId: ReadonlyMap<string, Link> },
): Contender {
  return {
    id: side.id,
    hasPrimaryKey: kind.comparable(side.key) === group.primaryKey,
    isHolder: byHubspotId.get(group.hubspotId)?.local_id === side.id,
    isMerged: [...group.merged].some((id) => byHubspotId.get(id)?.local_id === side.id),
  };
}

/** A winner whose link still names the old record, and losers that do not know yet that theirs is gone. */
function unaware(
  contenders: readonly Contender[],
  { winner, present }: { readonly winner: number | null; readonly present: ReadonlySet<number> },
): readonly number[] {
  return contenders
    .filter(({ id }) => !present.has(id))
    .filter(({ id, isHolder, isMerged }) => (id === winner ? !isHolder : isHolder || isMerged))
    .map(({ id }) => id);
}

/** HubSpot may take two keys for one that differ in case alone: the second would be written over the first. */
function sameKey(
  { kind }: Pick<Finding, "kind">,
  sides: readonly Sides[],
): Map<Sides, number | null> {
  const fresh = sides.filter(({ hubspotId }) => hubspotId === null).sort((a, b) => a.id - b.id);
  const byKey = Map.groupBy(fresh, ({ key }) => kind.comparable(key));
  return new Map(
    [...byKey.values()].flatMap(([first, ...others]) =>
      others.map((side) => [side, first?.id ?? null] as const),
    ),
  );
}
