/** Whether a previewed plan may still be carried out: known, unused, in time, for these arguments and this field map. */
import { AppError } from "../core/errors.ts";
import type { StoredPlan } from "../ports/plan-store.ts";
import type { ToolServices } from "./tool.ts";

type Arguments = Readonly<Record<string, unknown>>;

const reasons = {
  unknown: "There is no such plan",
  used: "This plan was carried out already",
  expired: "This plan has expired",
  arguments: "This plan was made for other arguments",
  map: "The field map has changed since this plan was made",
  moved: "What this plan is about has changed since",
} as const;
export type StaleReason = keyof typeof reasons;

/** The refusal of a plan. `nothing was done` holds: a plan is judged before the first write. */
export function planStale(reason: StaleReason): AppError {
  return new AppError(
    "stale",
    `${reasons[reason]}; nothing was done. Preview again with dry_run and use the new plan_id.`,
    { code: "PLAN_STALE", details: { reason } },
  );
}

/**
 * The plan, without using it up.
 *
 * @param given arguments that came with the plan_id; those left out are the plan's own
 * @throws AppError `stale` with code PLAN_STALE
 */
export async function usablePlan(
  { store, clock, fieldMaps }: ToolServices,
  named: { readonly planId: string; readonly kind: StoredPlan["kind"]; readonly given: Arguments },
): Promise<StoredPlan> {
  const found = await store.plans.find(named.planId, new Date(clock.now()).toISOString());
  if (found.kind !== "taken") throw planStale(found.kind);
  const { plan } = found;
  if (plan.kind !== named.kind) throw planStale("unknown");
  if (plan.map_version !== fieldMaps.version) throw planStale("map");
  if (!isWithin(named.given, plan.args)) throw planStale("arguments");
  return plan;
}

function isWithin(given: Arguments, planned: Arguments): boolean {
  return Object.entries(given).every(
    ([name, value]) => value === undefined || inOneOrder(value) === inOneOrder(planned[name]),
  );
}

/** JSON with sorted keys, so that the order in which members were written makes no difference. */
function inOneOrder(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (member === null || typeof member !== "object" || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
