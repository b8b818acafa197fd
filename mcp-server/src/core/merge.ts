/** Three-way merge of one field by its direction, strategy and times. */
import { LOOP_BREAKER, type LoopNote } from "./loop-note.ts";
import { instantOf } from "./value-calendar.ts";
import type { CanonicalValue } from "./value-types.ts";

/** Document B's directions; WARP is the local side. */
export const directions = ["WARP_TO_HUBSPOT", "HUBSPOT_TO_WARP", "BIDIRECTIONAL", "NONE"] as const;
export type Direction = (typeof directions)[number];

/** Document B's conflict strategies. */
export const strategies = ["WARP_WINS", "HUBSPOT_WINS", "LATEST_WINS", "MANUAL"] as const;
export type Strategy = (typeof strategies)[number];

/** How one field flows. `clears`: an emptied value travels; otherwise it stays on the side that emptied it, and the field is blocked. */
export interface FieldPolicy {
  readonly direction: Direction;
  readonly strategy: Strategy;
  readonly clears: boolean;
}

/**
 * What is known of one field. `base` undefined: the two sides never agreed on it. `local` or `remote` undefined: that
 * side did not say, so nothing may be concluded from it. A problem says why a side's value may not be taken over by the other one; left out
 * or null: it may. Times are ISO-8601 UTC, null when not known; `remoteAt` undefined: HubSpot was not asked yet. `loop`: the field went to and fro
 * and is frozen, with what a person was told of it; null: it is frozen from now on; left out: it is not.
 */
export interface FieldView {
  readonly base: CanonicalValue | undefined;
  readonly local: CanonicalValue | undefined;
  readonly remote: CanonicalValue | undefined;
  readonly localProblem?: string | null;
  readonly remoteProblem?: string | null;
  readonly localAt: string | null;
  readonly remoteAt: string | null | undefined;
  readonly loop?: LoopNote | null;
}

/** The two ways a value can travel: to HubSpot, or from it. */
export type Way = "push" | "pull";

/**
 * What to do with one field. `rule` says why in a few words that logs and people read. `advance`: the base does not know yet that both sides
 * agree. `lost` is the value that an automatic decision sets aside: what the overwritten side held and the base does not.
 */
export type FieldDecision =
  | { readonly kind: "none"; readonly rule: string; readonly advance: boolean }
  | {
      readonly kind: Way;
      readonly rule: string;
      readonly value: CanonicalValue;
      readonly lost?: CanonicalValue;
    }
  /** A person decides. `told`: nothing of it is news, and these are the values that they were told of. */
  | { readonly kind: "conflict"; readonly rule: string; readonly told?: LoopNote }
  /** Something should travel and may not; `rule` says why and stays the same until something changes. */
  | { readonly kind: "blocked"; readonly rule: string; readonly way: Way }
  /** Both sides moved, and HubSpot's time for the field must be read before it can be decided or shown to a person. */
  | { readonly kind: "needs-times"; readonly rule: string };

/** Why a field stays that was emptied on one side and does not say that clearing travels. */
export const clearingStays = "clearing does not travel";

/**
 * The decision table: local = remote → nothing (and the base advances); only local moved → push; only remote moved →
 * pull; both moved → the strategy; no base → one-sided values fill, different ones go by the strategy. The
 * direction masks first. Whatever would travel and may not is blocked; a problem of the side that stays or gives way blocks nothing. A frozen
 * field waits for a person until both sides hold the same.
 */
export function mergeField(policy: FieldPolicy, view: FieldView): FieldDecision {
  const { base, local, remote } = view;
  if (policy.direction === "NONE") return stay("not synced");
  if (view.loop !== undefined && !isAgreed(view)) return frozen(policy, view, view.loop);
  if (remote === undefined) return stay("one side did not say");
  if (local === undefined) return unreadable(policy, view);
  if (local === remote) return { kind: "none", rule: "equal", advance: base !== local };
  if (policy.direction !== "BIDIRECTIONAL") return oneWay(policy, view);
  if (base === undefined) return firstLink(policy, view);
  if (remote === base) return push(policy, view, "only local moved");
  if (local === base) return pull(policy, view, "only HubSpot moved");
  return bothMoved(policy, view);
}

/** Both sides spoke and said the same. */
function isAgreed({ local, remote }: FieldView): boolean {
  return local !== undefined && local === remote;
}

/**
 * What a side did not say changes nothing of what a person was told. Nor does a newer value of the side that a one-way field flows from: a value
 * that moves all the time would make every decision stale before it is made. HubSpot's time is asked for with its value.
 */
function frozen(policy: FieldPolicy, view: FieldView, told: LoopNote | null): FieldDecision {
  const { local, remote, remoteAt } = view;
  const isSaid = local !== undefined && remote !== undefined;
  if (told !== null && (!isSaid || watched(policy).every((side) => told[side] === view[side])))
    return { kind: "conflict", rule: LOOP_BREAKER, told };
  const asksTime = remoteAt === undefined && told?.remote !== remote;
  return { kind: asksTime ? "needs-times" : "conflict", rule: LOOP_BREAKER };
}

/** The sides whose moves a person must know of before they decide: those that may give way. */
function watched({ direction }: FieldPolicy): readonly ("local" | "remote")[] {
  if (direction === "BIDIRECTIONAL") return ["local", "remote"];
  return direction === "HUBSPOT_TO_WARP" ? ["local"] : ["remote"];
}

/** A local value that cannot be read is not overwritten: nobody knows what would be lost. What HubSpot said meanwhile has to wait. */
function unreadable({ direction }: FieldPolicy, { base, remote }: FieldView): FieldDecision {
  const hasNews = direction !== "WARP_TO_HUBSPOT" && remote !== (base ?? null);
  return hasNews
    ? { kind: "blocked", rule: "the local value cannot be read", way: "pull" }
    : stay("one side did not say");
}

/** Empty without a base is not emptied: nobody ever said that the other side's value should go. */
function oneWay(policy: FieldPolicy, view: FieldView): FieldDecision {
  const isOutward = policy.direction === "WARP_TO_HUBSPOT";
  const [value, other] = isOutward ? [view.local, view.remote] : [view.remote, view.local];
  if (view.base === undefined && value === null) return stay("never agreed");
  const lost = other === (view.base ?? null) ? undefined : other;
  return isOutward ? push(policy, view, "one way", lost) : pull(policy, view, "one way", lost);
}

/** No base: an empty side is filled by the other; two different values go by the strategy, as when both moved. */
function firstLink(policy: FieldPolicy, view: FieldView): FieldDecision {
  if (view.remote === null) return push(policy, view, "fills HubSpot");
  if (view.local === null) return pull(policy, view, "fills local");
  return bothMoved(policy, view);
}

/** A person decides better knowing when each side changed: a conflict, too, waits until HubSpot's time is read. */
function bothMoved(policy: FieldPolicy, view: FieldView): FieldDecision {
  switch (policy.strategy) {
    case "WARP_WINS":
      return push(policy, view, "WARP_WINS", view.remote);
    case "HUBSPOT_WINS":
      return pull(policy, view, "HUBSPOT_WINS", view.local);
    case "LATEST_WINS":
      return latestWins(policy, view);
    case "MANUAL":
      return { kind: view.remoteAt === undefined ? "needs-times" : "conflict", rule: "MANUAL" };
  }
}

/**
 * The later edit wins; a tie or a time nobody knows goes to HubSpot. The two times are of two clocks, and no bound of their skew is applied:
 * whichever wins, the other value is kept as lost.
 */
function latestWins(policy: FieldPolicy, view: FieldView): FieldDecision {
  if (view.remoteAt === undefined) return { kind: "needs-times", rule: "LATEST_WINS" };
  return isLater(view.localAt, view.remoteAt)
    ? push(policy, view, "LATEST_WINS: local is newer", view.remote)
    : pull(policy, view, "LATEST_WINS: HubSpot is newer or equal", view.local);
}

/** Compared as instants, not as text: one side writes milliseconds, the other may leave them out. False when either is not known. */
function isLater(at: string | null, than: string | null): boolean {
  return epochMs(at) > epochMs(than);
}

function epochMs(at: string | null): number {
  return Number((at === null ? undefined : instantOf(at)) ?? Number.NaN);
}

function push(
  policy: FieldPolicy,
  view: FieldView,
  rule: string,
  lost?: CanonicalValue,
): FieldDecision {
  const { local = null, localProblem = null } = view;
  return travel("push", policy, { value: local, problem: localProblem, rule, lost });
}

function pull(
  policy: FieldPolicy,
  view: FieldView,
  rule: string,
  lost?: CanonicalValue,
): FieldDecision {
  const { remote = null, remoteProblem = null } = view;
  return travel("pull", policy, { value: remote, problem: remoteProblem, rule, lost });
}

interface Move {
  readonly value: CanonicalValue;
  readonly problem: string | null;
  readonly rule: string;
  readonly lost: CanonicalValue | undefined;
}

function travel(way: Way, policy: FieldPolicy, move: Move): FieldDecision {
  const { value, rule, lost } = move;
  const why = value === null && !policy.clears ? clearingStays : move.problem;
  if (why !== null) return { kind: "blocked", rule: why, way };
  return lost === undefined ? { kind: way, rule, value } : { kind: way, rule, value, lost };
}

function stay(rule: string): FieldDecision {
  return { kind: "none", rule, advance: false };
}
