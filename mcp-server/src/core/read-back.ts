/** When a plan may be carried out that was made from what HubSpot held a moment ago, without reading it again. */
import type { RecordPlan } from "./plan.ts";
import { readRemote } from "./rule-values.ts";
import type { RemoteSide } from "./sync-record.ts";

/** Document B: what was read of HubSpot serves for five minutes. */
export const READ_BACK_MS = 5 * 60_000;

/**
 * True when there is nothing to do, or when all there is to do is to send real-time fields that only ever go to HubSpot: whatever people wrote
 * there meanwhile, the outcome is the same. A plan that takes a value over, weighs two, or only records that both sides agree must know what
 * HubSpot holds now: the agreement may be over. Where memory and base differ another process has written since: it may have sent this very value.
 *
 * @param remembered what the plan was made from
 */
export function isConclusive(
  { fields, base }: RecordPlan,
  remembered: Pick<RemoteSide, "remote" | "base">,
): boolean {
  if (Object.keys(base).length > 0) return false;
  return fields.every(
    ({ rule, decision }) =>
      decision.kind === "push" &&
      rule.direction === "WARP_TO_HUBSPOT" &&
      rule.realTime &&
      readRemote(rule, remembered.remote?.[rule.property]).value === remembered.base[rule.field],
  );
}
