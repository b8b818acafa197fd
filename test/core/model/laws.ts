/** What must hold of every plan that is made in the model's world. */
import assert from "node:assert/strict";
import type { PlannedField, RecordPlan, RunDirection } from "../../../mcp-server/src/core/plan.ts";
import { sentKey } from "../../../mcp-server/src/core/plan.ts";
import { readLocal, readRemote } from "../../../mcp-server/src/core/rule-values.ts";
import type { ModelRule } from "./samples.ts";
import {
  heldBy,
  hubspotForm,
  isShown,
  isVisible,
  plannedOf,
  planOf,
  type Side,
  trackOf,
  type World,
} from "./world.ts";

/** Checks a plan against everything that the onlooker knows, before it is carried out. */
export function checkPlan(world: World, plan: RecordPlan, run: RunDirection): void {
  assert.deepEqual(planOf(world, run), plan, "the same view gives the same plan");
  const moving = (kind: string) => plan.fields.filter(({ decision }) => decision.kind === kind);
  assert.deepEqual(moving("needs-times"), [], "with HubSpot's times everything is decided");
  assert.deepEqual(
    Object.keys(plan.push),
    moving("push").map(({ rule }) => rule.property),
    "a push holds the planned properties and no other",
  );
  assert.deepEqual(
    Object.keys(plan.pull),
    moving("pull").map(({ rule }) => rule.field),
  );
  for (const rule of world.rules) {
    const planned = plannedOf(plan, rule);
    if (planned) checkField(world, { rule, planned, plan, run });
    else checkSilence(world, { rule, plan, run });
    checkBase(world, rule, plan);
  }
}

interface Looked {
  readonly rule: ModelRule;
  readonly planned: PlannedField;
  readonly plan: RecordPlan;
  readonly run: RunDirection;
}

function checkField(world: World, looked: Looked): void {
  const { rule, planned, plan, run } = looked;
  const { decision } = planned;
  assert.notEqual(rule.direction, "NONE", "a field that is not synced is left alone");
  if (decision.kind === "conflict") checkConflict(world, rule);
  if (decision.kind === "blocked") checkBlock(world, rule, decision);
  if (decision.kind !== "push" && decision.kind !== "pull") return;
  const [from, over] =
    decision.kind === "push" ? (["local", "remote"] as const) : (["remote", "local"] as const);
  assert.ok(isVisible(world, rule), "a side that did not say is neither read nor overwritten");
  assert.notEqual(run, decision.kind === "push" ? "pull" : "push", "the run's direction holds");
  assert.notEqual(rule.direction, from === "local" ? "HUBSPOT_TO_WARP" : "WARP_TO_HUBSPOT");
  assert.equal(decision.value, heldBy(world, rule, from), "a value that travels is the side's own");
  assert.notEqual(heldBy(world, rule, over), decision.value, "what is equal is not written");
  if (decision.value === null) checkClearing(world, rule);
  const sent = plan.push[rule.property];
  const told = sent === undefined ? decision.value : readRemote(rule, sent).value;
  assert.equal(told, decision.value, "what HubSpot is sent says the same value");
  assert.equal(problemOf(world, rule, from), null, "a value with a problem stays where it is");
  checkLoser(world, looked, over);
  checkStrategy(world, rule, from);
}

/** Empty is not emptied: a value goes only where the field lets clearing travel, and never before the sides agreed on one. */
function checkClearing(world: World, rule: ModelRule): void {
  const { agreed, decided } = trackOf(world, rule);
  assert.ok(rule.clears, "clearing travels where the field lets it");
  assert.ok(agreed !== null || decided !== null, "nothing is emptied that was never agreed on");
}

/** No lost update: what an edit wrote and nobody has seen is kept when it is overwritten. */
function checkLoser(world: World, { rule, planned }: Looked, over: Side): void {
  const { pending } = trackOf(world, rule);
  const { decision } = planned;
  const lost = "lost" in decision ? decision.lost : undefined;
  const overwritten = heldBy(world, rule, over);
  if (over in pending) {
    const isFill = planned.rule.direction === "BIDIRECTIONAL" && overwritten === null;
    const isFirst = trackOf(world, rule).agreed === null && isFill;
    assert.ok(isFirst || lost === pending[over], "the edit that gives way is kept");
  }
  if (lost !== undefined) assert.equal(lost, overwritten, "what is kept is what was overwritten");
}

/** Where both sides hold edits, the strategy decides, and nothing else. */
function checkStrategy(world: World, rule: ModelRule, from: Side): void {
  const { pending, agreed, isAnswerLost } = trackOf(world, rule);
  const bothMoved = "local" in pending && "remote" in pending && agreed !== null;
  if (!bothMoved || isAnswerLost || rule.direction !== "BIDIRECTIONAL") return;
  // A person's decision about one side's edit leaves only the other one to travel.
  if (trackOf(world, rule).decided !== null) return;
  if (rule.strategy === "WARP_WINS") assert.equal(from, "local");
  if (rule.strategy === "HUBSPOT_WINS") assert.equal(from, "remote");
  if (rule.strategy === "LATEST_WINS") assert.equal(from, laterSide(world, rule));
  assert.notEqual(rule.strategy, "MANUAL", "a person decides");
}

function laterSide(world: World, rule: ModelRule): Side {
  const local = world.times.local.get(rule.field)?.at;
  const remote = world.times.remote.get(rule.property)?.at;
  return local !== undefined && remote !== undefined && local > remote ? "local" : "remote";
}

function checkConflict(world: World, rule: ModelRule): void {
  const { agreed, decided, isAnswerLost } = trackOf(world, rule);
  const [local, remote] = [heldBy(world, rule, "local"), heldBy(world, rule, "remote")];
  assert.equal(rule.direction, "BIDIRECTIONAL", "one way cannot be in conflict");
  assert.equal(rule.strategy, "MANUAL", "every other strategy decides by itself");
  assert.notEqual(local, remote, "agreement is never a conflict");
  if (agreed === null || decided !== null || isAnswerLost) return;
  assert.notEqual(local, agreed.local, "a side that has not moved is in no conflict");
  assert.notEqual(remote, agreed.remote, "a side that has not moved is in no conflict");
}

function checkBlock(
  world: World,
  rule: ModelRule,
  { way, rule: why }: { readonly way: "push" | "pull"; readonly rule: string },
): void {
  const from = way === "push" ? "local" : "remote";
  if (!isVisible(world, rule)) {
    assert.equal(way, "pull", "a local value that cannot be read only keeps HubSpot's waiting");
    assert.match(why, /cannot be read/);
    return;
  }
  const isClearing = heldBy(world, rule, from) === null && !rule.clears;
  assert.equal(why, isClearing ? "clearing does not travel" : problemOf(world, rule, from));
}

/** Why a side's value may not travel, as the sync reads it; null when it may. */
export function problemOf(world: World, rule: ModelRule, side: Side): string | null {
  return side === "local"
    ? readLocal(rule, world.columns.get(rule.field)).problem
    : readRemote(rule, world.remote?.[rule.property] ?? null).problem;
}

/** A field that a plan does not list is equal, held back by the run or its direction, or one that a side does not tell about. */
function checkSilence(
  world: World,
  { rule, plan, run }: { rule: ModelRule; plan: RecordPlan; run: RunDirection },
): void {
  const [local, remote] = [heldBy(world, rule, "local"), heldBy(world, rule, "remote")];
  if (rule.direction === "NONE" || local === remote) return;
  const base = world.base[rule.field];
  if (!isVisible(world, rule)) {
    const hasNews = rule.direction !== "WARP_TO_HUBSPOT" && remote !== (base ?? null);
    assert.ok(!hasNews || !isShown(world, rule), "what HubSpot says is never passed over");
    return;
  }
  const from = rule.direction === "WARP_TO_HUBSPOT" ? local : remote;
  const isUnborn = rule.direction !== "BIDIRECTIONAL" && base === undefined && from === null;
  const isHeldBack = run !== "both" && plannedOf(planOf(world, "both"), rule) !== undefined;
  const isVoid = world.remote === null && rule.direction === "HUBSPOT_TO_WARP";
  assert.ok(
    isStoredForm(world, rule) || isUnborn || isHeldBack || isVoid,
    "a difference is never passed over",
  );
  assert.ok(!(rule.field in plan.base), "the base advances on agreement alone");
}

/** Whether HubSpot holds the local value in its own form, and the sync remembers both. */
function isStoredForm(world: World, rule: ModelRule): boolean {
  const [local, remote] = [heldBy(world, rule, "local"), heldBy(world, rule, "remote")];
  const isRemembered =
    world.base[rule.field] === remote && world.base[sentKey(rule.field)] === local;
  return isRemembered && hubspotForm(rule, local) === remote;
}

function checkBase(world: World, rule: ModelRule, plan: RecordPlan): void {
  const advanced = plan.base[rule.field];
  if (advanced === undefined) return;
  assert.ok(isVisible(world, rule) && rule.direction !== "NONE");
  assert.equal(advanced, heldBy(world, rule, "local"), "a base is what both sides hold");
  assert.equal(advanced, heldBy(world, rule, "remote"), "a base is what both sides hold");
}

/** Checks what is remembered after a sync: every base is a value that HubSpot held, and that the local side held in that or its own form. */
export function checkMemory(world: World): void {
  for (const rule of world.rules) {
    const { held, decided } = trackOf(world, rule);
    const base = world.base[rule.field];
    if (base === undefined || decided !== null) continue;
    const sent = world.base[sentKey(rule.field)] ?? null;
    const isOurs =
      held.local.has(base) || (held.local.has(sent) && hubspotForm(rule, sent) === base);
    assert.ok(held.remote.has(base), "a base is a value that HubSpot really held");
    assert.ok(isOurs, "a base is a value that the local side really held");
  }
}

/** Checks that both sides are equal wherever nothing waits for a person or for a mend. */
export function checkConvergence(world: World): void {
  const plan = planOf(world, "both");
  assert.deepEqual([plan.push, plan.pull, plan.base], [{}, {}, {}], "two rounds settle everything");
  for (const rule of world.rules) {
    if (plannedOf(plan, rule) || rule.direction === "NONE") continue;
    const [local, remote] = [heldBy(world, rule, "local"), heldBy(world, rule, "remote")];
    const base = world.base[rule.field];
    const from = rule.direction === "WARP_TO_HUBSPOT" ? local : remote;
    if (rule.direction !== "BIDIRECTIONAL" && base === undefined && from === null) continue;
    assert.ok(
      isStoredForm(world, rule) || (local === remote && base === local),
      "local = HubSpot = base",
    );
  }
}

/** Checks that k edits, decisions and faults cause at most k writes to each side. */
export function checkWrites(world: World): void {
  for (const rule of world.rules) {
    const { causes, writes } = trackOf(world, rule);
    assert.ok(writes.remote <= causes, `${writes.remote} writes to HubSpot for ${causes} causes`);
    assert.ok(writes.local <= causes, `${writes.local} local writes for ${causes} causes`);
  }
}
