/** Fields that go to and fro: counts how often a write of ours undid the other side's, and tells when that is a loop. */
import type { FieldDecision, Way } from "./merge.ts";
import type { PlannedField } from "./plan.ts";
import type { LogLine } from "./sync-log-rows.ts";
import { shortened } from "./text.ts";
import type { CanonicalValue } from "./value-types.ts";

/** How far back flips count, in milliseconds. */
export const LOOP_WINDOW_MS = 60 * 60_000;

/** One field's part of a logged deed that was done; `at` is when, ISO-8601 UTC. */
export interface LoggedMove {
  readonly action: string;
  readonly at: string;
  readonly line: LogLine;
}

/**
 * One value of a field's history. `at`: when the sync carried it to the other side, or (at the end) would have; of a value that gave way when it was
 * set, as far as that is known. `by` null = not known.
 */
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
  const local = { at: line.local_at ?? null, by: line.local_by ?? null };
  const hubspot = { at: line.hubspot_at ?? null, by: null };
  const lost = "lost" in line ? { value: line.lost ?? null } : null;
  return told(way, { at, value: line.after, lost }, { local, hubspot });
}

/** What was about to be written, and what would have given way. */
function presentOf(planned: PlannedField, now: string): readonly LoopChange[] {
  const { decision, local, remote, localAt, remoteAt } = planned;
  const way = decision.kind === "push" ? "push" : "pull";
  const [value, other] = way === "push" ? [local, remote] : [remote, local];
  const lost = "lost" in decision ? { value: other } : null;
  const unknown = { at: null, by: null };
  const said = { local: localAt ?? unknown, hubspot: remoteAt ?? unknown };
  return told(way, { at: now, value, lost }, said);
}

interface Carried {
  readonly at: string;
  readonly value: CanonicalValue;
  readonly lost: { readonly value: CanonicalValue } | null;
}

type Said = { readonly at: string | null; readonly by: string | null };

function told(
  way: Way,
  { at, value, lost }: Carried,
  said: Readonly<Record<LoopChange["side"], Said>>,
): readonly LoopChange[] {
  const [side, other] =
    way === "push" ? (["local", "hubspot"] as const) : (["hubspot", "local"] as const);
  const winner = { at, side, value: brief(value), by: said[side].by };
  if (lost === null) return [winner];
  const loser = { side: other, value: brief(lost.value), by: said[other].by };
  return [{ at: said[other].at ?? at, ...loser }, winner];
}

function brief(value: CanonicalValue): CanonicalValue {
  return value === null ? null : shortened(value, MAX_VALUE);
}
