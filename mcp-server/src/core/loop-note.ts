/** What is remembered of a field that the loop breaker froze: that it is frozen, and for which values a person was told so. */
import { z } from "zod";
import type { CanonicalValue } from "./value-types.ts";

/** The rule that logs, plans and conflicts name for a field that went to and fro. */
export const LOOP_BREAKER = "LOOP_BREAKER";

/** The values that the field's conflict shows. */
export interface LoopNote {
  readonly local: CanonicalValue;
  readonly remote: CanonicalValue;
}

const noteSchema = z.tuple([z.literal(LOOP_BREAKER), z.string().nullable(), z.string().nullable()]);

/** Reads what the base keeps beside a field in conflict; null when that is no loop's note. */
export function readLoopNote(text: CanonicalValue | undefined): LoopNote | null {
  if (typeof text !== "string" || !text.startsWith(`["${LOOP_BREAKER}"`)) return null;
  const { data } = noteSchema.safeParse(JSON.parse(text));
  return data ? { local: data[1], remote: data[2] } : null;
}
