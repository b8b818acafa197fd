/** Carries out a previewed plan: exactly what was shown, or nothing. */
import { AppError } from "../core/errors.ts";
import type { FieldMaps } from "../core/field-map.ts";
import { planDigest } from "../core/sync-plan.ts";
import type { SyncEnd } from "../core/sync-record.ts";
import type { PlannedDigest, PlanTake } from "../ports/plan-store.ts";
import type { Store } from "../ports/store.ts";
import { iso } from "./iso-time.ts";
import type { Gate } from "./sync-chunk.ts";
import type { SyncKind } from "./sync-kind.ts";
import { digestsOf, planAsStored } from "./sync-preview.ts";
import { addCounts, syncIds } from "./sync-run.ts";
import { idsToLookAt } from "./sync-selection.ts";
import { finishCutOff, kindRunOf, kindsOf, type Syncing, selectingOf } from "./syncing.ts";

/**
 * Uses the plan up, plans everything once more without writing, and only if each record would still be treated as was shown carries it out.
 * A record that moves in between is left alone, counted as `stale`, and stays due.
 *
 * @throws AppError `stale`, PLAN_STALE, before anything is written
 */
export async function applyPlan(syncing: Syncing, planId: string): Promise<void> {
  const { options, args, context } = syncing;
  const kinds = kindsOf(options.maps, args.objects);
  // After a crash a run goes on instead of comparing what it has changed itself; each record is still compared before it is written.
  if (context.job.checkpoint !== planId) {
    checkTaken(await options.store.plans.take(planId, iso(options.clock.now())), options.maps);
    for (const kind of kinds) await verify(syncing, kind, planId);
    await context.save({ checkpoint: planId });
  }
  for (const kind of kinds) await carryOut(syncing, kind, planId);
}

const refusals = {
  unknown: "there is no such plan",
  expired: "it has expired",
  used: "it was carried out before",
} as const;

function checkTaken(found: PlanTake, maps: FieldMaps): void {
  if (found.kind !== "taken") throw planStale(refusals[found.kind]);
  if (found.plan.map_version !== maps.version)
    throw planStale("the field map has changed since it was made");
}

/** Why a plan is not carried out, with the mend. */
function planStale(why: string): AppError {
  return new AppError(
    "stale",
    `The plan cannot be carried out: ${why}. Nothing was written. Preview again with dry_run and use the new plan_id.`,
    { code: "PLAN_STALE" },
  );
}

/** Every record that the request means now must be treated as was shown, and no record may be missing. */
async function verify(syncing: Syncing, kind: SyncKind, planId: string): Promise<void> {
  const promised = new Promised(syncing.options.store, kind, planId);
  for await (const ids of idsToLookAt(selectingOf(syncing, kind))) {
    syncing.context.signal.throwIfAborted();
    const { planned } = await planAsStored(syncing, kind, { ids, isKeyKnown: true });
    const shown = await promised.upTo(ids.at(-1) ?? 0);
    const actual = digestsOf(planned);
    const isSame =
      actual.length === shown.size &&
      actual.every(({ local_id, digest }) => shown.get(local_id) === digest);
    if (!isSame) throw planStale("records have changed here or in HubSpot since it was made");
  }
  const rest = await promised.upTo(Number.MAX_SAFE_INTEGER);
  if (rest.size > 0) throw planStale("records that it is about are not due any more");
}

/** A plan's records, read page by page along ascending ids. */
class Promised {
  readonly #store: Store;
  readonly #kind: SyncKind;
  readonly #planId: string;
  #afterId = 0;
  #ahead: PlannedDigest[] = [];

  constructor(store: Store, kind: SyncKind, planId: string) {
    this.#store = store;
    this.#kind = kind;
    this.#planId = planId;
  }

  /** The digests of records up to and including an id that were not handed out before. */
  async upTo(id: number): Promise<ReadonlyMap<number, string>> {
    const page = { object: this.#kind.map.object, limit: PAGE } as const;
    while ((this.#ahead.at(-1)?.local_id ?? 0) <= id) {
      const more = await this.#store.plans.records(this.#planId, {
        ...page,
        afterId: this.#afterId,
      });
      this.#ahead.push(...more);
      this.#afterId = more.at(-1)?.local_id ?? this.#afterId;
      if (more.length < PAGE) break;
    }
    const taken = this.#ahead.filter(({ local_id }) => local_id <= id);
    this.#ahead = this.#ahead.filter(({ local_id }) => local_id > id);
    return new Map(taken.map(({ local_id, digest }) => [local_id, digest]));
  }
}

const PAGE = 2_000;

async function carryOut(syncing: Syncing, kind: SyncKind, planId: string): Promise<void> {
  const kindRun = kindRunOf(syncing, kind);
  await finishCutOff(kindRun, syncing.context);
  let afterId = 0;
  for (;;) {
    const records = await syncing.options.store.plans.records(planId, {
      object: kind.map.object,
      afterId,
      limit: kindRun.limit,
    });
    const last = records.at(-1);
    if (!last) return;
    const shown = new Map(records.map(({ local_id, digest }) => [local_id, digest]));
    const gate = gateOf(shown, (stale) => addCounts(kindRun.tally, { stale }));
    await syncIds({ ...kindRun, gate }, [...shown.keys()]);
    afterId = last.local_id;
  }
}

/** Lets through what was promised; the rest waits for the next run. */
function gateOf(shown: ReadonlyMap<number, string>, onStale: (count: number) => void): Gate {
  return ({ planned, ended }) => {
    const isPromised = (item: (typeof planned)[number]): boolean =>
      shown.get(item.sides.id) === planDigest(item);
    const stale = planned.filter((item) => !isPromised(item) && planDigest(item) !== null);
    onStale(stale.length);
    const waits: SyncEnd = { kind: "waits" };
    return {
      planned: planned.filter((item) => !stale.includes(item)),
      ended: new Map([...ended, ...stale.map(({ sides }) => [sides.id, waits] as const)]),
    };
  };
}
