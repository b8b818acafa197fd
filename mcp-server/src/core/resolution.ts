/** Resolving a conflict by moving the base, so that the next plan carries the decision out by the rules it has anyway. */
import { asWritten } from "./canonical.ts";
import type { FieldRule } from "./field-map.ts";
import { clearingStays } from "./merge.ts";
import { readLocal } from "./rule-values.ts";
import type { CanonicalValue } from "./value-types.ts";

/** The three values of a conflict as the sync found them, canonical in the local side's form. */
export interface ConflictValues {
  readonly base: CanonicalValue;
  readonly local: CanonicalValue;
  readonly hubspot: CanonicalValue;
  /** `loop`: the field went to and fro; left out: both sides moved. */
  readonly reason?: "both_changed" | "loop";
  /** Why the local value cannot travel as the record holds it, where its canonical text alone does not tell; left out or null: it can. */
  readonly localProblem?: string | null;
}

/** What a person decided. */
export type Choice =
  | { readonly resolution: "keep_local" | "keep_hubspot" }
  | { readonly resolution: "set"; readonly value: string | null };

/**
 * `base`: the field's new base. `write`, where it is given: the value that the local record gets as well, only while it still holds the
 * conflict's local value. `problem`: why the choice cannot be carried out, with the mend; nothing is to be changed.
 */
export type Resolution =
  | { readonly base: CanonicalValue; readonly write?: CanonicalValue }
  | { readonly problem: string };

/**
 * What a choice means for the base.
 *
 * - keep_local: the base becomes HubSpot's value. Only local has moved from it, so the next plan pushes what local holds then.
 * - keep_hubspot: the base becomes the local value. Only HubSpot has moved from it, so the next plan pulls what HubSpot holds then.
 * - set: the value is written locally and the base becomes HubSpot's value, so the next plan pushes it; HubSpot's own value is agreement.
 *
 * An edit that comes before that plan is never overwritten unseen: on the side that gives way both sides have moved again, which reopens the
 * conflict; on the side that was kept the newer value travels instead.
 */
export function resolveField(
  rule: FieldRule,
  conflict: ConflictValues,
  choice: Choice,
): Resolution {
  if (rule.direction !== "BIDIRECTIONAL") return resolveOneWay(rule, conflict, choice);
  return resolveTwoWay(rule, conflict, choice);
}

function resolveTwoWay(rule: FieldRule, conflict: ConflictValues, choice: Choice): Resolution {
  const { local, hubspot, localProblem = null } = conflict;
  switch (choice.resolution) {
    case "keep_local":
      return (
        refusal(rule, { whose: "the local value", value: local, over: hubspot, localProblem }) ?? {
          base: hubspot,
        }
      );
    case "keep_hubspot":
      return (
        refusal(rule, { whose: "HubSpot's value", value: hubspot, over: local }) ?? { base: local }
      );
    case "set":
      return setValue(rule, hubspot, choice.value);
  }
}

/**
 * A one-way field waits for a person only when it went to and fro. It stays one-way: what shall hold on both sides begins on the side that it flows
 * from. Keeping HubSpot's value of a field that flows to HubSpot writes it locally, as a person may; nothing is written to HubSpot of one that
 * flows from there.
 */
function resolveOneWay(rule: FieldRule, conflict: ConflictValues, choice: Choice): Resolution {
  const { field, direction } = rule;
  if (conflict.reason !== "loop" || direction === "NONE")
    return { problem: `${field} flows one way now (${direction}); sync the record again` };
  const isOutward = direction === "WARP_TO_HUBSPOT";
  if (!isOutward && choice.resolution !== "keep_hubspot")
    return { problem: `${field} only flows from HubSpot; change its value there, or keep_hubspot` };
  if (!isOutward || choice.resolution !== "keep_hubspot")
    return resolveTwoWay(rule, conflict, choice);
  return setValue(rule, conflict.hubspot, conflict.hubspot);
}

/**
 * Whether a decision stays true while the local value moves: of a field that went to and fro, and that only flows to HubSpot, this side is kept
 * with whatever it holds by then. A value that moves all the time could not be decided otherwise.
 */
export function holdsWhileLocalMoves(
  { direction }: FieldRule,
  { reason }: Pick<ConflictValues, "reason">,
  { resolution }: Choice,
): boolean {
  return reason === "loop" && direction === "WARP_TO_HUBSPOT" && resolution === "keep_local";
}

/** The base once a field's was moved. What was sent of it earlier, and all else that is kept beside it, belongs to the base that it had. */
export function movedBase(
  base: Readonly<Record<string, CanonicalValue>>,
  field: string,
  value: CanonicalValue,
): Readonly<Record<string, CanonicalValue>> {
  const others = Object.entries(base).filter(
    ([key]) => key !== field && !key.startsWith(`${field}@`),
  );
  return Object.fromEntries([...others, [field, value]]);
}

function setValue(rule: FieldRule, hubspot: CanonicalValue, given: string | null): Resolution {
  const { value = null } = readLocal(rule, given);
  const refused = refusal(rule, { whose: "the value", value, over: hubspot });
  // An address is kept as it was written; its canonical form only serves to compare.
  return refused ?? { base: hubspot, write: rule.type === "url" ? asWritten(given) : value };
}

/** A choice that the next plan would block is refused at once, when the person can still choose otherwise. */
function refusal(
  rule: FieldRule,
  kept: {
    readonly whose: string;
    readonly value: CanonicalValue;
    readonly over: CanonicalValue;
    readonly localProblem?: string | null;
  },
): { readonly problem: string } | null {
  const { whose, value, over } = kept;
  if (value === over) return null;
  if (value === null && !rule.clears) {
    return {
      problem: `${whose} is empty, and ${clearingStays} in ${rule.field}; choose another value or set propagate_clear in the field map`,
    };
  }
  const problem = kept.localProblem ?? readLocal(rule, value).problem;
  return problem === null
    ? null
    : { problem: `${whose} cannot be kept in ${rule.field}: ${problem}` };
}
