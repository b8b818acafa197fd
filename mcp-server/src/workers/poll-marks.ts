/** What HubSpot's changed and deleted records mark here, page by page. */
import { mergedInto } from "../core/poll-difference.ts";
import { type ChangeReach, type KnownOfPage, reachOfChange } from "../core/poll-reach.ts";
import type { CrmRecord } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import type { ChangedPage, PollTarget } from "./poll-pages.ts";
import { reenteredCustomers } from "./reentered.ts";

/** What a page marks. `since`: when its records were modified, in milliseconds since the epoch, by local id and by HubSpot id. */
export interface Marks extends ChangeReach {
  readonly since?: ReadonlyMap<number | string, number>;
}

/** Of changed records those that differ from what both sides held last, that took known ones in, or came back; and those that may be new. */
export async function changedMarks(
  store: Store,
  target: PollTarget,
  { records, areCompared }: ChangedPage,
  mayArrive: (record: CrmRecord) => boolean,
): Promise<Marks> {
  const known = await knownAmong(store, target, records);
  const { crmObject: object, map } = target;
  const reached = records.map((record) =>
    reachOfChange(record, known, { object, map, areCompared, mayArrive: mayArrive(record) }),
  );
  return {
    dirty: [...new Set(reached.flatMap(({ dirty }) => dirty))],
    looks: [...new Set(reached.flatMap(({ looks }) => looks))],
    since: modifiedTimes(target, records, reached),
  };
}

/** Of what several records reach the time of the first that was modified. */
function modifiedTimes(
  { modified }: PollTarget,
  records: readonly CrmRecord[],
  reached: readonly ChangeReach[],
): ReadonlyMap<number | string, number> {
  const times = new Map<number | string, number>();
  for (const [index, { properties, updatedAt }] of records.entries()) {
    const at = Date.parse(properties[modified] ?? updatedAt);
    const { dirty = [], looks = [] } = reached[index] ?? {};
    for (const id of [...dirty, ...looks]) times.set(id, Math.min(at, times.get(id) ?? at));
  }
  return times;
}

/** Of records in the recycle bin those that are linked, and whose end is not known yet. */
export async function binMarks(
  store: Store,
  target: PollTarget,
  ids: readonly string[],
): Promise<ChangeReach> {
  const links = await store.links.byHubspotIds(target.linkedAs, ids);
  const ended = await endedAmong(store, target, ids);
  const dirty = links.filter((link) => !ended.has(link.hubspot_id)).map((link) => link.local_id);
  if (target.crmObject !== "companies") return { dirty, looks: [] };
  const companies = await store.links.byHubspotIds("companies", ids);
  return { dirty, looks: companies.map(({ hubspot_id }) => hubspot_id) };
}

async function knownAmong(
  store: Store,
  target: PollTarget,
  records: readonly CrmRecord[],
): Promise<KnownOfPage> {
  const ids = records.map(({ id }) => id);
  const merged = [...new Set(records.flatMap(({ properties }) => mergedInto(properties)))];
  const links = await store.links.byHubspotIds(target.linkedAs, [...new Set([...ids, ...merged])]);
  const states = await store.fieldStates.get(
    target.linkedAs,
    links.map(({ local_id }) => local_id),
  );
  return {
    links: new Map(links.map((link) => [link.hubspot_id, link.local_id])),
    bases: new Map(states.map(({ local_id, base }) => [local_id, base])),
    ended: await endedAmong(store, target, ids),
    reentered:
      target.crmObject === "companies"
        ? await reenteredCustomers(store, target.map, records)
        : new Map(),
    companies:
      target.crmObject === "companies"
        ? await companiesAmong(store, [...ids, ...merged])
        : new Map(),
  };
}

async function endedAmong(
  store: Store,
  { linkedAs }: PollTarget,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number | null>> {
  if (!(await store.tombstones.any())) return new Map();
  const stones = await store.tombstones.byHubspotIds(linkedAs, ids);
  return new Map(stones.map(({ hubspot_id, local_id }) => [hubspot_id, local_id]));
}

async function companiesAmong(
  store: Store,
  ids: readonly string[],
): Promise<KnownOfPage["companies"]> {
  const links = await store.links.byHubspotIds("companies", [...new Set(ids)]);
  const rows = await store.companies.findByIds(links.map(({ local_id }) => local_id));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return new Map(
    links.flatMap(({ local_id, hubspot_id }) => {
      const row = byId.get(local_id);
      return row ? [[hubspot_id, row] as const] : [];
    }),
  );
}
