/** Why a record's field holds what it holds: who said it and when, what HubSpot last held, what was decided, and what comes next. */
import type { FieldProvenance } from "./contact.ts";
import { lastDecision, loggedWord, type StoryDecision } from "./field-history.ts";
import { type FieldRule, readPath } from "./field-map.ts";
import { readLocal } from "./rule-values.ts";
import type { CanonicalValue } from "./value-types.ts";

/**
 * How a field stands: `equal` as of the last sync; `changed` here since then; `never-synced` mapped but not agreed on yet; `conflict` waits for a
 * person; `blocked` should travel and may not; `local` not mapped, or mapped to stay out.
 */
export type FieldStanding = "equal" | "changed" | "never-synced" | "conflict" | "blocked" | "local";

/** One field's story. `last_synced` is what both sides held after the last sync (canonical), undefined when they never agreed. */
export interface FieldStory {
  readonly field: string;
  readonly value: unknown;
  readonly source: string;
  readonly at: string;
  readonly hubspot_property: string | null;
  readonly last_synced?: string | null;
  readonly state: FieldStanding;
  readonly why: string;
  readonly conflict?: StoryConflict;
  readonly last_decision?: StoryDecision;
}

/** An open conflict of a field: both values, when each side set its own and who did, why it waits, and what to name when resolving it. */
export interface StoryConflict {
  readonly conflict_id: string;
  readonly version: number;
  readonly reason: "both_changed" | "loop";
  readonly base: CanonicalValue;
  readonly local: CanonicalValue;
  readonly hubspot: CanonicalValue;
  readonly local_at: string | null;
  readonly local_by: string | null;
  readonly hubspot_at: string | null;
  readonly hubspot_by: string | null;
}

/** What is known of a record's fields, by the map's names. */
export interface StoryFacts {
  readonly base: Readonly<Record<string, CanonicalValue>>;
  /** Changes here that no sync has settled. */
  readonly changes: ReadonlyMap<string, FieldProvenance>;
  readonly conflicts: ReadonlyMap<string, StoryConflict>;
  /** What the sync log says of each field, newest first. */
  readonly lines: ReadonlyMap<string, readonly StoryDecision[]>;
  /** HubSpot's id of the record, and since when it is known as far as anything tells; null = not linked. */
  readonly link: { readonly hubspotId: string; readonly at: string | null } | null;
}

/**
 * Whose story it is: the record that the map's paths are read from, and who said the value at a path as far as the record itself tells.
 * `tellsOf`: which writers it names itself, so that a recorded change by one of them says nothing new.
 */
export interface StorySubject {
  readonly record: unknown;
  readonly said: (path: readonly string[]) => FieldProvenance;
  readonly tellsOf: (writer: string) => boolean;
}

/** The stories of the fields that hold a value or ever did, in the map's order, unmapped ones after them. */
export function fieldStories(
  subject: StorySubject,
  rules: readonly FieldRule[],
  facts: StoryFacts,
  unmapped: readonly string[],
): readonly FieldStory[] {
  const mapped = rules.map((rule) => mappedStory(subject, rule, facts));
  const taken = new Set(rules.map((rule) => rule.path.join(".")));
  const rest = unmapped
    .filter((field) => !taken.has(field))
    .map((field) => localStory(subject, field));
  return [...mapped, ...rest].filter(isWorthTelling);
}

function isWorthTelling({ value, last_synced, conflict }: FieldStory): boolean {
  return !isEmpty(value) || !isEmpty(last_synced) || conflict !== undefined;
}

function mappedStory(subject: StorySubject, rule: FieldRule, facts: StoryFacts): FieldStory {
  const value = readPath(subject.record, rule.path) ?? null;
  const said = sourceOf(subject, rule, facts);
  const base = Object.hasOwn(facts.base, rule.field) ? facts.base[rule.field] : undefined;
  const conflict = facts.conflicts.get(rule.field);
  const last_decision = lastDecision(rule, facts.lines.get(rule.field) ?? []);
  const standing = standingOf(rule, value, facts);
  return {
    field: rule.field,
    value,
    ...said,
    hubspot_property: rule.property,
    ...(base === undefined ? {} : { last_synced: base }),
    state: standing.state,
    why: `${sayWho(said)} ${whatNext(standing, rule)}`,
    ...(conflict ? { conflict } : {}),
    ...(last_decision ? { last_decision } : {}),
  };
}

/** The latest of what the record tells of itself, what a trigger recorded, and what the sync log knows of the value. */
function sourceOf(subject: StorySubject, rule: FieldRule, facts: StoryFacts): FieldProvenance {
  const raw = readPath(subject.record, rule.path);
  const { link } = facts;
  const own = subject.said(rule.path);
  if (isTracking(rule) && link && raw === link.hubspotId)
    return { source: OURSELVES, at: link.at ?? own.at };
  const change = facts.changes.get(rule.field);
  const value = readLocal(rule, raw).value ?? null;
  const { source, at } = [
    loggedWord(facts.lines.get(rule.field) ?? [], value),
    change ? { ...change, since: change.at } : null,
  ]
    .filter((word) => word !== null)
    .filter(({ source: writer }) => !subject.tellsOf(writer))
    .reduce((latest, word) => (word.since >= latest.since ? word : latest), {
      ...own,
      since: own.at,
    });
  return { source, at };
}

/** Who sets what no import and no person says. */
export const OURSELVES = "hubspot-sync";

/** HubSpot's id of the record, which every sync keeps here. */
function isTracking({ direction, property }: FieldRule): boolean {
  return direction === "NONE" && property === "hs_object_id";
}

interface Standing {
  readonly state: FieldStanding;
  /** Why it may not travel, or why a person decides; else null. */
  readonly reason: string | null;
}

function standingOf(rule: FieldRule, raw: unknown, { base, conflicts }: StoryFacts): Standing {
  if (rule.direction === "NONE") return { state: "local", reason: null };
  const conflict = conflicts.get(rule.field);
  if (conflict) return { state: "conflict", reason: whyOpen[conflict.reason] };
  const { value = null, problem } = readLocal(rule, raw);
  const noted = notedReason(base[`${rule.field}@blocked`], value);
  if (noted !== null) return { state: "blocked", reason: noted };
  if (isSettled(value, rule, base)) return { state: "equal", reason: null };
  const reason = staysHere(rule, base[rule.field], { value, problem });
  if (reason !== null) return { state: "blocked", reason };
  return { state: Object.hasOwn(base, rule.field) ? "changed" : "never-synced", reason: null };
}

/** The sync notes beside the base what it held back: the reason with both values as JSON. Of another value the note says nothing. */
function notedReason(note: CanonicalValue | undefined, value: CanonicalValue): string | null {
  if (typeof note !== "string" || !note.startsWith("[")) return null;
  const [reason, local]: unknown[] = JSON.parse(note);
  return typeof reason === "string" && local === value ? reason : null;
}

/** What was sent is settled as well where HubSpot keeps it in another form. */
function isSettled(value: CanonicalValue, { field }: FieldRule, base: StoryFacts["base"]): boolean {
  if (!Object.hasOwn(base, field)) return false;
  return value === base[field] || (value !== null && value === base[`${field}@sent`]);
}

/** Why a local value may not leave although the field may; null when nothing keeps it. */
function staysHere(
  rule: FieldRule,
  base: CanonicalValue | undefined,
  local: { readonly value: CanonicalValue; readonly problem: string | null },
): string | null {
  if (rule.direction === "HUBSPOT_TO_WARP") return null;
  if (local.value === null && !rule.clears && !isEmpty(base)) {
    return "clearing does not travel, unless the field map sets propagate_clear";
  }
  return local.problem;
}

function localStory(subject: StorySubject, field: string): FieldStory {
  const said = subject.said([field]);
  return {
    field,
    value: readPath(subject.record, [field]) ?? null,
    ...said,
    hubspot_property: null,
    state: "local",
    why: `${sayWho(said)} It is kept here only: the field map does not send it to HubSpot.`,
  };
}

function sayWho(said: FieldProvenance): string {
  return `Value from ${said.source}, of ${said.at}.`;
}

const whyOpen = {
  both_changed: "HubSpot changed it too and the field map leaves the choice to a person",
  loop: "It kept going to and fro between here and HubSpot, so it is written to neither side until a person decides",
} as const;

function whatNext({ state, reason }: Standing, rule: FieldRule): string {
  switch (state) {
    case "equal":
      return "HubSpot held the same after the last sync.";
    case "local":
      return isTracking(rule)
        ? "It is HubSpot's id of the record, kept here by every sync."
        : "The field map keeps it out of every sync.";
    case "conflict":
      return `${reason}: see conflict, then call resolve-conflict.`;
    case "blocked":
      return `The sync holds it back: ${reason}.`;
    case "never-synced":
      return rule.direction === "HUBSPOT_TO_WARP"
        ? OWNED_BY_HUBSPOT
        : `The next sync settles it by ${rule.strategy}.`;
    case "changed":
      return rule.direction === "HUBSPOT_TO_WARP" ? OWNED_BY_HUBSPOT : willLeave(rule);
  }
}

const OWNED_BY_HUBSPOT = "HubSpot owns this field: the next sync takes HubSpot's value.";

function willLeave({ direction, strategy }: FieldRule): string {
  const changed = "It changed here since the last sync: the next one sends it";
  return direction === "WARP_TO_HUBSPOT"
    ? `${changed}.`
    : `${changed}, or decides by ${strategy} if HubSpot changed it too.`;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === false) return true;
  return Array.isArray(value) && value.length === 0;
}
