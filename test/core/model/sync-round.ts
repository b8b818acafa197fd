/** One sync of the model's record: read, plan, check, carry out, remember; with the faults that the planner must survive. */
import type { RecordPlan, RunDirection } from "../../../mcp-server/src/core/plan.ts";
import { acknowledgedBase, sentKey } from "../../../mcp-server/src/core/plan.ts";
import type { CanonicalValue } from "../../../mcp-server/src/core/value-types.ts";
import { checkMemory, checkPlan } from "./laws.ts";
import type { ModelRule } from "./samples.ts";
import {
  carryOutPull,
  carryOutPush,
  heldBy,
  isNews,
  isVisible,
  plannedOf,
  planOf,
  type Side,
  trackOf,
  type World,
} from "./world.ts";

/**
 * `stopped`: the process dies before anything is written. `refused`: HubSpot refuses the whole record. `unanswered`: HubSpot carried the push
 * out, and nobody hears of it.
 */
export const faults = ["stopped", "refused", "unanswered"] as const;
export type Fault = "none" | (typeof faults)[number];

interface Round {
  readonly run: RunDirection;
  readonly fault: Fault;
}

/** What the sync read of each field before it wrote anything. */
interface SeenField extends Readonly<Record<Side, CanonicalValue>> {
  readonly wasVisible: boolean;
}
type Seen = ReadonlyMap<string, SeenField>;

/** Syncs the record once. @param meanwhile what happens locally between the plan and its effect */
export function sync(
  world: World,
  { run, fault }: Round,
  meanwhile: (plan: RecordPlan) => void,
): void {
  const plan = planOf(world, run);
  checkPlan(world, plan, run);
  const seen: Seen = new Map(
    world.rules.map((rule) => [
      rule.field,
      {
        local: heldBy(world, rule, "local"),
        remote: heldBy(world, rule, "remote"),
        wasVisible: isVisible(world, rule),
      },
    ]),
  );
  const isCreate = world.remote === null;
  if (fault === "stopped" || (isCreate && run === "pull")) return;
  const isSent = isCreate || Object.keys(plan.push).length > 0;
  const isRefused = fault === "refused" && isSent;
  if (isSent && !isRefused) {
    carryOutPush(world, plan.push);
    noteOverwritten(world, plan);
  }
  if (fault !== "none") for (const { rule } of plan.fields) trackOf(world, rule).causes += 1;
  meanwhile(plan);
  if (fault === "unanswered" && isSent) noteUnanswered(world, plan);
  else if (!(isRefused && isCreate)) settle(world, plan, { seen, isAnswered: !isRefused });
}

/** The log names the loser before the request is sent: from then on the edit is accounted for. */
function noteOverwritten(world: World, plan: RecordPlan): void {
  for (const { rule, decision } of plan.fields) {
    if (decision.kind === "push") delete trackOf(world, rule).pending.remote;
  }
}

function noteUnanswered(world: World, plan: RecordPlan): void {
  for (const { rule, decision } of plan.fields) {
    if (decision.kind === "push") trackOf(world, rule).isAnswerLost = true;
  }
}

interface Settling {
  readonly seen: Seen;
  readonly isAnswered: boolean;
}

function settle(world: World, plan: RecordPlan, { seen, isAnswered }: Settling): void {
  const returned = isAnswered ? (world.remote ?? {}) : {};
  world.base = { ...world.base, ...acknowledgedBase(plan, returned) };
  for (const rule of world.rules) {
    const before = seen.get(rule.field);
    if (before) settleField(world, rule, { plan, before, isAnswered });
  }
  checkMemory(world);
}

interface FieldSettling {
  readonly plan: RecordPlan;
  readonly before: SeenField;
  readonly isAnswered: boolean;
}

function settleField(
  world: World,
  rule: ModelRule,
  { plan, before, isAnswered }: FieldSettling,
): void {
  const decision = plannedOf(plan, rule)?.decision;
  if (decision?.kind === "conflict") openConflict(world, rule, before);
  else if (decision?.kind === "pull") settlePull(world, rule, plan);
  else if (decision?.kind === "push" ? isAnswered : !decision && agree(world, rule, before)) {
    noteAgreement(world, rule, before.local);
  }
}

function settlePull(world: World, rule: ModelRule, plan: RecordPlan): void {
  carryOutPull(world, rule, plan.pull[rule.field] ?? null);
  delete trackOf(world, rule).pending.local;
  noteAgreement(world, rule, heldBy(world, rule, "local"));
}

function agree(world: World, rule: ModelRule, before: SeenField): boolean {
  if (rule.direction === "NONE" || !before.wasVisible) return false;
  // Nothing is kept as sent where HubSpot stores what it is sent: an emptied value is no form of anything.
  const sent = world.base[sentKey(rule.field)] ?? null;
  const isForm = world.base[rule.field] === before.remote && sent !== null && sent === before.local;
  return before.local === before.remote || isForm;
}

/** @param local the value that HubSpot has now in its own form; an edit that came meanwhile is another one */
function noteAgreement(world: World, rule: ModelRule, local: CanonicalValue): void {
  const track = trackOf(world, rule);
  track.agreed = { local, remote: heldBy(world, rule, "remote") };
  track.decided = null;
  track.isAnswerLost = false;
  delete track.pending.remote;
  if (!isNews(world, rule, "local")) delete track.pending.local;
  world.conflicts.delete(rule.field);
}

function openConflict(world: World, rule: ModelRule, before: SeenField): void {
  world.conflicts.set(rule.field, {
    base: world.base[rule.field] ?? null,
    local: before.local,
    hubspot: before.remote,
  });
}
