/** A conflict as tools show it: both values with their times, cleaned and cut to a length that can be read. */
import { z } from "zod";
import type { Conflict } from "../ports/conflict-store.ts";
import { type KnownRecord, recordKey } from "./conflict-records.ts";
import { shownText } from "./shown-text.ts";

export const recordSchema = z.object({
  id: z.number(),
  label: z.string(),
  email: z.string().optional(),
  ban: z.string().optional(),
  hubspot_id: z.string().nullable(),
});

const value = z.string().nullable();

export const conflictSchema = z.object({
  conflict_id: z.string(),
  version: z.number().describe("Name it when you resolve"),
  object: z.string(),
  record: recordSchema,
  field: z.string(),
  base: value.describe("What both sides held last"),
  local: value,
  hubspot: value,
  local_at: value,
  local_by: value,
  hubspot_at: value,
  hubspot_by: value,
  reason: z.string(),
  history: z.array(z.looseObject({})).optional().describe("Of a loop, oldest first"),
  status: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  resolution: value.optional(),
  note: value.optional(),
  resolved_by: value.optional(),
  closed_at: value.optional(),
});
export type ConflictView = z.infer<typeof conflictSchema>;

/** How long values may be in an answer, from generous to meagre: the first that fits is taken. */
export const valueLengths = [600, 200, 60] as const;

/** A conflict with its record. Who resolved it and how is told once it is no longer open. */
export function viewConflict(
  conflict: Conflict,
  record: KnownRecord | undefined,
  maxChars: number = valueLengths[0],
): ConflictView {
  const { conflict_id, version, object, field, reason, status } = conflict;
  const { created_at, updated_at } = conflict;
  return {
    conflict_id: String(conflict_id),
    version,
    object,
    record: viewRecord(conflict, record),
    field,
    ...viewValues(conflict, maxChars),
    reason,
    ...(conflict.history ? { history: viewHistory(conflict.history, maxChars) } : {}),
    status,
    created_at,
    updated_at,
    ...(status === "open" ? {} : viewEnd(conflict)),
  };
}

/** The values of both sides with who set them when. */
export function viewValues(conflict: Conflict, maxChars: number) {
  const { base, local, hubspot, local_at, local_by, hubspot_at, hubspot_by } = conflict;
  return {
    base: shownValue(base, maxChars),
    local: shownValue(local, maxChars),
    hubspot: shownValue(hubspot, maxChars),
    local_at,
    local_by: shownValue(local_by, maxChars),
    hubspot_at,
    hubspot_by: shownValue(hubspot_by, maxChars),
  };
}

// Up to ten values tell who fights whom; their beginnings do.
const HISTORY_CHARS = 120;

function viewHistory(history: NonNullable<Conflict["history"]>, maxChars: number) {
  const length = Math.min(maxChars, HISTORY_CHARS);
  return history.map(({ at, side, value: said, by }) => ({
    at,
    side,
    value: shownValue(said, length),
    by: shownValue(by, length),
  }));
}

/** The record of a conflict; one that is gone keeps its id. */
export function viewRecord(
  conflict: Pick<Conflict, "local_id">,
  record: KnownRecord | undefined,
): z.infer<typeof recordSchema> {
  return {
    id: conflict.local_id,
    label: record?.label ?? "(no longer stored)",
    ...(record ? { [record.object === "contacts" ? "email" : "ban"]: recordKey(record) } : {}),
    hubspot_id: record?.hubspotId ?? null,
  };
}

function viewEnd({ resolution, note, resolved_by, closed_at }: Conflict) {
  return { resolution, note: shownValue(note, valueLengths[0]), resolved_by, closed_at };
}

/** A value that may be empty (null), cleaned and visibly shortened. */
export function shownValue(text: string | null, maxChars: number): string | null {
  return text === null ? null : shownText(text, maxChars);
}
