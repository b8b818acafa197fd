/** What a preview promises of a record, as a fingerprint that moves with anything that would be written for it. */
import { digest } from "./digest.ts";
import type { PlannedRecord } from "./sync-record.ts";

/** How long a previewed plan can be carried out, in milliseconds. */
export const PLAN_TTL_MS = 15 * 60_000;

/** What would become of a record. */
export function verdictOf({
  sides,
  plan,
}: PlannedRecord): "create" | "update" | "pull" | "conflict" | "blocked" | "link" | "stay" {
  const has = (kind: string): boolean => plan.fields.some(({ decision }) => decision.kind === kind);
  if (Object.keys(plan.push).length > 0) return sides.hubspotId === null ? "create" : "update";
  if (Object.keys(plan.pull).length > 0) return "pull";
  if (has("conflict")) return "conflict";
  if (has("blocked")) return "blocked";
  return sides.hubspotId !== null && Object.keys(sides.base).length === 0 ? "link" : "stay";
}

/**
 * The fingerprint of a record's plan; null when nothing would be written for it anywhere. It ends in one of what is left to do once HubSpot
 * has been told.
 */
export function planDigest(item: PlannedRecord): string | null {
  const verdict = verdictOf(item);
  if (verdict === "stay") return null;
  const { sides, plan } = item;
  const whole = digest(JSON.stringify([verdict, sides.hubspotId, plan.push, remainderOf(item)]));
  return `${whole}.${digest(JSON.stringify(remainderOf(item)))}`;
}

/**
 * Whether a record would be treated as was promised, or only in the part of it that is still to do: a crash may have kept us from noting what
 * HubSpot had taken already.
 */
export function keepsPromise(promised: string | undefined, item: PlannedRecord): boolean {
  const verdict = verdictOf(item);
  if (verdict === "stay" || verdict === "link") return true;
  const present = planDigest(item);
  if (promised === present) return true;
  const isTold = Object.keys(item.plan.push).length === 0;
  return isTold && promised !== undefined && partOf(promised) === partOf(present ?? "");
}

function partOf(fingerprint: string): string {
  return fingerprint.slice(fingerprint.indexOf(".") + 1);
}

/** What happens on this side: values taken over, conflicts opened, fields told of as blocked. */
function remainderOf({ plan }: PlannedRecord): readonly unknown[] {
  const open = plan.fields
    .filter(({ decision }) => decision.kind === "conflict" || decision.kind === "blocked")
    .map(({ rule, local, remote }) => [rule.field, local, remote]);
  return [plan.pull, open];
}
