/** Makes sure, before anything is written anywhere, that a previewed plan still holds, and uses it up. */
import { AppError } from "../core/errors.ts";
import { addChanges, checkCaps, type RunChanges } from "../core/sync-caps.ts";
import type { PlannedDigest, PlanTake } from "../ports/plan-store.ts";
import type { Store } from "../ports/store.ts";
import { iso } from "./iso-time.ts";
import { withChanged } from "./poll-first.ts";
import type { SyncKind } from "./sync-kind.ts";
import type { KindOutlook } from "./sync-outlook.ts";
import { progressOf, progressText } from "./sync-plan-progress.ts";
import { digestsOf, outlookOf } from "./sync-preview.ts";
import { idsToLookAt } from "./sync-selection.ts";
import { planAsStored } from "./sync-stored.ts";
import { kindsOf, runOf, type Syncing, selectingOf } from "./syncing.ts";

/**
 * Plans everything once more, as the preview did, and uses the plan up if each record would still be treated as was shown. After a crash a run
 * goes on instead of comparing what it has changed itself.
 *
 * @throws AppError PLAN_STALE, RUN_CAP_EXCEEDED, or what setting HubSpot up would fail with; nothing was written then
 */
export async function verifyPlan(syncing: Syncing, planId: string): Promise<void> {
  const { options, args, context, tally } = syncing;
  const { store, maps, clock, caps } = options;
  if (progressOf(context.job.checkpoint, planId) !== null) return;
  const check = (found: PlanTake): void => checkUsable(found, maps.version);
  check(await store.plans.find(planId, iso(clock.now())));
  const outlook = await outlookOf(syncing);
  let changes = tally.changes;
  for (const kind of kindsOf(maps, args.objects)) {
    const promised = new Promised(store, kind, planId);
    changes = await verifyKind(syncing, { promised, kind, outlook: outlook.of(kind) }, changes);
  }
  checkCaps(changes, caps, tally.changes);
  await store.transaction(async (within) => {
    check(await within.plans.take(planId, iso(clock.now())));
    await context.save({ checkpoint: progressText(planId, {}) }, within);
  });
}

const refusals = {
  unknown: "there is no such plan",
  expired: "it has expired",
  used: "it was used before, and a plan serves once",
} as const;

function checkUsable(found: PlanTake, mapVersion: string): void {
  if (found.kind !== "taken") throw planStale(refusals[found.kind]);
  if (found.plan.kind !== "sync") throw planStale(refusals.unknown);
  if (found.plan.map_version !== mapVersion)
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

interface Verifying {
  readonly promised: Promised;
  readonly kind: SyncKind;
  readonly outlook: KindOutlook;
}

/** Every record that the request means now must be treated as was shown, and no record may be missing. Returns the changes with these. */
async function verifyKind(
  syncing: Syncing,
  { promised, kind, outlook }: Verifying,
  before: RunChanges,
): Promise<RunChanges> {
  let changes = before;
  const selecting = await withChanged(syncing, kind, selectingOf(syncing, kind, outlook));
  for await (const ids of idsToLookAt(selecting)) {
    const { planned } = await planAsStored({ ...runOf(syncing, kind), ...outlook }, ids);
    const shown = await promised.upTo(ids.at(-1) ?? 0);
    const actual = digestsOf(planned);
    const isSame =
      actual.length === shown.size &&
      actual.every(({ local_id, digest }) => shown.get(local_id) === digest);
    if (!isSame) throw planStale("records have changed here or in HubSpot since it was made");
    changes = addChanges(changes, planned);
  }
  const rest = await promised.upTo(Number.MAX_SAFE_INTEGER);
  if (rest.size > 0) throw planStale("records that it is about are not due any more");
  return changes;
}

const PAGE = 2_000;

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
