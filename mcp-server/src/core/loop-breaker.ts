/** Fields that go to and fro: counts how often a write of ours undid the other side's, and tells when that is a loop. */
import type { FieldDecision, Way } from "./merge.ts";
import type { PlannedField } from "./plan.ts";
import type { LogLine } from "./sync-log-rows.ts";
import type { CanonicalValue } from "./value-types.ts";

/** How far back flips count, in milliseconds. */
export const LOOP_WINDOW_MS = 60 * 60_000;

/** One field's part of a logged deed that was done; `at` is when, ISO-8601 UTC. */
export interface LoggedMove {
  readonly action: string;
  readonly at: string;
  readonly line: LogLine;
}

/** One value of a field's history. `at`: when it was set there as far as the log knows, else when the sync met it; `by` null = not known. */
export interface LoopChange {
  readonly at: string;
  readonly side: "local" | "hubspot";
  readonly value: CanonicalValue;
  readonly by: string | null;
}

/** A write of one field: which way it went, and whether it set aside what the other side had written. */
interface Move {
  readonly way: Way;
  readonly isUndoing: boolean;
}

/**
 * Whether a planned write may be one of many that undo each other. Values that only one side moves never are, however often it does; nor is
 * the first agreement.
 */
export function mayFlip(
  { rule, decision }: PlannedField,
  base: Readonly<Record<string, CanonicalValue>>,
): boolean {
  if (decision.kind !== "push" && decision.kind !== "pull") return false;
  const isTwoWay = rule.direction === "BIDIRECTIONAL";
  return Object.hasOwn(base, rule.field) && (isTwoWay || "lost" in decision);
}

/**
 * Whether a planned write would be one flip too many. A flip is a write that sets the other side's new value aside, or that goes the other way
 * than the write before it. What a person decided ends the count: their decision is carried out like any other.
 *
 * @param logged the field's moves within the window, oldest first
 * @param limit flips that may happen within the window; 0 = any number
 */
export function isLoop(
  decision: FieldDecision,
  logged: readonly LoggedMove[],
  limit: number,
): boolean {
  if (limit === 0 || (decision.kind !== "push" && decision.kind !== "pull")) return false;
  const next: Move = { way: decision.kind, isUndoing: "lost" in decision };
  const moves = sinceDecision(logged).flatMap(moveOf);
  return isFlip(next, moves.at(-1)) && countFlips(moves) >= limit;
}

function countFlips(moves: readonly Move[]): number {
  return moves.filter((move, index) => isFlip(move, moves[index - 1])).length;
}

function isFlip(move: Move, before: Move | undefined): boolean {
  return move.isUndoing || (before !== undefined && before.way !== move.way);
}

function sinceDecision(logged: readonly LoggedMove[]): readonly LoggedMove[] {
  return logged.slice(logged.findLastIndex(({ action }) => action === "resolve") + 1);
}

function moveOf(logged: LoggedMove): readonly Move[] {
  const way = wayOf(logged);
  return way === null ? [] : [{ way, isUndoing: "lost" in logged.line }];
}

function wayOf({ action }: LoggedMove): Way | null {
  if (action === "pull") return "pull";
  return action === "update" || action === "create" ? "push" : null;
}

// Enough to see who fights whom; a person reads it, and a conflict is a row of a table.
const MAX_CHANGES = 10;
const MAX_VALUE = 500;

/** The last values of a field on both sides, oldest first, the present ones at the end. */
export function loopHistory(
  planned: PlannedField,
  logged: readonly LoggedMove[],
  now: string,
): readonly LoopChange[] {
  const changes = sinceDecision(logged).flatMap(changesOf);
  return [...changes, ...presentOf(planned, now)].slice(-MAX_CHANGES);
}

function changesOf(logged: LoggedMove): readonly LoopChange[] {
  const way = wayOf(logged);
  if (way === null) return [];
  const { at, line } = logged;
  const local = { side: "local", at: line.local_at ?? at, by: line.local_by ?? null } as const;
  const hubspot = { side: "hubspot", at: line.hubspot_at ?? at, by: null } as const;
  const [winner, loser] = way === "push" ? [local, hubspot] : [hubspot, local];
  return "lost" in line
    ? [changeOf(loser, line.lost ?? null), changeOf(winner, line.after)]
    : [changeOf(winner, line.after)];
}

/** What was about to be written, and what would have given way. */
function presentOf(planned: PlannedField, now: string): readonly LoopChange[] {
  const { decision, local, remote, localAt, remoteAt } = planned;
  const here = { side: "local", at: localAt?.at ?? now, by: localAt?.by ?? null } as const;
  const there = { side: "hubspot", at: remoteAt?.at ?? now, by: remoteAt?.by ?? null } as const;
  const [ours, theirs] = [changeOf(here, local), changeOf(there, remote)];
  const isUndoing = "lost" in decision;
  if (decision.kind === "push") return isUndoing ? [theirs, ours] : [ours];
  return isUndoing ? [ours, theirs] : [theirs];
}

function changeOf(said: Omit<LoopChange, "value">, value: CanonicalValue): LoopChange {
  if (value === null || value.length <= MAX_VALUE) return { ...said, value };
  // A cut may not leave half of a character behind.
  return { ...said, value: `${value.slice(0, MAX_VALUE).replace(/[\uD800-\uDBFF]$/, "")}…` };
}
