/** Compares one page of HubSpot's list with what is linked to it here, without any further request. */
import { judgeRecord } from "../core/reconcile.ts";
import { addFields, addTo, type ReconcileTally } from "../core/reconcile-tally.ts";
import { type PlannedRecord, planSides, withoutFields } from "../core/sync-record.ts";
import type { CrmRecord } from "../ports/crm.ts";
import type { Link } from "../ports/sync-store.ts";
import { type Strangers, strangersOf } from "./reconcile-strangers.ts";
import type { SyncRun } from "./sync-kind.ts";

/** What comparing stands on. */
export interface Comparing {
  readonly run: SyncRun;
  /** Fields whose bases are about to be forgotten; only a dry run meets them. */
  readonly forgotten: readonly string[];
  /** Whether any record ever ended on one side. */
  readonly hasTombstones: boolean;
  /** HubSpot records made later than this are new; null: new ones are not looked for. */
  readonly newSince: string | null;
}

/** A page of HubSpot's list. `last`: the id before it, null at the start. */
export interface ListedPage {
  readonly records: readonly CrmRecord[];
  readonly last: string | null;
  readonly isLast: boolean;
}

/** What a page came to. `repairs`: local ids that the pipeline has to look at; `news`: HubSpot ids that may be taken over. */
export interface ComparedPage {
  readonly findings: ReconcileTally;
  readonly repairs: readonly number[];
  readonly gone: readonly Link[];
  readonly agreed: readonly PlannedRecord[];
  readonly news: readonly string[];
}

interface Pair {
  readonly link: Link;
  readonly record: CrmRecord;
}

/** A page's records by what is linked to them; `absent`: links to records that should have been on it. */
interface Matched {
  readonly pairs: readonly Pair[];
  readonly strangers: readonly CrmRecord[];
  readonly absent: readonly Link[];
  /** HubSpot ids of records that ended before. */
  readonly ended: ReadonlySet<string>;
}

/** Sorts the page's records and adds them to the findings so far. */
export async function comparePage(
  comparing: Comparing,
  page: ListedPage,
  before: ReconcileTally,
): Promise<ComparedPage> {
  const matched = await matchPage(comparing, page);
  const { ended } = matched;
  const { planned, removed } = await planPairs(comparing, matched.pairs);
  const strangers = await strangersOf({ ...comparing.run, ...comparing }, matched.strangers, ended);
  const gone = matched.absent.filter(({ hubspot_id }) => !ended.has(hubspot_id));
  const restored = planned.flatMap(({ sides }) =>
    ended.has(sides.hubspotId ?? "") ? [sides.id] : [],
  );
  const judged = judgeAll(planned, before);
  const counted = {
    ...judged.findings,
    pages: before.pages + 1,
    hubspot_records: before.hubspot_records + page.records.length,
    ended: before.ended + matched.absent.length - gone.length,
    signalled: before.signalled + strangers.news.length,
  };
  return {
    findings: withGroups(counted, { gone, removed, restored, strangers }),
    repairs: [
      ...new Set([
        ...judged.different,
        ...[...gone, ...removed].map(({ local_id }) => local_id),
        ...restored,
        ...strangers.joined,
      ]),
    ],
    gone,
    agreed: judged.agreed,
    news: strangers.news,
  };
}

// Between two listed records there are more only where many were deleted in HubSpot.
const LINKS_PER_READ = 500;

async function matchPage(
  { run, hasTombstones }: Comparing,
  { records, last, isLast }: ListedPage,
): Promise<Matched> {
  const { links, tombstones } = run.store;
  const { object } = run.kind.map;
  const upTo = isLast ? null : (records.at(-1)?.id ?? last);
  const known = new Map<string, Link>();
  let after = last;
  // A page without records says nothing about anybody, unless it is the last one.
  for (let more = isLast || records.length > 0; more; ) {
    const found = await links.between(object, { after, upTo, limit: LINKS_PER_READ });
    for (const link of found) known.set(link.hubspot_id, link);
    after = found.at(-1)?.hubspot_id ?? after;
    more = found.length === LINKS_PER_READ;
  }
  const unknown = records.flatMap(({ id }) => (known.has(id) ? [] : [id]));
  // HubSpot lists by id; should it ever not, what is linked is still no stranger.
  const others = unknown.length > 0 ? await links.byHubspotIds(object, unknown) : [];
  for (const link of others) known.set(link.hubspot_id, link);
  const listed = new Set(records.map(({ id }) => id));
  const stoneIds = [...new Set([...listed, ...known.keys()])];
  const stones = hasTombstones ? await tombstones.byHubspotIds(run.kind.map.object, stoneIds) : [];
  return {
    pairs: records.flatMap((record) => {
      const link = known.get(record.id);
      return link ? [{ link, record }] : [];
    }),
    strangers: records.filter(({ id }) => !known.has(id)),
    absent: [...known.values()].filter(({ hubspot_id }) => !listed.has(hubspot_id)),
    ended: new Set(stones.map(({ hubspot_id }) => hubspot_id)),
  };
}

/** Plans pairs on the values of the list. `removed`: links whose local row is gone. */
async function planPairs(
  { run, forgotten }: Comparing,
  pairs: readonly Pair[],
): Promise<{ readonly planned: readonly PlannedRecord[]; readonly removed: readonly Link[] }> {
  if (pairs.length === 0) return { planned: [], removed: [] };
  const { store, kind } = run;
  const ids = pairs.map(({ link }) => link.local_id);
  const locals = new Map((await kind.load(store, ids)).map((side) => [side.id, side]));
  const states = await store.fieldStates.get(kind.map.object, ids);
  const bases = new Map(states.map(({ local_id, base }) => [local_id, base]));
  const planned = pairs.flatMap(({ link, record }) => {
    const local = locals.get(link.local_id);
    if (!local) return [];
    const base = withoutFields(bases.get(link.local_id) ?? {}, forgotten);
    const remote = record.properties;
    const sides = { ...local, hubspotId: record.id, remote, base, remoteAt: null };
    return [{ sides, plan: planSides(kind.rulesFor(sides), sides, "both") }];
  });
  const removed = pairs.flatMap(({ link }) => (locals.has(link.local_id) ? [] : [link]));
  return { planned, removed };
}

function judgeAll(planned: readonly PlannedRecord[], before: ReconcileTally) {
  const different: number[] = [];
  const agreed: PlannedRecord[] = [];
  let findings = { ...before, compared: before.compared + planned.length };
  for (const item of planned) {
    const verdict = judgeRecord(item);
    findings = { ...findings, [verdict.kind]: findings[verdict.kind] + 1 };
    if (verdict.kind === "agreed") agreed.push(item);
    if (verdict.kind !== "different") continue;
    different.push(item.sides.id);
    findings = addFields(findings, String(item.sides.id), verdict.discrepancies);
  }
  return { different, agreed, findings };
}

interface Groups {
  readonly gone: readonly Link[];
  readonly removed: readonly Link[];
  readonly restored: readonly number[];
  readonly strangers: Strangers;
}

function withGroups(
  findings: ReconcileTally,
  { gone, removed, restored, strangers }: Groups,
): ReconcileTally {
  const groups = [
    ["gone", gone.map(nameOf)],
    ["removed_here", removed.map(nameOf)],
    ["restored", restored.map(String)],
    ["joined", strangers.joined.map(String)],
    ["only_in_hubspot", strangers.orphans],
  ] as const;
  return groups.reduce((tally, [name, members]) => addTo(tally, name, members), findings);
}

function nameOf({ local_id, hubspot_id }: Link): string {
  return `${local_id} = ${hubspot_id}`;
}
