/** Three-way merge of one field by its direction, strategy and times. */
import type { CanonicalValue } from "./value-types.ts";

/** Document B's directions; WARP is the local side. */
export const directions = ["WARP_TO_HUBSPOT", "HUBSPOT_TO_WARP", "BIDIRECTIONAL", "NONE"] as const;
export type Direction = (typeof directions)[number];

/** Document B's conflict strategies. */
export const strategies = ["WARP_WINS", "HUBSPOT_WINS", "LATEST_WINS", "MANUAL"] as const;
export type Strategy = (typeof strategies)[number];

/** How one field flows. `clears`: an emptied value travels; otherwise it stays on the side that emptied it. */
export interface FieldPolicy {
  readonly direction: Direction;
  readonly strategy: Strategy;
  readonly clears: boolean;
}

/**
 * What is known of one field. `base` undefined: the two sides never agreed on it. `local` or `remote` undefined: that
 * side did not say, so nothing may be concluded from it. Times are ISO-8601 UTC or null when not known.
 */
export interface FieldView {
  readonly base: CanonicalValue | undefined;
  readonly local: CanonicalValue | undefined;
  readonly remote: CanonicalValue | undefined;
  readonly localAt: string | null;
  readonly remoteAt: string | null | undefined;
}

/**
 * What to do with one field. `rule` says why in a word that logs and people read. `lost` is the value an automatic
 * decision sets aside. `needs-times`: both moved, the latest wins, and HubSpot's time for the field must be read first.
 */
export type FieldDecision =
  | { readonly kind: "none"; readonly rule: string; readonly advance: boolean }
  | {
      readonly kind: "push" | "pull";
      readonly rule: string;
      readonly value: CanonicalValue;
      readonly lost?: CanonicalValue;
    }
  | { readonly kind: "conflict"; readonly rule: string }
  | { readonly kind: "needs-times"; readonly rule: string };

/**
 * The decision table: local = remote → nothing (and the base advances); only local moved → push; only remote moved →
 * pull; both moved → the strategy; no base → one-sided values fill, different ones go by the strategy. The
 * direction masks first.
 */
export function mergeField(policy: FieldPolicy, view: FieldView): FieldDecision {
  const { base, local, remote } = view;
  if (policy.direction === "NONE") return stay("not synced");
  if (local === undefined || remote === undefined) return stay("one side did not say");
  if (local === remote) return { kind: "none", rule: "equal", advance: base !== local };
  if (policy.direction !== "BIDIRECTIONAL") return oneWay(policy, view);
  if (base === undefined) return firstLink(policy, view);
  if (remote === base) return push(policy, view, "only local moved");
  if (local === base) return pull(policy, view, "only HubSpot moved");
  return bothMoved(policy, view);
}

/** Empty without a base is not emptied: nobody ever said that the other side's value should go. */
function oneWay(policy: FieldPolicy, view: FieldView): FieldDecision {
  const isOutward = policy.direction === "WARP_TO_HUBSPOT";
  const value = isOutward ? view.local : view.remote;
  if (view.base === undefined && value === null) return stay("never agreed");
  return isOutward ? push(policy, view, "one way") : pull(policy, view, "one way");
}

/** No base: an empty side is filled by the other; two different values go by the strategy, as when both moved. */
function firstLink(policy: FieldPolicy, view: FieldView): FieldDecision {
  if (view.remote === null) return push(policy, view, "fills HubSpot");
  if (view.local === null) return pull(policy, view, "fills local");
  return bothMoved(policy, view);
}

function bothMoved(policy: FieldPolicy, view: FieldView): FieldDecision {
  switch (policy.strategy) {
    case "WARP_WINS":
      return push(policy, view, "WARP_WINS", view.remote);
    case "HUBSPOT_WINS":
      return pull(policy, view, "HUBSPOT_WINS", view.local);
    case "LATEST_WINS":
      return latestWins(policy, view);
    case "MANUAL":
      return { kind: "conflict", rule: "MANUAL" };
  }
}

/** The later edit wins; a tie or a time nobody knows goes to HubSpot. */
function latestWins(policy: FieldPolicy, view: FieldView): FieldDecision {
  if (view.remoteAt === undefined) return { kind: "needs-times", rule: "LATEST_WINS" };
  const localNewer =
    view.localAt !== null && view.remoteAt !== null && view.localAt > view.remoteAt;
  return localNewer
    ? push(policy, view, "LATEST_WINS: local is newer", view.remote)
    : pull(policy, view, "LATEST_WINS: HubSpot is newer or equal", view.local);
}

function push(
  policy: FieldPolicy,
  view: FieldView,
  rule: string,
  lost?: CanonicalValue,
): FieldDecision {
  return travel("push", policy, { value: view.local ?? null, rule, lost });
}

function pull(
  policy: FieldPolicy,
  view: FieldView,
  rule: string,
  lost?: CanonicalValue,
): FieldDecision {
  return travel("pull", policy, { value: view.remote ?? null, rule, lost });
}

function travel(
  kind: "push" | "pull",
  policy: FieldPolicy,
  move: { value: CanonicalValue; rule: string; lost: CanonicalValue | undefined },
): FieldDecision {
  if (move.value === null && !policy.clears) return stay("clearing does not travel");
  const { value, rule, lost } = move;
  return lost === undefined ? { kind, rule, value } : { kind, rule, value, lost };
}

function stay(rule: string): FieldDecision {
  return { kind: "none", rule, advance: false };
}
