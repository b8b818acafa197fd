/** Why a contact's field holds what it holds: who said it and when, what HubSpot last held, and what the next sync may do. */
import { canonical } from "./canonical.ts";
import { type Contact, contactTextFields, type FieldProvenance } from "./contact.ts";
import { type FieldRule, readPath } from "./field-map.ts";
import type { CanonicalValue } from "./value-types.ts";

/**
 * One field's story. `last_synced` is what both sides held after the last sync (canonical), undefined when they never agreed.
 * `state`: `equal` as of the last sync; `changed` here since then; `never-synced` mapped but not agreed on yet; `local` not mapped, or mapped to stay out.
 */
export interface FieldStory {
  readonly field: string;
  readonly value: unknown;
  readonly source: string;
  readonly at: string;
  readonly hubspot_property: string | null;
  readonly last_synced?: string | null;
  readonly state: "equal" | "changed" | "never-synced" | "local";
  readonly why: string;
}

/** The stories of the fields that hold a value or ever did, in the map's order, unmapped ones after them. */
export function fieldStories(
  contact: Contact,
  rules: readonly FieldRule[],
  base: Readonly<Record<string, CanonicalValue>>,
  unmapped: readonly string[],
): readonly FieldStory[] {
  const mapped = rules.map((rule) => mappedStory(contact, rule, base[rule.field]));
  const taken = new Set(rules.map((rule) => rule.path.join(".")));
  const rest = unmapped
    .filter((field) => !taken.has(field))
    .map((field) => localStory(contact, field));
  return [...mapped, ...rest].filter(
    (story) => !isEmpty(story.value) || !isEmpty(story.last_synced),
  );
}

function mappedStory(
  contact: Contact,
  rule: FieldRule,
  base: CanonicalValue | undefined,
): FieldStory {
  const value = readPath(contact, rule.path) ?? null;
  const said = provenanceOf(contact, rule.path[0] ?? rule.field);
  const state =
    rule.direction === "NONE" ? "local" : stateOf(canonical(rule.type, value) ?? null, base);
  return {
    field: rule.field,
    value,
    ...said,
    hubspot_property: rule.property,
    ...(base === undefined ? {} : { last_synced: base }),
    state,
    why: `${sayWho(said)} ${whatNext(state, rule)}`,
  };
}

function localStory(contact: Contact, field: string): FieldStory {
  const said = provenanceOf(contact, field);
  return {
    field,
    value: readPath(contact, [field]) ?? null,
    ...said,
    hubspot_property: null,
    state: "local",
    why: `${sayWho(said)} It is kept here only: the field map does not send it to HubSpot.`,
  };
}

// What an import can say; the rest (score, times, generated text) is worked out here.
const saidByImport: ReadonlySet<string> = new Set([
  "email",
  ...contactTextFields,
  "custom",
  "email_status",
  "engagement_state",
  "unsubscribed",
]);
const OURSELVES = "hubspot-sync";

function provenanceOf(contact: Contact, field: string): FieldProvenance {
  const own = Object.hasOwn(contact.provenance, field) ? contact.provenance[field] : undefined;
  if (own) return own;
  if (saidByImport.has(field)) return { source: contact.source, at: contact.imported_at };
  return { source: OURSELVES, at: contact.enriched_at ?? contact.updated_at };
}

function stateOf(
  local: CanonicalValue,
  base: CanonicalValue | undefined,
): "equal" | "changed" | "never-synced" {
  if (base === undefined) return "never-synced";
  return local === base ? "equal" : "changed";
}

function sayWho(said: FieldProvenance): string {
  return `Value from ${said.source}, of ${said.at}.`;
}

function whatNext(state: FieldStory["state"], rule: FieldRule): string {
  if (state === "equal") return "HubSpot held the same after the last sync.";
  if (state === "local") return "The field map keeps it out of every sync.";
  if (rule.direction === "HUBSPOT_TO_WARP") {
    return "HubSpot owns this field: the next sync takes HubSpot's value.";
  }
  if (state === "never-synced") return `The next sync settles it by ${rule.strategy}.`;
  return `It changed here since the last sync: the next one sends it, or decides by ${rule.strategy} if HubSpot changed it too.`;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === false) return true;
  return Array.isArray(value) && value.length === 0;
}
