/** What becomes of a record that HubSpot deleted or merged: by policy, unless it was edited here, which a person decides. */
import { digest } from "./digest.ts";
import { type FieldRule, readPath } from "./field-map.ts";
import { sentKey } from "./plan.ts";
import { readLocal } from "./rule-values.ts";
import type { LocalSide, RemoteSide } from "./sync-record.ts";
import { mayCreate, type StoneFacts } from "./tombstone.ts";
import type { CanonicalValue } from "./value-types.ts";

/** What to do here with a record that people deleted in HubSpot. `keep`: mark it; `unlink`: forget HubSpot's id; `delete`: delete it here too. */
export const deletionPolicies = ["keep", "unlink", "delete"] as const;
export type DeletionPolicy = (typeof deletionPolicies)[number];

/** The policy per kind of record. */
export interface DeletionPolicies {
  readonly contacts: DeletionPolicy;
  readonly customers: DeletionPolicy;
}

export const keepAll: DeletionPolicies = { contacts: "keep", customers: "keep" };

// Enough to recognise a value by; what differs beyond it is told by the fingerprint.
const SHOWN_CHARS = 80;

/** The local side of such a conflict: the fields that would have to travel, with their values; any other value makes another text. */
export function editedHere(values: FieldValues): string {
  const names = Object.keys(values).sort();
  if (names.length === 0) return "no longer edited here";
  return `edited here: ${names.map((name) => `${name} = ${shown(values[name] ?? null)}`).join(", ")}`;
}

function shown(value: CanonicalValue): string {
  if (value === null) return "empty";
  if (value.length <= SHOWN_CHARS) return JSON.stringify(value);
  return `${JSON.stringify(`${value.slice(0, SHOWN_CHARS)}…`)} (${digest(value)})`;
}

/** Canonical values by field. */
export type FieldValues = Readonly<Record<string, CanonicalValue>>;

/**
 * The fields whose local value HubSpot never got, with that value: what a plan would send if HubSpot still held what it held after the last sync.
 * What may not travel (blocked, one-way, unreadable) is no reason to keep a record from ending.
 */
export function unsentValues(
  rules: readonly FieldRule[],
  { local, base }: Pick<LocalSide & RemoteSide, "local" | "base">,
): FieldValues {
  const known = (name: string) => (Object.hasOwn(base, name) ? (base[name] ?? null) : null);
  const unsent = rules.filter(isOutgoing).flatMap((rule) => {
    const { value, problem } = readLocal(rule, readPath(local, rule.path));
    if (value === undefined || problem !== null || value === known(rule.field)) return [];
    const isUnsent = value === null ? rule.clears : value !== known(sentKey(rule.field));
    return isUnsent ? [[rule.field, value] as const] : [];
  });
  return Object.fromEntries(unsent);
}

/**
 * The fields that somebody edited since the record lost its link, with their values; there is no base any more to compare with. What
 * enrichment worked out is nobody's edit.
 */
export function editedValues(
  rules: readonly FieldRule[],
  { local, changes }: Pick<LocalSide, "local" | "changes">,
): FieldValues {
  const edited = new Set(
    changes.filter(({ changed_by }) => changed_by !== "enrich").map(({ field }) => field),
  );
  const fields = rules
    .filter((rule) => isOutgoing(rule) && edited.has(rule.field))
    .map(
      (rule) => [rule.field, readLocal(rule, readPath(local, rule.path)).value ?? null] as const,
    );
  return Object.fromEntries(fields);
}

function isOutgoing({ direction }: FieldRule): boolean {
  return direction === "BIDIRECTIONAL" || direction === "WARP_TO_HUBSPOT";
}

/** What becomes of a linked record that HubSpot certainly does not have any more. */
export type GoneVerdict = "kept" | "unlinked" | "deleted" | "waiting";

/** An edit that HubSpot never got makes it a person's decision; otherwise the policy is carried out. */
export function goneVerdict(policy: DeletionPolicy, unsent: FieldValues): GoneVerdict {
  if (Object.keys(unsent).length > 0) return "waiting";
  switch (policy) {
    case "keep":
      return "kept";
    case "unlink":
      return "unlinked";
    case "delete":
      return "deleted";
  }
}

/**
 * What becomes of a record without a link that a plan would create in HubSpot. `held`: people deleted it there, so no sync makes it anew;
 * `waiting`: likewise, and it was edited here since, so that a person decides; `erased`: it must not exist here either.
 */
export type CreateVerdict = "create" | "held" | "waiting" | "erased";

export function createVerdict(stones: readonly StoneFacts[], edited: FieldValues): CreateVerdict {
  if (stones.some(({ reason }) => reason === "erased")) return "erased";
  if (mayCreate(stones)) return "create";
  return Object.keys(edited).length > 0 ? "waiting" : "held";
}

/** One of several local records that are, or are about to be, one HubSpot record. */
export interface Contender {
  readonly id: number;
  /** Whether its key is the HubSpot record's own, not one that came with a merge. */
  readonly hasPrimaryKey: boolean;
  /** Whether it is linked to this very record. */
  readonly isHolder: boolean;
  /** Whether it is linked to a record that was merged into this one. */
  readonly isMerged: boolean;
}

/**
 * Who has the link. After a merge the record with HubSpot's primary key; otherwise the one that has it already keeps it. Always exactly one, whatever the
 * order in which they come.
 */
export function winnerOf(contenders: readonly Contender[]): number | null {
  const isMerge = contenders.some(({ isMerged }) => isMerged);
  const rank = ({ hasPrimaryKey, isHolder, isMerged }: Contender): number => {
    const primary = hasPrimaryKey ? 2 : 0;
    const linked = isHolder ? 1 : 0;
    // A link beats a mere key unless the links were merged.
    return isMerge ? 2 * primary + 2 * linked + (isMerged ? 1 : 0) : primary + 4 * linked;
  };
  const [best] = [...contenders].sort((a, b) => rank(b) - rank(a) || a.id - b.id);
  return best?.id ?? null;
}
