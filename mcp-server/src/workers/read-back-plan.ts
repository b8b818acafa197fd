/** Plans records from what is remembered of HubSpot, where that is certain; the rest is read. */
import { isConclusive } from "../core/read-back.ts";
import { type LocalSide, type PlannedRecord, planSides, type Sides } from "../core/sync-record.ts";
import type { SyncRun } from "./sync-kind.ts";

/** Plans that need no reading, and the records that do. */
export interface Recalled {
  readonly planned: readonly PlannedRecord[];
  readonly rest: readonly LocalSide[];
}

/**
 * Only of customers: contacts bring companies and notes along, about which more decides than their values. Records that HubSpot spoke of and those
 * whose last try did not end well are read in any case.
 */
export async function planFromMemory(
  run: SyncRun,
  locals: readonly LocalSide[],
): Promise<Recalled> {
  const { readBack, kind, direction } = run;
  const isServed = kind.map.object === "customers" && direction === "both";
  if (!readBack || !isServed) return { planned: [], rest: locals };
  const recalled = await recall(run, locals);
  const planned = recalled
    .map((sides) => ({ sides, plan: planSides(kind.rulesFor(sides), sides, direction) }))
    .filter(({ plan, sides }) => isConclusive(plan, sides));
  const done = new Set(planned.map(({ sides: { id } }) => id));
  return { planned, rest: locals.filter(({ id }) => !done.has(id)) };
}

async function recall(
  { store, kind, readBack, unsure }: SyncRun,
  locals: readonly LocalSide[],
): Promise<readonly Sides[]> {
  const { object, properties } = kind.map;
  const asked = [...properties, ...kind.alsoRead, kind.keyProperty];
  const sure = locals.filter(({ id }) => unsure?.has(id) !== true);
  const ids = sure.map(({ id }) => id);
  const links = await store.links.byLocalIds(object, ids);
  const known = new Map(
    links.flatMap(({ local_id, hubspot_id }) => {
      const remote = readBack?.company(hubspot_id) ?? null;
      const isWhole = remote !== null && asked.every((name) => Object.hasOwn(remote, name));
      return isWhole ? [[local_id, { hubspotId: hubspot_id, remote }] as const] : [];
    }),
  );
  if (known.size === 0) return [];
  const states = await store.fieldStates.get(object, [...known.keys()]);
  const bases = new Map(states.map(({ local_id, base }) => [local_id, base]));
  return sure.flatMap((side) => {
    const [base, found] = [bases.get(side.id), known.get(side.id)];
    return base && found ? [{ ...side, ...found, base, remoteAt: null }] : [];
  });
}
