/** What the sync log tells of one field: which decision its value is due to, and who said the value that it holds. */
import { canonical } from "./canonical.ts";
import type { FieldProvenance } from "./contact.ts";
import type { FieldRule } from "./field-map.ts";
import type { CanonicalValue } from "./value-types.ts";

/**
 * An entry of the sync log about a field. `lost` is the value that gave way; the times are those that were compared, `local_by` who set the
 * local value.
 */
export interface StoryDecision {
  readonly at: string;
  readonly action: string;
  readonly outcome: string;
  readonly rule: string;
  readonly before: CanonicalValue;
  readonly after: CanonicalValue;
  readonly lost?: CanonicalValue;
  readonly local_at?: string | null;
  readonly local_by?: string;
  readonly hubspot_at?: string | null;
}

/** Who said a value and when, and since when the log knows of it. */
export interface LoggedWord extends FieldProvenance {
  readonly since: string;
}

/**
 * The decision to tell of a field: the newest entry, or what a person decided where the entries since then only carried that out.
 *
 * @param lines newest first
 */
export function lastDecision(
  rule: Pick<FieldRule, "type">,
  lines: readonly StoryDecision[],
): StoryDecision | undefined {
  const [newest, ...older] = lines;
  if (!newest || !isPlain(newest)) return newest;
  const said = older.find((line) => !isPlain(line) || !isSame(rule, line.after, newest.after));
  return said?.action === "resolve" && isSame(rule, said.after, newest.after) ? said : newest;
}

/** Only one side had moved, as it looks once a resolution has moved the base. What was refused is news whoever decided it. */
function isPlain({ rule, outcome }: StoryDecision): boolean {
  return (
    (rule === "only local moved" || rule === "only HubSpot moved") &&
    outcome !== "rejected" &&
    outcome !== "failed"
  );
}

/** As fields are compared: an address that was set keeps its spelling in the one entry and not in the other. */
function isSame({ type }: Pick<FieldRule, "type">, a: CanonicalValue, b: CanonicalValue): boolean {
  return a === b || canonical(type, a) === canonical(type, b);
}

/**
 * Who said the value that a field holds, by the newest entry that brought it to either side; null when no entry did or it does not tell.
 *
 * @param lines newest first
 * @param value canonical in the local side's form
 */
export function loggedWord(
  lines: readonly StoryDecision[],
  value: CanonicalValue,
): LoggedWord | null {
  const line = lines.find((each) => each.after === value && (isPull(each) || isPush(each)));
  if (!line) return null;
  if (isPull(line)) return { source: "hubspot", at: line.hubspot_at ?? line.at, since: line.at };
  const { local_at, local_by } = line;
  return local_at && local_by ? { source: local_by, at: local_at, since: local_at } : null;
}

function isPull({ action, outcome }: StoryDecision): boolean {
  return action === "pull" && outcome === "done";
}

/** Whatever HubSpot answered: what was to be sent had been said here. */
function isPush({ action }: StoryDecision): boolean {
  return action === "create" || action === "update";
}
