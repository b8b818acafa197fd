/** One record on its way through a sync: its sides, its plan, and what each answer of HubSpot means for it. */
import { type AppError, type ErrorKind, treatments } from "./errors.ts";
import { type FieldMap, type FieldRule, type MappedObject, readPath } from "./field-map.ts";
import type { LoopChange } from "./loop-breaker.ts";
import { planRecord, type RecordPlan, type RunDirection, sentKey } from "./plan.ts";
import { readLocal } from "./rule-values.ts";
import type { CanonicalValue, Stated } from "./value-types.ts";

/** Document A: a record whose sync failed is tried again after this. */
export const SYNC_RETRY_MS = 15 * 60_000;

// HubSpot docs, error handling: a migration asks for up to 24 hours (read 2026-04). What asks for more is looked at all the same.
const LONGEST_PARK_MS = 24 * 60 * 60_000;

/** For how long what failed is parked, in milliseconds: as long as HubSpot asked for, else document A's quarter of an hour. */
export function parkedMs({ retryAfterMs }: Pick<AppError, "retryAfterMs">): number {
  return Math.min(LONGEST_PARK_MS, retryAfterMs ?? SYNC_RETRY_MS);
}

/** A local change that a trigger recorded and no sync has settled yet; the newest of its field. */
export interface PendingChange {
  readonly id: number;
  readonly field: string;
  readonly changed_at: string;
  readonly changed_by: string;
}

/** What is known of a record here. */
export interface LocalSide {
  readonly object: MappedObject;
  readonly id: number;
  /** Its value of HubSpot's unique property: a contact's e-mail, a customer's billing account number. */
  readonly key: string;
  /** What the map's paths are read from. */
  readonly local: unknown;
  readonly changes: readonly PendingChange[];
  /** When a field's present value was stated, as far as anything but the changes tells. */
  readonly stated: (rule: FieldRule) => Stated | null;
}

/** What HubSpot holds of it, and what both sides held last. `remote` null: HubSpot has no such record. */
export interface RemoteSide {
  readonly hubspotId: string | null;
  readonly remote: Readonly<Record<string, string | null>> | null;
  readonly base: Readonly<Record<string, CanonicalValue>>;
  /** HubSpot's times by property; null until they were read. */
  readonly remoteAt: Readonly<Record<string, Stated>> | null;
  /** Where HubSpot's record came from, when it is not the one that the link names; left out when it is, or when there is no link. */
  readonly former?: FormerRecord;
  /** Fields that are frozen from now on, with their last values, oldest first; left out = none. */
  readonly loops?: ReadonlyMap<string, readonly LoopChange[]>;
}

/**
 * The HubSpot record that a local one was linked to. `merged`: it became part of another one; `replaced`: it is gone, and another one has the
 * key now, so that the base is void; `restored`: it was gone, the link with it, and HubSpot has it again.
 */
export interface FormerRecord {
  readonly hubspotId: string;
  readonly how: "merged" | "replaced" | "restored";
}

/** Both sides of a record of any kind; `L` adds what only its kind knows. */
export type Sides<L extends LocalSide = LocalSide> = L & RemoteSide;

/** A record with the plan that its sides lead to. */
export interface PlannedRecord<L extends LocalSide = LocalSide> {
  readonly sides: Sides<L>;
  readonly plan: RecordPlan;
}

/** Plans the given fields of a record. */
export function planSides(
  rules: readonly FieldRule[],
  sides: Sides,
  run: RunDirection,
): RecordPlan {
  const { local, remote, base, remoteAt, loops } = sides;
  const view = { local, remote, base, localAt: localAt(sides), remoteAt };
  return planRecord(rules, loops ? { ...view, loops } : view, run);
}

/** The later of what a trigger recorded and what the record itself tells. */
function localAt({ changes, stated }: LocalSide): (rule: FieldRule) => Stated | null {
  return (rule) => {
    const said = stated(rule);
    const change = changes.find(({ field }) => field === rule.field);
    if (!change || (said && said.at > change.changed_at)) return said;
    return { at: change.changed_at, by: change.changed_by };
  };
}

/** Whether a field now holds what was neither planned on nor agreed: an edit made meanwhile, which still has to travel. */
export function hasMovedSince(
  map: FieldMap,
  then: LocalSide,
  now: LocalSide,
  base: RemoteSide["base"],
): boolean {
  return map.rules.some((rule) => {
    const [before, after] = [readPath(then.local, rule.path), readPath(now.local, rule.path)];
    if (rule.direction === "NONE" || before === after) return false;
    const { value } = readLocal(rule, after);
    return value !== readLocal(rule, before).value && value !== base[rule.field];
  });
}

/** A base without some fields, and without what is kept beside them. */
export function withoutFields(
  base: RemoteSide["base"],
  fields: readonly string[],
): RemoteSide["base"] {
  if (fields.length === 0) return base;
  const gone = new Set(fields);
  return Object.fromEntries(
    Object.entries(base).filter(([name]) => !gone.has(name.replace(/(?<=.)@.*$/, ""))),
  );
}

/** A base after a sync, with the entries that were moved while it was under way left as they were moved. */
export function rebased(
  planned: RemoteSide["base"],
  present: RemoteSide["base"],
  result: RemoteSide["base"],
): RemoteSide["base"] {
  const names = new Set([...Object.keys(planned), ...Object.keys(present)]);
  const moved = [...names].filter((name) => planned[name] !== present[name]);
  if (moved.length === 0) return result;
  const kept = Object.entries(result).filter(([name]) => !moved.includes(name));
  const theirs = moved.flatMap((name) => {
    const value = present[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries([...kept, ...theirs]);
}

/**
 * The recorded changes that a sync has settled: both sides hold their values now, or a decision set them aside. One whose value still has to
 * travel keeps its time, whatever kept the value back.
 *
 * @param base as it is after the sync
 */
export function settledChanges(
  map: FieldMap,
  { sides, plan }: PlannedRecord,
  base: RemoteSide["base"],
): readonly PendingChange[] {
  return sides.changes.filter(({ field }) => {
    const rule = map.rules.find((one) => one.field === field);
    if (!rule) return true;
    const local = readLocal(rule, readPath(sides.local, rule.path)).value;
    if (local === undefined) return false;
    return [base[field], base[sentKey(field)]].includes(local) || isPulled(plan, field, base);
  });
}

function isPulled({ fields }: RecordPlan, field: string, base: RemoteSide["base"]): boolean {
  const decision = fields.find(({ rule }) => rule.field === field)?.decision;
  return decision?.kind === "pull" && base[field] === decision.value;
}

/**
 * How a record leaves a sync. `due_at` null: no further try until something about it changes. `again`: it is not done, and nobody's
 * failure; it goes back to the state it came from and stays due; with a `due_at` nothing was tried, because HubSpot does not answer. `soon`: it may have been
 * written, and is read again in a moment, before anybody calls it a failure. `left`: a run that only pulls did its part, and the record's state says what is
 * to come; `waits`: likewise, but only the queue says it.
 */
export type SyncEnd =
  | { readonly kind: "synced" }
  | { readonly kind: "again"; readonly due_at?: string }
  | { readonly kind: "soon"; readonly due_at: string }
  | { readonly kind: "left" }
  | { readonly kind: "waits" }
  | {
      readonly kind: "failed";
      readonly error: string;
      readonly code: string;
      readonly cause: ErrorKind;
      readonly due_at: string | null;
    };

/** The end of a record that failed. */
export type FailedEnd = Extract<SyncEnd, { kind: "failed" }>;

/** The end that a failure means: document B's table decides whether it is tried again, document A when. */
export function failedEnd(error: AppError, now: number, iso: (ms: number) => string): FailedEnd {
  const due_at = treatments[error.kind].retry ? iso(now + parkedMs(error)) : null;
  return { kind: "failed", error: error.message, code: error.code, cause: error.kind, due_at };
}

/** Whether a record is not done, through nobody's failure so far. */
export function isOpenEnd(end: SyncEnd | undefined): boolean {
  return end?.kind === "again" || end?.kind === "soon";
}

/** What writing did for one record. `adopt`: HubSpot already had it under another address; it is linked now and must be read. */
export type RecordResult =
  | {
      readonly kind: "settled";
      readonly hubspotId: string;
      readonly outcome:
        | "created"
        | "updated"
        | "pulled"
        | "linked"
        | "unchanged"
        | "conflict"
        | "blocked";
      readonly base: Readonly<Record<string, CanonicalValue>>;
      /** Why it is not wholly done although it was written; null when it is. */
      readonly failure: AppError | null;
    }
  | { readonly kind: "adopt"; readonly hubspotId: string }
  | { readonly kind: "absent" }
  | { readonly kind: "ended"; readonly end: SyncEnd };
